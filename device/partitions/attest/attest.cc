#include "device/partitions/attest/attest.h"

#include <limits>

#include "lib/base/secret.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/crypto/random.h"

namespace cai::attest {
namespace {

static_assert(eat::kMaxMeasuredComponents == 1 + infer::kMaxModels);
static_assert(eat::MeasuredComponent::kMaxName == infer::kMaxName);
static_assert(eat::MeasuredComponent::kMaxVersion == infer::kMaxName);
static_assert(eat::kAttestClientId ==
              static_cast<std::int32_t>(spm::PartitionId::kAttest));

// Texts of the hand-off are padded with NULs; a full one has none.
template <std::size_t N>
std::string_view Padded(const char (&text)[N]) {
  const char* end = std::find(text, text + N, '\0');
  return {text, static_cast<std::size_t>(end - text)};
}

// ---- What other partitions say ---------------------------------------------

Status CallIdentity(spm::IdentityOp op, spm::Purpose purpose, spm::OutVec* out,
                    std::size_t outs) {
  const auto number = static_cast<std::uint32_t>(purpose);
  const spm::InVec in{&number, sizeof number};
  const psa_status_t status = spm::Call(
      spm::Sid::kIdentity, static_cast<std::int32_t>(op), &in, 1, out, outs);
  if (status != PSA_SUCCESS) return Error::kIpcFailed;
  return kDone;
}

struct Request {
  crypto::Digest digest;
  crypto::P256Public key;
};

Result<Request> RequestFor(spm::Purpose purpose) {
  Request request;
  spm::OutVec out[] = {{request.digest.data(), request.digest.size()},
                       {request.key.xy.data(), request.key.xy.size()}};
  CAI_TRY(CallIdentity(spm::IdentityOp::kCriDigest, purpose, out, 2));
  if (out[0].len != request.digest.size() ||
      out[1].len != request.key.xy.size())
    return Error::kIpcFailed;
  return request;
}

Result<crypto::P256Public> CoseSignKey() {
  crypto::P256Public key;
  spm::OutVec out{key.xy.data(), key.xy.size()};
  CAI_TRY(CallIdentity(spm::IdentityOp::kPublicKey, spm::Purpose::kCoseSign,
                       &out, 1));
  if (out.len != key.xy.size()) return Error::kIpcFailed;
  return key;
}

Result<Bytes> Measurements(MutableBytes room) {
  spm::OutVec out{room.data(), room.size()};
  const auto op = static_cast<std::int32_t>(spm::InferOp::kMeasurements);
  const psa_status_t status =
      spm::Call(spm::Sid::kInfer, op, nullptr, 0, &out, 1);
  if (status != PSA_SUCCESS || out.len > room.size()) return Error::kIpcFailed;
  return Bytes(room.first(out.len));
}

Status ReadMeasurement(cbor::Reader& in, eat::MeasuredComponent& component) {
  CAI_TRY(in.ArrayOf(3));
  CAI_TRY_ASSIGN(component.name, in.Text());
  CAI_TRY_ASSIGN(component.version, in.Text());
  CAI_TRY_ASSIGN(component.digest, in.BstrOf<32>());
  return kDone;
}

// [measure_gen, [+ [name, version, sha256]]]; returns measure_gen.
Result<std::uint32_t> ReadMeasurements(Bytes encoded, eat::AiClaims& claims) {
  cbor::Reader in(encoded);
  CAI_TRY(in.ArrayOf(2));
  CAI_TRY_ASSIGN(const std::uint64_t generation, in.Uint());
  if (generation > std::numeric_limits<std::uint32_t>::max())
    return Error::kCborOutOfRange;
  CAI_TRY_ASSIGN(const std::uint64_t count, in.Array());
  if (count == 0 || count > claims.components.size()) return Error::kEatTooMany;
  claims.component_count = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < claims.component_count; ++i)
    CAI_TRY(ReadMeasurement(in, claims.components[i]));
  CAI_TRY(in.Finish());
  return static_cast<std::uint32_t>(generation);
}

Result<std::string_view> PurposeText(spm::Purpose purpose) {
  switch (purpose) {
    case spm::Purpose::kTlsClient:
      return eat::kPurposeTlsClient;
    case spm::Purpose::kCoseSign:
      return eat::kPurposeCoseSign;
    case spm::Purpose::kIak:
      break;
  }
  return Error::kIpcBadRequest;
}

}  // namespace

crypto::Digest BootSeed(std::uint32_t boot_count,
                        std::span<const std::byte, 32> random) {
  ByteArray<1 + 14 + 5 + 34> encoded;
  cbor::Writer writer(encoded);
  writer.Array(3);
  writer.Text("cai1 bootseed");
  writer.Uint(boot_count);
  writer.Bstr(random);
  const crypto::Digest seed = crypto::Sha256::Of(*writer.Finish());
  Wipe(encoded);
  return seed;
}

Status Attester::Start(crypto::P256Private key) {
  key_ = key;
  boot_ = {};
  CAI_TRY(spm::GetBootData(boot_));
  Secret<32> random;
  CAI_TRY(crypto::Random(random.mutable_bytes()));
  boot_seed_ = BootSeed(boot_.boot_count, random.bytes());
  return kDone;
}

// protocol.md, 1.2: a counter that could not be bumped disables attestation.
Status Attester::CheckBoot() const {
  if (boot_.boot_count == 0) return Error::kEatNoBootCount;
  return kDone;
}

Result<eat::PlatformClaims> Attester::Claims(Bytes challenge,
                                             std::int32_t client) const {
  CAI_TRY(CheckBoot());
  if (boot_.component_count > eat::kMaxSoftwareComponents)
    return Error::kEatTooMany;
  eat::PlatformClaims claims{.nonce = challenge,
                             .ueid = boot_.ueid,
                             .boot_seed = boot_seed_,
                             .client_id = client,
                             .lifecycle = boot_.lifecycle,
                             .implementation_id = boot_.implementation_id,
                             .component_count = boot_.component_count};
  for (std::size_t i = 0; i < claims.component_count; ++i) {
    const auto& from = boot_.components[i];
    claims.components[i] = {Padded(from.type), from.measurement,
                            Padded(from.version), from.signer};
  }
  return claims;
}

Result<Bytes> Attester::PlatformToken(Bytes challenge, std::int32_t client,
                                      MutableBytes out) {
  CAI_TRY_ASSIGN(const eat::PlatformClaims claims, Claims(challenge, client));
  CAI_TRY_ASSIGN(const eat::Draft draft, eat::DraftPlatformToken(claims, out));
  return eat::Sign(draft, key_);
}

Result<std::size_t> Attester::PlatformTokenSize(std::size_t challenge_size,
                                                std::int32_t client) const {
  constexpr ByteArray<64> kAnyChallenge{};
  const bool known =
      challenge_size == 32 || challenge_size == 48 || challenge_size == 64;
  if (!known) return Error::kEatMalformed;
  CAI_TRY_ASSIGN(const eat::PlatformClaims claims,
                 Claims(Bytes(kAnyChallenge).first(challenge_size), client));
  return eat::PlatformTokenSize(claims);
}

// protocol.md, 2, H10: the verifier's raw nonce, and our own client id, which
// no caller of kToken has.
Result<Bytes> Attester::NestedToken(Bytes nonce) {
  return PlatformToken(nonce, eat::kAttestClientId, nested_);
}

Result<Bytes> Attester::KeyToken(std::span<const std::byte, 32> nonce,
                                 spm::Purpose purpose, MutableBytes out) {
  eat::KeyClaims claims;
  CAI_TRY(CheckBoot());
  CAI_TRY_ASSIGN(claims.purpose, PurposeText(purpose));
  CAI_TRY_ASSIGN(const Request request, RequestFor(purpose));
  CAI_TRY_ASSIGN(claims.platform, NestedToken(nonce));
  claims.confirmation = request.key;
  claims.nonce = nonce;
  claims.ueid = boot_.ueid;
  claims.request_digest = request.digest;
  CAI_TRY_ASSIGN(const eat::Draft draft, eat::DraftKeyToken(claims, out));
  return eat::Sign(draft, key_);
}

Result<AiToken> Attester::MakeAiToken(const AiTokenRequest& request,
                                      MutableBytes out) {
  eat::AiClaims claims;
  CAI_TRY(CheckBoot());
  CAI_TRY_ASSIGN(claims.confirmation, CoseSignKey());
  if (!Equal(claims.confirmation.xy, request.confirmation))
    return Error::kIpcNotPermitted;
  CAI_TRY_ASSIGN(const Bytes measured, Measurements(measurements_));
  CAI_TRY_ASSIGN(const std::uint32_t measure_gen,
                 ReadMeasurements(measured, claims));
  CAI_TRY_ASSIGN(claims.platform, NestedToken(request.nonce));
  claims.service = request.service;
  claims.nonce = request.nonce;
  claims.ueid = boot_.ueid;
  claims.uptime_s = spm::UptimeMs() / 1000;
  claims.boot_count = boot_.boot_count;
  claims.boot_seed = boot_seed_;
  CAI_TRY_ASSIGN(const eat::Draft draft, eat::DraftAiToken(claims, out));
  CAI_TRY_ASSIGN(const Bytes token, eat::Sign(draft, key_));
  return AiToken{token, draft.id, measure_gen};
}

}  // namespace cai::attest
