// The signed image: MCUboot's format, read and written.
//
//   header 32 B, padded to header_size | payload | protected TLVs | TLVs
//
// The SHA-256 and the ES256 signature cover everything up to and including the
// protected TLVs. What imgtool signs with `--public-key-format full` is read
// here, and what is written here imgtool verifies. README.md has the rules.
#pragma once

#include <compare>
#include <optional>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/crypto/p256.h"

namespace cai::image {

constexpr std::uint32_t kMagic = 0x96f3b83d;
constexpr std::size_t kHeaderFields = 32;
constexpr std::size_t kHeaderSize = 0x400;  // ours: keeps vectors aligned

struct Version {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  std::uint16_t revision = 0;
  std::uint32_t build = 0;
  friend auto operator<=>(const Version&, const Version&) = default;
};
// "255.255.65535+4294967295"
constexpr std::size_t kVersionText = 24;

enum Flag : std::uint32_t {
  kFlagNonBootable = 0x10,
  kFlagRamLoad = 0x20,
};

enum class Tlv : std::uint16_t {
  kKeyHash = 0x01,    // SHA-256 of the key's DER SubjectPublicKeyInfo
  kPublicKey = 0x02,  // that SubjectPublicKeyInfo
  kSha256 = 0x10,
  kEcdsa = 0x22,       // DER Ecdsa-Sig-Value over the SHA-256
  kDependency = 0x40,  // protected, as the next two
  kSecurityCounter = 0x50,
  kBootRecord = 0x60,
};

struct Header {
  std::uint32_t load_address = 0;
  std::uint16_t header_size = kHeaderSize;
  std::uint16_t protected_size = 0;
  std::uint32_t payload_size = 0;
  std::uint32_t flags = kFlagRamLoad;
  Version version;
};

// The image runs only beside image `image` of at least version `minimum`; the
// build number counts too. An image that this device does not have is never
// there.
constexpr std::uint32_t kSecureImage = 0;
constexpr std::uint32_t kNonSecureImage = 1;
struct Dependency {
  std::uint8_t image = 0;
  Version minimum;
  friend bool operator==(const Dependency&, const Dependency&) = default;
};

constexpr std::size_t kMaxDependencies = 4;
constexpr std::size_t kMaxBootRecord = 256;

// DER SubjectPublicKeyInfo of a P-256 key has one form and one size.
using PublicKeyInfo = ByteArray<91>;
PublicKeyInfo EncodePublicKey(const crypto::P256Public& key);
Result<crypto::P256Public> DecodePublicKey(Bytes info);

// DER Ecdsa-Sig-Value <-> r || s. The decoder takes nothing but DER.
constexpr std::size_t kMaxEcdsaDer = 72;
Result<Bytes> EncodeSignature(const crypto::Signature& signature,
                              MutableBytes out);
Result<crypto::Signature> DecodeSignature(Bytes der);

// Where the parts lie in the bytes that were parsed; lives as long as these.
struct Image {
  Header header;
  Bytes signed_part;  // header, payload and protected TLVs
  Bytes payload;
  std::span<const std::byte, 32> hash;  // as the TLV says
  Bytes key_hash;                       // 32 bytes or empty
  Bytes public_key;                     // DER or empty
  Bytes signature;                      // DER
  std::optional<std::uint32_t> security_counter;
  std::array<Dependency, kMaxDependencies> dependency_list;
  std::size_t dependency_count;
  Bytes boot_record;  // CBOR, or empty
  std::size_t size;   // all of it; a slot may go on behind

  std::span<const Dependency> dependencies() const {
    return std::span(dependency_list).first(dependency_count);
  }
};

// Finds the parts and checks their form, no hash and no signature. Never reads
// outside `slot`. An erased slot is kImageMagic.
Result<Image> Parse(Bytes slot);

// For a file, where nothing may follow.
Result<Image> ParseWhole(Bytes file);

// The payload's hash equals the TLV.
Status CheckHash(const Image& image);

// The signature verifies under `key`; assumes that CheckHash passed.
Status CheckSignature(const Image& image, const crypto::P256Public& key);

struct Fields {
  std::uint32_t load_address = 0;
  std::uint32_t flags = kFlagRamLoad;
  Version version;
  std::uint32_t security_counter = 0;
  std::span<const Dependency> dependencies = {};  // at most kMaxDependencies
  Bytes boot_record = {};                         // at most kMaxBootRecord
};

// Bytes that Sign() needs at most.
std::size_t MaxSize(const Fields& fields, std::size_t payload_size);

// Writes the image of `payload`, signed by `key` whose public half goes into
// the image. kImageNoRoom if it does not fit.
Result<Bytes> Sign(const Fields& fields, Bytes payload, crypto::P256Private key,
                   MutableBytes out);

}  // namespace cai::image
