#include "lib/crypto/mac.h"

#include "lib/base/secret.h"
#include "lib/crypto/psa/transient_key.h"

namespace cai::crypto {
namespace {

constexpr std::size_t BlockSize(HashAlgorithm hash) {
  return HashSize(hash) <= 32 ? 64 : 128;  // FIPS 180-4, 1
}

}  // namespace

Status HashOf(HashAlgorithm hash, Parts parts, MutableBytes out) {
  if (out.size() != HashSize(hash)) return Error::kCryptoNoRoom;
  psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
  psa_status_t status = psa_hash_setup(&operation, AlgorithmOf(hash));
  for (const Bytes part : parts)
    if (status == PSA_SUCCESS)
      status = psa_hash_update(&operation, AsU8(part), part.size());
  std::size_t written = 0;
  if (status == PSA_SUCCESS)
    status = psa_hash_finish(&operation, AsU8(out), out.size(), &written);
  psa_hash_abort(&operation);
  if (status != PSA_SUCCESS) return FromPsa(status, Error::kCryptoFailed);
  return kDone;
}

// A key longer than a block counts as its hash (RFC 2104, 2); what is left fits
// a static key slot. PSA takes no empty key, which HKDF without a salt has; one
// zero byte is the same key, as HMAC pads with zeros (RFC 2104, 2).
Status HmacOf(HashAlgorithm hash, Bytes key, Parts parts, MutableBytes out) {
  if (out.size() != HashSize(hash)) return Error::kCryptoNoRoom;
  constexpr std::byte kZero[1] = {};
  Secret<kMaxHashSize> hashed;
  if (key.size() > BlockSize(hash)) {
    const MutableBytes room = hashed.mutable_bytes().first(HashSize(hash));
    CAI_TRY(HashOf(hash, {&key, 1}, room));
    key = room;
  }
  const TransientKey kept(PSA_KEY_TYPE_HMAC, PSA_KEY_USAGE_SIGN_MESSAGE,
                          PSA_ALG_HMAC(AlgorithmOf(hash)),
                          key.empty() ? Bytes(kZero) : key);
  psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
  psa_status_t status = kept.status();
  if (status == PSA_SUCCESS)
    status = psa_mac_sign_setup(&operation, kept.id(),
                                PSA_ALG_HMAC(AlgorithmOf(hash)));
  for (const Bytes part : parts)
    if (status == PSA_SUCCESS)
      status = psa_mac_update(&operation, AsU8(part), part.size());
  std::size_t written = 0;
  if (status == PSA_SUCCESS)
    status = psa_mac_sign_finish(&operation, AsU8(out), out.size(), &written);
  psa_mac_abort(&operation);
  if (status != PSA_SUCCESS) return FromPsa(status, Error::kCryptoFailed);
  return kDone;
}

// No device message uses it.
Status AesCbcMac(Bytes, Parts, MutableBytes) {
  return Error::kCryptoUnsupported;
}

}  // namespace cai::crypto
