// A device on the host for tests of boot: OTP page, slots, RAM, and images
// signed on the spot.
#pragma once

#include <string>
#include <vector>

#include "device/boot/boot.h"
#include "device/nv/otp.h"
#include "lib/crypto/hash.h"
#include "lib/image/image.h"

namespace cai::boot::testing {

struct Noted {
  Step step;
  std::uint32_t detail;
  Error error;
};
std::vector<Noted>& Notes();

// A key pair that `number` determines.
class Key {
 public:
  explicit Key(int number);
  ~Key() { crypto::Release(private_); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  crypto::P256Private get() const { return private_; }
  crypto::Digest hash() const;  // of the DER SubjectPublicKeyInfo

 private:
  crypto::P256Private private_;
};

// What stands in a slot's trailer.
enum class Mark { kNone, kTest, kTried, kConfirmed };

class Device {
 public:
  static constexpr std::uint32_t kSecureLink = 0x10020000;
  static constexpr std::uint32_t kNonSecureLink = 0x00200000;

  Device();

  // A new page and a new seed, as the loader puts them at every start.
  void PowerOn();
  Result<std::uint32_t> Boot();

  static image::Fields SecureFields(image::Version version);
  static image::Fields NonSecureFields(image::Version version);
  static std::vector<std::byte> Signed(const image::Fields& fields,
                                       const Key& key, int fill = 0x42);
  // Erases the slot and writes both; the running system's part in Confirm().
  static void Install(const nv::Region& slot, Bytes image,
                      Mark mark = Mark::kConfirmed);
  static Status Confirm(const nv::Region& slot);
  void InstallBoth();  // 1.0.0 of both, slot A

  // The first bytes of the payloads that run.
  int running_secure() const { return PayloadOf(secure_ram_); }
  int running_nonsecure() const { return PayloadOf(nonsecure_ram_); }

  Error RefusalOf(std::uint32_t which, std::uint32_t slot) const;

  const Handoff& handoff() const { return handoff_; }
  Bytes otp_page() const { return page_; }
  Bytes seed() const { return seed_; }
  Bytes secure_ram() const { return secure_ram_; }
  Bytes nonsecure_ram() const { return nonsecure_ram_; }

  ByteArray<32> huk{};
  Key secure_key{1};
  Key nonsecure_key{2};
  Key second_key{3};  // of S images too
  Key debug_key{4};   // of both
  bool damage_otp = false;

 private:
  static int PayloadOf(Bytes ram) {
    return std::to_integer<int>(ram[image::kHeaderSize]);
  }

  std::vector<std::byte> secure_ram_;
  std::vector<std::byte> nonsecure_ram_;
  ByteArray<otp::kPageSize> page_;
  ByteArray<otp::kSeedSize> seed_;
  ByteArray<100> code_{};
  Handoff handoff_{};
};

}  // namespace cai::boot::testing
