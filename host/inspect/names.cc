#include "host/inspect/names.h"

#include <cstddef>
#include <span>

namespace cai::inspect {
namespace {

struct Name {
  std::int64_t number;
  std::string_view text;
};

std::string_view Find(std::span<const Name> names, std::int64_t number) {
  for (const Name& name : names)
    if (name.number == number) return name.text;
  return {};
}

constexpr Name kHeaders[] = {
    {1, "alg"},
    {2, "crit"},
    {3, "content type"},
    {4, "kid"},
    {5, "IV"},
    {6, "Partial IV"},
    {7, "countersignature (v1)"},
    {9, "CounterSignature0 (v1)"},
    {10, "kid context"},
    {11, "countersignature (v2)"},
    {12, "Countersignature0 (v2)"},
    {13, "kcwt"},
    {14, "kccs"},
    {15, "CWT claims"},
    {16, "typ"},
    {32, "x5bag"},
    {33, "x5chain"},
    {34, "x5t"},
    {35, "x5u"},
    {-65537, "session id (flow tool)"},
    {-65601, "session (cai)"},
    {-65610, "model package (cai)"},
};

// -4 and -5 are draft-ietf-cose-hpke's, where they are assumed.
constexpr Name kRecipientHeaders[] = {
    {-1, "ephemeral key"},    {-2, "static key"},    {-3, "static key id"},
    {-4, "ek (HPKE)"},        {-5, "psk_id (HPKE)"}, {-20, "salt"},
    {-21, "PartyU identity"}, {-22, "PartyU nonce"}, {-23, "PartyU other"},
    {-24, "PartyV identity"}, {-25, "PartyV nonce"}, {-26, "PartyV other"},
    {-27, "x5t-sender"},      {-28, "x5u-sender"},   {-29, "x5chain-sender"},
};

struct Algorithm {
  std::int64_t number;
  std::string_view text;
  Role role;
  Sizes sizes = {};
};

constexpr Sizes Output(std::size_t bytes) { return {.output = bytes}; }
constexpr Sizes Cipher(std::size_t iv, std::size_t tag) {
  return {.iv = iv, .tag = tag};
}

// 35 to 53 are draft-ietf-cose-hpke's, where they are assumed.
constexpr Algorithm kAlgorithms[] = {
    {-7, "ES256", Role::kSignature, Output(64)},
    {-35, "ES384", Role::kSignature, Output(96)},
    {-36, "ES512", Role::kSignature, Output(132)},
    {-47, "ES256K", Role::kSignature, Output(64)},
    {-8, "EdDSA", Role::kSignature},
    {-9, "ESP256", Role::kSignature, Output(64)},
    {-19, "Ed25519", Role::kSignature, Output(64)},
    {-51, "ESP384", Role::kSignature, Output(96)},
    {-52, "ESP512", Role::kSignature, Output(132)},
    {-53, "Ed448", Role::kSignature, Output(114)},
    {-37, "PS256", Role::kSignature},
    {-38, "PS384", Role::kSignature},
    {-39, "PS512", Role::kSignature},
    {-257, "RS256", Role::kSignature},
    {-258, "RS384", Role::kSignature},
    {-259, "RS512", Role::kSignature},
    {-46, "HSS-LMS", Role::kSignature},
    {-48, "ML-DSA-44", Role::kSignature, Output(2420)},
    {-49, "ML-DSA-65", Role::kSignature, Output(3309)},
    {-50, "ML-DSA-87", Role::kSignature, Output(4627)},
    {4, "HMAC 256/64", Role::kMac, Output(8)},
    {5, "HMAC 256/256", Role::kMac, Output(32)},
    {6, "HMAC 384/384", Role::kMac, Output(48)},
    {7, "HMAC 512/512", Role::kMac, Output(64)},
    {14, "AES-MAC 128/64", Role::kMac, Output(8)},
    {15, "AES-MAC 256/64", Role::kMac, Output(8)},
    {25, "AES-MAC 128/128", Role::kMac, Output(16)},
    {26, "AES-MAC 256/128", Role::kMac, Output(16)},
    {1, "A128GCM", Role::kAead, Cipher(12, 16)},
    {2, "A192GCM", Role::kAead, Cipher(12, 16)},
    {3, "A256GCM", Role::kAead, Cipher(12, 16)},
    {10, "AES-CCM-16-64-128", Role::kAead, Cipher(13, 8)},
    {11, "AES-CCM-16-64-256", Role::kAead, Cipher(13, 8)},
    {12, "AES-CCM-64-64-128", Role::kAead, Cipher(7, 8)},
    {13, "AES-CCM-64-64-256", Role::kAead, Cipher(7, 8)},
    {30, "AES-CCM-16-128-128", Role::kAead, Cipher(13, 16)},
    {31, "AES-CCM-16-128-256", Role::kAead, Cipher(13, 16)},
    {32, "AES-CCM-64-128-128", Role::kAead, Cipher(7, 16)},
    {33, "AES-CCM-64-128-256", Role::kAead, Cipher(7, 16)},
    {24, "ChaCha20/Poly1305", Role::kAead, Cipher(12, 16)},
    {35, "HPKE-0", Role::kAead, Cipher(0, 16)},
    {37, "HPKE-1", Role::kAead, Cipher(0, 16)},
    {39, "HPKE-2", Role::kAead, Cipher(0, 16)},
    {41, "HPKE-3", Role::kAead, Cipher(0, 16)},
    {42, "HPKE-4", Role::kAead, Cipher(0, 16)},
    {43, "HPKE-5", Role::kAead, Cipher(0, 16)},
    {44, "HPKE-6", Role::kAead, Cipher(0, 16)},
    {45, "HPKE-7", Role::kAead, Cipher(0, 16)},
    {46, "HPKE-0-KE", Role::kRecipient},
    {47, "HPKE-1-KE", Role::kRecipient},
    {48, "HPKE-2-KE", Role::kRecipient},
    {49, "HPKE-3-KE", Role::kRecipient},
    {50, "HPKE-4-KE", Role::kRecipient},
    {51, "HPKE-5-KE", Role::kRecipient},
    {52, "HPKE-6-KE", Role::kRecipient},
    {53, "HPKE-7-KE", Role::kRecipient},
    {-3, "A128KW", Role::kRecipient},
    {-4, "A192KW", Role::kRecipient},
    {-5, "A256KW", Role::kRecipient},
    {-6, "direct", Role::kRecipient},
    {-10, "direct+HKDF-SHA-256", Role::kRecipient},
    {-11, "direct+HKDF-SHA-512", Role::kRecipient},
    {-12, "direct+HKDF-AES-128", Role::kRecipient},
    {-13, "direct+HKDF-AES-256", Role::kRecipient},
    {-25, "ECDH-ES + HKDF-256", Role::kRecipient},
    {-26, "ECDH-ES + HKDF-512", Role::kRecipient},
    {-27, "ECDH-SS + HKDF-256", Role::kRecipient},
    {-28, "ECDH-SS + HKDF-512", Role::kRecipient},
    {-29, "ECDH-ES + A128KW", Role::kRecipient},
    {-30, "ECDH-ES + A192KW", Role::kRecipient},
    {-31, "ECDH-ES + A256KW", Role::kRecipient},
    {-32, "ECDH-SS + A128KW", Role::kRecipient},
    {-33, "ECDH-SS + A192KW", Role::kRecipient},
    {-34, "ECDH-SS + A256KW", Role::kRecipient},
    {-40, "RSAES-OAEP with SHA-1", Role::kRecipient},
    {-41, "RSAES-OAEP with SHA-256", Role::kRecipient},
    {-42, "RSAES-OAEP with SHA-512", Role::kRecipient},
    {-14, "SHA-1", Role::kHash},
    {-15, "SHA-256/64", Role::kHash},
    {-16, "SHA-256", Role::kHash},
    {-43, "SHA-384", Role::kHash},
    {-44, "SHA-512", Role::kHash},
};

const Algorithm* FindAlgorithm(std::int64_t number) {
  for (const Algorithm& algorithm : kAlgorithms)
    if (algorithm.number == number) return &algorithm;
  return nullptr;
}

constexpr Name kContentTypes[] = {
    {0, "text/plain"},
    {16, "application/cose; cose-type=cose-encrypt0"},
    {17, "application/cose; cose-type=cose-mac0"},
    {18, "application/cose; cose-type=cose-sign1"},
    {42, "application/octet-stream"},
    {50, "application/json"},
    {60, "application/cbor"},
    {61, "application/cwt"},
    {65001, "cai session"},
    {65002, "cai measured component"},
    {65003, "cai AI token"},
    {65004, "cai service key"},
    {65005, "cai command"},
    {65006, "cai key token"},
    {65010, "cai model package"},
    {65020, "cai configuration"},
};

constexpr Name kKeyTypes[] = {{1, "OKP"},       {2, "EC2"},     {3, "RSA"},
                              {4, "Symmetric"}, {5, "HSS-LMS"}, {7, "AKP"}};
constexpr Name kCurves[] = {
    {1, "P-256"}, {2, "P-384"},   {3, "P-521"}, {4, "X25519"},
    {5, "X448"},  {6, "Ed25519"}, {7, "Ed448"}, {8, "secp256k1"},
};
constexpr Name kOperations[] = {
    {1, "sign"},        {2, "verify"},      {3, "encrypt"},
    {4, "decrypt"},     {5, "wrap key"},    {6, "unwrap key"},
    {7, "derive key"},  {8, "derive bits"}, {9, "MAC create"},
    {10, "MAC verify"},
};

constexpr Name kKeyCommon[] = {
    {1, "kty"}, {2, "kid"}, {3, "alg"}, {4, "key_ops"}, {5, "Base IV"}};
constexpr Name kEc[] = {{-1, "crv"}, {-2, "x"}, {-3, "y"}, {-4, "d"}};
constexpr Name kRsa[] = {{-1, "n"}, {-2, "e"},  {-3, "d"},  {-4, "p"},
                         {-5, "q"}, {-6, "dP"}, {-7, "dQ"}, {-8, "qInv"}};
constexpr Name kSymmetric[] = {{-1, "k"}};
constexpr Name kAkp[] = {{-1, "pub"}, {-2, "priv"}};

constexpr Name kClaims[] = {
    {1, "iss"},
    {2, "sub"},
    {3, "aud"},
    {4, "exp"},
    {5, "nbf"},
    {6, "iat"},
    {7, "cti"},
    {8, "cnf"},
    {10, "eat_nonce"},
    {256, "ueid"},
    {257, "sueids"},
    {258, "oemid"},
    {259, "hwmodel"},
    {260, "hwversion"},
    {261, "uptime"},
    {262, "oemboot"},
    {263, "dbgstat"},
    {264, "location"},
    {265, "eat_profile"},
    {266, "submods"},
    {267, "bootcount"},
    {268, "bootseed"},
    {269, "dloas"},
    {270, "swname"},
    {271, "swversion"},
    {272, "manifests"},
    {273, "measurements"},
    {274, "measres"},
    {275, "intuse"},
    {2394, "psa-client-id"},
    {2395, "psa-security-lifecycle"},
    {2396, "psa-implementation-id"},
    {2398, "psa-certification-reference"},
    {2399, "psa-software-components"},
    {2400, "psa-verification-service-indicator"},
    {-70001, "certification request digest (cai)"},
    {-70002, "key purpose (cai)"},
};

}  // namespace

std::string_view HeaderName(std::int64_t label) {
  return Find(kHeaders, label);
}
std::string_view RecipientHeaderName(std::int64_t label) {
  const std::string_view own = Find(kRecipientHeaders, label);
  return own.empty() ? HeaderName(label) : own;
}
std::string_view AlgorithmName(std::int64_t algorithm) {
  const Algorithm* const found = FindAlgorithm(algorithm);
  return found == nullptr ? std::string_view{} : found->text;
}
Role RoleOf(std::int64_t algorithm) {
  const Algorithm* const found = FindAlgorithm(algorithm);
  return found == nullptr ? Role::kUnknown : found->role;
}
Sizes SizesOf(std::int64_t algorithm) {
  const Algorithm* const found = FindAlgorithm(algorithm);
  return found == nullptr ? Sizes{} : found->sizes;
}
std::string_view ContentTypeName(std::int64_t format) {
  return Find(kContentTypes, format);
}
std::string_view KeyTypeName(std::int64_t kty) { return Find(kKeyTypes, kty); }
std::string_view CurveName(std::int64_t curve) { return Find(kCurves, curve); }
std::string_view KeyOperationName(std::int64_t operation) {
  return Find(kOperations, operation);
}
std::string_view ClaimName(std::int64_t claim) { return Find(kClaims, claim); }

std::string_view KeyParameterName(std::int64_t kty, std::int64_t label) {
  if (label > 0) return Find(kKeyCommon, label);
  if (kty == 3) return Find(kRsa, label);
  if (kty == 4) return Find(kSymmetric, label);
  if (kty == 7) return Find(kAkp, label);
  return Find(kEc, label);
}

bool IsSecretParameter(std::int64_t kty, std::int64_t label) {
  if (label > 0) return false;
  switch (kty) {
    case 1:  // OKP
    case 2:  // EC2
      return label <= -4;
    case 3:  // RSA: all but n and e
      return label <= -3;
    case 7:  // AKP
      return label <= -2;
    default:  // symmetric, and what is unknown
      return true;
  }
}

}  // namespace cai::inspect
