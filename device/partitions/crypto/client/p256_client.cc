// lib/crypto/p256.h and random.h for secure partitions: the scalar is the
// crypto partition's, the caller has its number. Stateless.
#include "device/partitions/crypto/api.h"
#include "device/spm/partition.h"
#include "lib/crypto/p256.h"
#include "lib/crypto/random.h"
#include "psa/crypto.h"

namespace cai::crypto {
namespace {

namespace api = crypto_api;
using api::Op;
using spm::InVec;
using spm::OutVec;

template <std::size_t kIns>
psa_status_t Call(Op op, const InVec (&in)[kIns]) {
  return spm::Call(spm::Sid::kCrypto, static_cast<std::int32_t>(op), in, kIns,
                   nullptr, 0);
}
template <std::size_t kIns>
psa_status_t Call(Op op, const InVec (&in)[kIns], OutVec& out) {
  return spm::Call(spm::Sid::kCrypto, static_cast<std::int32_t>(op), in, kIns,
                   &out, 1);
}

template <typename T>
InVec In(const T& value) {
  return {&value, sizeof(value)};
}

Status FromPsa(psa_status_t status) {
  switch (status) {
    case PSA_SUCCESS:
      return kDone;
    case PSA_ERROR_INVALID_SIGNATURE:
      return Error::kCryptoBadSignature;
    case PSA_ERROR_INVALID_HANDLE:
    case PSA_ERROR_NOT_PERMITTED:
      return Error::kCryptoBadKey;
    default:
      return Error::kCryptoFailed;
  }
}

}  // namespace

// The core refuses a point off the curve as an invalid argument.
Status CheckPoint(const P256Public& key) {
  const psa_status_t status =
      Call(Op::kP256CheckPoint, {{key.xy.data(), key.xy.size()}});
  return status == PSA_ERROR_INVALID_ARGUMENT ? Error::kCryptoBadPoint
                                              : FromPsa(status);
}

Status Verify(const P256Public& key, std::span<const std::byte, 32> hash,
              std::span<const std::byte, 64> signature) {
  api::P256VerifyRequest request;
  std::memcpy(request.key, key.xy.data(), sizeof(request.key));
  std::memcpy(request.hash, hash.data(), sizeof(request.hash));
  std::memcpy(request.signature, signature.data(), sizeof(request.signature));
  const psa_status_t status = Call(Op::kP256Verify, {In(request)});
  return status == PSA_ERROR_INVALID_ARGUMENT ? Error::kCryptoBadPoint
                                              : FromPsa(status);
}

Result<Signature> SignHash(P256Private key,
                           std::span<const std::byte, 32> hash) {
  const api::KeyRequest request{static_cast<std::uint32_t>(key.handle),
                                PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256)};
  Signature signature;
  OutVec out{signature.data(), signature.size()};
  CAI_TRY(FromPsa(
      Call(Op::kSignHash, {In(request), {hash.data(), hash.size()}}, out)));
  if (out.len != signature.size()) return Error::kCryptoFailed;
  return signature;
}

Result<P256Public> PublicKey(P256Private key) {
  const api::KeyRequest request{static_cast<std::uint32_t>(key.handle), 0};
  ByteArray<65> point;
  OutVec out{point.data(), point.size()};
  CAI_TRY(FromPsa(Call(Op::kExportPublicKey, {In(request)}, out)));
  if (out.len != point.size()) return Error::kCryptoFailed;
  P256Public result;
  CopyInto(result.xy, Bytes(point).subspan(1));
  return result;
}

Result<Secret<32>> Ecdh(P256Private key, const P256Public& peer) {
  api::P256EcdhRequest request;
  request.key = static_cast<std::uint32_t>(key.handle);
  std::memcpy(request.peer, peer.xy.data(), sizeof(request.peer));
  Secret<32> x;
  OutVec out{x.mutable_bytes().data(), x.size()};
  const psa_status_t status = Call(Op::kP256Ecdh, {In(request)}, out);
  if (status == PSA_ERROR_INVALID_ARGUMENT) return Error::kCryptoBadPoint;
  CAI_TRY(FromPsa(status));
  if (out.len != x.size()) return Error::kCryptoFailed;
  return x;
}

Result<P256Private> ImportScalar(std::span<const std::byte, 32> scalar) {
  std::uint32_t id = 0;
  OutVec out{&id, sizeof(id)};
  if (Call(Op::kP256Import, {{scalar.data(), scalar.size()}}, out) !=
      PSA_SUCCESS)
    return Error::kCryptoBadKey;
  return P256Private{id};
}

void Release(P256Private key) {
  const api::KeyRequest request{static_cast<std::uint32_t>(key.handle), 0};
  (void)Call(Op::kDestroyKey, {In(request)});
}

Status Random(MutableBytes out) {
  OutVec vec{out.data(), out.size()};
  const psa_status_t status =
      spm::Call(spm::Sid::kCrypto, static_cast<std::int32_t>(Op::kRandom),
                nullptr, 0, &vec, 1);
  if (status != PSA_SUCCESS || vec.len != out.size())
    return Error::kCryptoFailed;
  return kDone;
}

}  // namespace cai::crypto
