#include "device/partitions/seal/peers.h"

#include "device/partitions/attest/api.h"
#include "device/spm/partition.h"
#include "lib/cbor/reader.h"
#include "lib/wire/configuration.h"
#include "lib/wire/plain.h"
#include "lib/wire/session.h"

namespace cai::seal::peers {
namespace {

using spm::OutVec;

// The callee's status is its own; here it only answered or did not.
template <typename Op>
Status Call(spm::Sid sid, Op op, std::span<const spm::InVec> in,
            std::span<OutVec> out) {
  const psa_status_t status =
      spm::Call(sid, static_cast<std::int32_t>(op), in.data(), in.size(),
                out.data(), out.size());
  return status == PSA_SUCCESS ? Status(kDone) : Status(Error::kIpcFailed);
}

Result<crypto::Digest> ReadModel(cbor::Reader& reader) {
  CAI_TRY(reader.ArrayOf(3));
  CAI_TRY(reader.Text());
  CAI_TRY(reader.Text());
  CAI_TRY_ASSIGN(const auto hash, reader.BstrOf<32>());
  crypto::Digest digest;
  CopyInto(digest, hash);
  return digest;
}

Result<Models> ParseModels(Bytes in) {
  cbor::Reader reader(in);
  CAI_TRY_ASSIGN(const std::uint64_t count, reader.Array());
  Models models;
  if (count > models.hashes.size()) return Error::kIpcFailed;
  for (; models.count < count; ++models.count) {
    CAI_TRY_ASSIGN(models.hashes[models.count], ReadModel(reader));
  }
  CAI_TRY(reader.Finish());
  return models;
}

}  // namespace

Result<Configured> ReadConfiguration(MutableBytes buffer) {
  OutVec out[] = {{buffer.data(), buffer.size()}};
  if (!Call(spm::Sid::kIdentity, spm::IdentityOp::kConfig, {}, out).ok() ||
      out[0].len > buffer.size())
    return Error::kSealNoConfiguration;
  CAI_TRY_ASSIGN(const wire::Configuration parsed,
                 wire::ParseConfiguration(buffer.first(out[0].len)));
  return Configured{parsed.svc, parsed.interval_ms, parsed.root};
}

Result<crypto::P256Public> ReadCoseSignKey() {
  const auto purpose = spm::Purpose::kCoseSign;
  crypto::P256Public key;
  const spm::InVec in[] = {{&purpose, sizeof purpose}};
  OutVec out[] = {{key.xy.data(), key.xy.size()}};
  CAI_TRY(Call(spm::Sid::kIdentity, spm::IdentityOp::kPublicKey, in, out));
  if (out[0].len != key.xy.size()) return Error::kIpcFailed;
  return key;
}

Result<Token> RequestToken(const wire::Svc& svc, const ByteArray<32>& nonce,
                           const crypto::P256Public& confirmation,
                           MutableBytes buffer) {
  attest::AiTokenRequest request;
  CopyInto(request.service, svc);
  CopyInto(request.nonce, nonce);
  CopyInto(request.confirmation, confirmation.xy);

  Token token;
  const spm::InVec in[] = {{&request, sizeof request}};
  OutVec out[] = {{buffer.data(), buffer.size()},
                  {token.id.data(), token.id.size()},
                  {&token.measure_gen, sizeof token.measure_gen}};
  CAI_TRY(Call(spm::Sid::kAttest, spm::AttestOp::kAiToken, in, out));
  if (out[0].len > buffer.size() || out[1].len != token.id.size() ||
      out[2].len != sizeof token.measure_gen)
    return Error::kIpcFailed;
  token.bytes = buffer.first(out[0].len);

  // The header will name the token by this id, and the service compares.
  CAI_TRY_ASSIGN(const crypto::Digest id, wire::TokenId(token.bytes));
  if (id != token.id) return Error::kWireTokenMismatch;
  return token;
}

Result<infer::InferenceResult> RunInference() {
  infer::InferenceResult result;
  OutVec out[] = {{&result, sizeof result}};
  CAI_TRY(Call(spm::Sid::kInfer, spm::InferOp::kRun, {}, out));
  if (out[0].len != sizeof result || result.input_count > infer::kMaxInputs ||
      result.output_size > infer::kMaxOutput)
    return Error::kIpcFailed;
  return result;
}

Result<Models> ReadModels() {
  ByteArray<1 + infer::kMaxModels * infer::kMaxComponent> buffer;
  OutVec out[] = {{buffer.data(), buffer.size()}};
  CAI_TRY(Call(spm::Sid::kInfer, spm::InferOp::kModels, {}, out));
  if (out[0].len > buffer.size()) return Error::kIpcFailed;
  return ParseModels(Bytes(buffer).first(out[0].len));
}

std::size_t ReadPadding() {
  infer::InferenceSizes sizes{};
  OutVec out[] = {{&sizes, sizeof sizes}};
  const bool known =
      Call(spm::Sid::kInfer, spm::InferOp::kLargest, {}, out).ok() &&
      out[0].len == sizeof sizes && sizes.inputs <= infer::kMaxInputs &&
      sizes.output <= infer::kMaxOutput;
  return known ? wire::PaddedReading(sizes.inputs, sizes.output)
               : wire::kMaxPlain;
}

}  // namespace cai::seal::peers
