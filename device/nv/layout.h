// Where things lie in the emulated flash ("NV") and in OTP: one header for
// boot, SPE, `cai` and tests (device.md 1.8 and 2).
#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/base/bytes.h"

namespace cai::nv {

constexpr std::uint32_t kSectorSize = 4096;  // erase unit, to 0xFF
constexpr std::uint32_t kProgramUnit = 8;    // alignment of a program operation
constexpr std::uint32_t kProgramMax = 256;   // most bytes in one operation
constexpr std::uint32_t kSize = 16u << 20;

struct Region {
  std::uint32_t offset;
  std::uint32_t size;
};

constexpr Region kOtpState{0x000000, 0x20000};  // one-way: never erased
constexpr Region kIts{0x020000, 0x20000};
constexpr Region kPs{0x040000, 0x40000};
constexpr Region kConfig{0x080000, 0x10000};  // signed configuration object
constexpr Region kCarry{0x090000, 0x10000};   // entropy carried forward
constexpr Region kCrashLog{0x0A0000, 0x60000};
constexpr Region kSecureSlotA{0x100000, 0x100000};
constexpr Region kSecureSlotB{0x200000, 0x100000};
constexpr Region kNonSecureSlotA{0x300000, 0x200000};
constexpr Region kNonSecureSlotB{0x500000, 0x200000};
constexpr Region kModelSlotA{0x700000, 0x100000};
constexpr Region kModelSlotB{0x800000, 0x100000};

// The last sector of each image slot, where its trailer stands.
constexpr Region TrailerOf(const Region& slot) {
  return {slot.offset + slot.size - kSectorSize, kSectorSize};
}
constexpr Region kSecureTrailerA = TrailerOf(kSecureSlotA);
constexpr Region kSecureTrailerB = TrailerOf(kSecureSlotB);
constexpr Region kNonSecureTrailerA = TrailerOf(kNonSecureSlotA);
constexpr Region kNonSecureTrailerB = TrailerOf(kNonSecureSlotB);

// OTP counters inside kOtpState (few, monotonic, never rolled back by a
// restored flash of another region).
enum class Counter : std::uint8_t {
  kBoot = 0,  // b: bumped by boot before anything random is used
  kKeyGeneration = 1,
  kServiceGeneration = 2,  // svc_gen_min
  kSecureImage = 3,        // security counter of the S image
  kNonSecureImage = 4,
  kItsVersion = 5,  // of the newest state of each store, to notice an older
  kReading = 6,     // first range of 1024 reading numbers that is still free
  kModelOwner = 7,
  kLifecycle = 8,  // lifecycle.h
  kPsVersion = 9,
  kSecureKeysRevoked = 10,  // bit n: key n of that list in OTP counts no more
  kNonSecureKeysRevoked = 11,
  kCount = 12,
};

// What the versions of the two stores can count to.
constexpr std::uint32_t kItsVersions = 65'536;
constexpr std::uint32_t kPsVersions = 131'072;

}  // namespace cai::nv

namespace cai::otp {

// otp.bin, made once by `cai device make`, 4096 bytes: a deterministic CBOR map
// padded with 0xFF, preceded by its length (u16 big endian) and SHA-256.
// Read-only on the device; the boot loader wipes the HUK from memory after use.
constexpr std::size_t kPageSize = 4096;
constexpr std::size_t kSeedOffset = 0x1000;  // the per-start entropy seed
constexpr std::size_t kSeedSize = 64;

enum class Label : std::int64_t {
  kHuk = 1,                 // bstr 32
  kImplementationId = 2,    // bstr 32
  kSecureImageKeys = 3,     // [+ bstr 32]: SHA-256 of DER SubjectPublicKeyInfo
  kNonSecureImageKeys = 4,  // the same
  kServiceRoots = 5,        // [1*2 bstr 32]: SHA-256 of x || y (P256Public)
  kModelOwners = 6,         // [* bstr 32]: SHA-256 of x || y
  kDebugKeys = 7,  // as 3, for images of both worlds; left out if there is none
};

}  // namespace cai::otp
