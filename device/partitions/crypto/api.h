// What crosses a call to the crypto partition (Sid::kCrypto): the PSA Crypto
// functions, one operation and one fixed-size request each. in[0] is the
// request, in[1] and in[2] the variable inputs, out[0] the result.
//
// A key belongs to the client that made it; no client can name another's key,
// whatever number it sends. Operation handles are 0 when free, as in FF-M
// implementations of PSA Crypto. Errors are psa_status_t of PSA Crypto 1.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace cai::crypto_api {

enum class Op : std::int32_t {
  kRandom = 0,             // -; out0: as many bytes as offered
  kHashCompute = 1,        // AlgorithmRequest, data; out0: hash
  kHashSetup = 2,          // AlgorithmRequest; out0: u32 handle
  kHashUpdate = 3,         // HandleRequest, data
  kHashFinish = 4,         // HandleRequest; out0: hash; the handle is then free
  kHashAbort = 5,          // HandleRequest
  kHashClone = 6,          // HandleRequest; out0: u32 handle
  kImportKey = 7,          // KeyAttributes, key; out0: u32 key
  kGenerateKey = 8,        // KeyAttributes; out0: u32 key
  kCopyKey = 9,            // CopyRequest; out0: u32 key
  kDestroyKey = 10,        // KeyRequest
  kExportKey = 11,         // KeyRequest; out0: key
  kExportPublicKey = 12,   // KeyRequest; out0: key
  kGetKeyAttributes = 13,  // KeyRequest; out0: KeyAttributes
  kSignHash = 14,          // KeyRequest, hash; out0: signature
  kVerifyHash = 15,        // KeyRequest, hash, signature
  kMacCompute = 16,        // KeyRequest, data; out0: mac
  kMacVerify = 17,         // KeyRequest, data, mac
  kAeadEncrypt = 18,       // AeadRequest, aad, plaintext; out0: ciphertext
  kAeadDecrypt = 19,       // AeadRequest, aad, ciphertext; out0: plaintext
  kRawKeyAgreement = 20,   // KeyRequest, peer; out0: shared secret
  kDerivationSetup = 21,   // AlgorithmRequest; out0: u32 handle
  kDerivationSetCapacity = 22,   // CapacityRequest
  kDerivationInputBytes = 23,    // StepRequest, data
  kDerivationInputKey = 24,      // StepRequest
  kDerivationKeyAgreement = 25,  // StepRequest, peer
  kDerivationOutputBytes = 26,   // HandleRequest; out0: as many as offered
  kDerivationOutputKey = 27,     // OutputKeyRequest; out0: u32 key
  kDerivationAbort = 28,         // HandleRequest
  kDerivationGetCapacity = 29,   // HandleRequest; out0: u32
  kPurgeKey = 30,                // KeyRequest
  kSignMessage = 31,             // KeyRequest, message; out0: signature
  kVerifyMessage = 32,           // KeyRequest, message, signature
  kMacSetup = 33,                // SetupRequest; out0: u32 handle
  kMacUpdate = 34,               // HandleRequest, data
  kMacSignFinish = 35,      // HandleRequest; out0: mac; the handle is then free
  kMacVerifyFinish = 36,    // HandleRequest, mac; the handle is then free
  kMacAbort = 37,           // HandleRequest
  kAeadSetup = 38,          // SetupRequest; out0: u32 handle
  kAeadSetLengths = 39,     // LengthsRequest
  kAeadSetNonce = 40,       // HandleRequest, nonce
  kAeadGenerateNonce = 41,  // HandleRequest; out0: nonce
  kAeadUpdateAd = 42,       // HandleRequest, aad
  kAeadUpdate = 43,         // HandleRequest, data; out0: as much
  kAeadFinish = 44,         // HandleRequest; out0: tag; the handle is then free
  kAeadVerify = 45,         // HandleRequest, tag; the handle is then free
  kAeadAbort = 46,          // HandleRequest
  kDerivationVerifyBytes = 47,  // HandleRequest, expected
  kDerivationVerifyKey = 48,    // StepRequest (its key)

  // P-256 in one call (lib/crypto/p256.h), for secure partitions alone.
  kP256Verify = 64,      // P256VerifyRequest
  kP256CheckPoint = 65,  // 64 B x || y
  kP256Ecdh = 66,        // P256EcdhRequest; out0: 32 B
  kP256Import = 67,      // 32 B scalar; out0: u32 key (sign and ECDH)
};

// In the request of a one-shot AEAD; longer ones go by kAeadSetNonce.
constexpr std::size_t kMaxNonce = 16;

// Of variable data in one call, in and out: what the partition's vector areas
// (device/images/partitions.toml) hold beside a request.
constexpr std::size_t kMaxData = 2048;

struct AlgorithmRequest {
  std::uint32_t algorithm;
};
struct HandleRequest {
  std::uint32_t handle;
};
struct KeyRequest {
  std::uint32_t key;
  std::uint32_t algorithm;  // 0 where the operation takes none
};
// psa_key_attributes_t without its library's layout. `key` is 0 for a volatile
// key; persistent keys are the NSPE's (README.md).
struct KeyAttributes {
  std::uint32_t type;
  std::uint32_t bits;
  std::uint32_t lifetime;
  std::uint32_t usage;
  std::uint32_t algorithm;
  std::uint32_t key;
};
struct CopyRequest {
  std::uint32_t source;
  KeyAttributes attributes;
};
struct AeadRequest {
  std::uint32_t key;
  std::uint32_t algorithm;
  std::uint32_t nonce_size;
  std::uint8_t nonce[kMaxNonce];
};
enum class Direction : std::uint32_t { kForward = 0, kBackward = 1 };
struct SetupRequest {
  std::uint32_t key;
  std::uint32_t algorithm;
  Direction direction;  // sign or encrypt; verify or decrypt
};
struct LengthsRequest {
  std::uint32_t handle;
  std::uint32_t aad_size;
  std::uint32_t plaintext_size;
};
struct CapacityRequest {
  std::uint32_t handle;
  std::uint32_t capacity;
};
struct StepRequest {
  std::uint32_t handle;
  std::uint32_t step;
  std::uint32_t key;  // 0 where the operation takes none
};
struct OutputKeyRequest {
  std::uint32_t handle;
  KeyAttributes attributes;
};
struct P256VerifyRequest {
  std::uint8_t key[64];
  std::uint8_t hash[32];
  std::uint8_t signature[64];
};
struct P256EcdhRequest {
  std::uint32_t key;
  std::uint8_t peer[64];
};

static_assert(sizeof(AlgorithmRequest) == 4);
static_assert(sizeof(HandleRequest) == 4);
static_assert(sizeof(KeyRequest) == 8);
static_assert(sizeof(KeyAttributes) == 24);
static_assert(sizeof(CopyRequest) == 28);
static_assert(sizeof(AeadRequest) == 28);
static_assert(sizeof(SetupRequest) == 12);
static_assert(sizeof(LengthsRequest) == 12);
static_assert(sizeof(CapacityRequest) == 8);
static_assert(sizeof(StepRequest) == 12);
static_assert(sizeof(OutputKeyRequest) == 28);
static_assert(sizeof(P256VerifyRequest) == 160);
static_assert(sizeof(P256EcdhRequest) == 68);
static_assert(std::has_unique_object_representations_v<AeadRequest>);
static_assert(std::has_unique_object_representations_v<OutputKeyRequest>);

}  // namespace cai::crypto_api
