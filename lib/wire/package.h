// A model on its way to a device: `package` and `grant` in package.cddl. The
// owner encrypts a model once, and grants it to one device at a time.
//
// Owner:  MakePackage, then MakeGrant for each device.
// Device: PackageOpener, whose steps have one order:
//   Verify    owner, signature, target
//   Admit     security counter
//   Unlock    the grant: the content key, for this device and this package
//   Decrypt   into secure memory, and its SHA-256: what may be run and measured
#pragma once

#include <span>
#include <string_view>

#include "lib/cose/encrypt.h"
#include "lib/wire/own_header.h"
#include "lib/wire/types.h"

namespace cai::wire {

// What the owner signs of a model. Texts are views: of the package, or of what
// the caller wants written.
struct ModelManifest {
  static constexpr std::int64_t kLabel = -65610;
  static constexpr std::size_t kMaxName = 24;  // of name and of version
  static constexpr std::size_t kMaxTarget = 16;
  static constexpr std::size_t kMaxLength = std::size_t{1} << 20;
  // Protected header of the signed manifest.
  static constexpr std::size_t kMaxEncoded =
      OwnHeaderSize(8) + 1 + 2 * (2 + kMaxName) + 5 + 34 + (1 + kMaxTarget) + 5;

  std::string_view name;     // 1..24 bytes
  std::string_view version;  // 1..24 bytes
  // Not the version: an old model is released again by a higher counter.
  std::uint32_t security_counter = 0;
  crypto::Digest sha256{};   // of the model as it runs
  std::string_view target;   // 1..16 bytes: the board it is made for
  std::uint32_t length = 0;  // of the model, 1..kMaxLength
};

// ---- Owner ------------------------------------------------------------------

// What surrounds the model's bytes.
constexpr std::size_t kPackageOverhead =
    1 + cose::kEncodedKeySize +
    (2 + 1 + 1 + (2 + ModelManifest::kMaxEncoded) + 1 + (2 + 32) + (2 + 64)) +
    (5 + 1 + 1 + (1 + 3) + (1 + 1 + 13) + 5 + crypto::kTagSize);

// Encrypts `model` under `cek`, which must be fresh: one key, one package.
// Digest and length in `manifest` are taken from `model`. kWireMalformed if a
// text is too long or empty, kWireTooLarge, kCborNoRoom.
Result<Bytes> MakePackage(ModelManifest manifest, Bytes model,
                          crypto::P256Private owner,
                          const crypto::P256Public& owner_public,
                          const cose::Cek& cek, MutableBytes out);

// Views into the bytes; nothing is verified.
struct Package {
  crypto::P256Public owner;
  Bytes manifest_message;  // the signed manifest
  Bytes protected_header;  // of it
  ModelManifest manifest;
  crypto::Digest id{};  // SHA-256(protected_header): what a grant is for
  Bytes body;           // the COSE_Encrypt0, whole
  Bytes ciphertext;     // in it
};
Result<Package> ParsePackage(Bytes in);
// The same bytes again.
Result<Bytes> EncodePackage(const Package& package, MutableBytes out);

// Wraps the content key for the device whose model-kek and UEID these are;
// `ephemeral` is fresh. Nothing secret stays behind.
Result<Bytes> MakeGrant(const Package& package, const cose::Cek& cek,
                        const crypto::P256Public& model_kek, const Ueid& ueid,
                        crypto::P256Private ephemeral, MutableBytes out);
constexpr std::size_t kGrantSize = cose::Recipient::kEncoded;
Result<cose::Recipient> ParseGrant(Bytes in);

// ---- Device -----------------------------------------------------------------

// The device's own names and key.
struct GrantHolder {
  Ueid ueid{};
  crypto::P256Private model_kek;
  crypto::P256Public model_kek_public;
};

// One package at a time. A step that fails wipes the content key and ends it:
// every later one is kWireOutOfOrder, until Verify() begins anew. The package's
// bytes must stay as they were verified, out of reach of others; `manifest()`
// points into them.
class PackageOpener {
 public:
  // kWireWrongOwner unless SHA-256(x || y) of the package's owner is one of
  // `owners` (zeros match nothing); a reason of COSE; kWireWrongTarget.
  Status Verify(Bytes package, std::span<const ByteArray<32>> owners,
                std::string_view target);

  // kWireOldModel below `floor`, the owner's counter in OTP. The caller raises
  // it to manifest().security_counter after Decrypt() and before the model
  // runs.
  Status Admit(std::uint32_t floor);

  // kCoseNoRecipient if the grant is for another key, kCryptoBadTag if it is
  // for another device, owner or package.
  Status Unlock(Bytes grant, const GrantHolder& holder);

  // The model, in `out`, which needs manifest().length bytes. kCryptoBadTag,
  // kWireWrongModel; `out` is then wiped.
  Result<Bytes> Decrypt(MutableBytes out);

  // From Verify() on.
  const ModelManifest& manifest() const { return package_.manifest; }

 private:
  enum class Step : std::uint8_t { kNone, kVerified, kAdmitted, kUnlocked };
  Status Take(Step expected);

  Step step_ = Step::kNone;
  Package package_;
  cose::Cek cek_;
};

}  // namespace cai::wire
