// Sid::kCrypto: each operation's request is decoded once, checked, and passed
// to its handler, which knows the PSA core.
#include "device/partitions/crypto/handlers.h"

namespace cai::crypto_partition {
namespace {

using api::Op;

// Refuses all but exactly this request with this many inputs and outputs.
template <typename Request, int kInputs, int kOutputs>
psa_status_t Run(Call call,
                 psa_status_t (*handler)(Call, const Request& request)) {
  if (call.message.in_count != 1 + kInputs ||
      call.message.out_count != kOutputs)
    return PSA_ERROR_PROGRAMMER_ERROR;
  const auto request = call.message.Read<Request>(0);
  return request.ok() ? handler(call, *request) : PSA_ERROR_PROGRAMMER_ERROR;
}

}  // namespace

// A table: one line an operation, with the shape of its vectors.
psa_status_t ServeCrypto(Client client, spm::Message& message) {
  const Call call{client, message};
  const Op op = static_cast<Op>(message.op);
  if (op >= Op::kP256Verify && client == kNonSecure)
    return PSA_ERROR_NOT_PERMITTED;
  switch (op) {
    case Op::kRandom:
      return Random(call);
    case Op::kHashCompute:
      return Run<api::AlgorithmRequest, 1, 1>(call, HashCompute);
    case Op::kHashSetup:
      return Run<api::AlgorithmRequest, 0, 1>(call, HashSetup);
    case Op::kHashUpdate:
      return Run<api::HandleRequest, 1, 0>(call, HashUpdate);
    case Op::kHashFinish:
      return Run<api::HandleRequest, 0, 1>(call, HashFinish);
    case Op::kHashAbort:
      return Run<api::HandleRequest, 0, 0>(call, HashAbort);
    case Op::kHashClone:
      return Run<api::HandleRequest, 0, 1>(call, HashClone);
    case Op::kImportKey:
      return Run<api::KeyAttributes, 1, 1>(call, ImportKey);
    case Op::kGenerateKey:
      return Run<api::KeyAttributes, 0, 1>(call, GenerateKey);
    case Op::kCopyKey:
      return Run<api::CopyRequest, 0, 1>(call, CopyKey);
    case Op::kDestroyKey:
      return Run<api::KeyRequest, 0, 0>(call, DestroyKey);
    case Op::kPurgeKey:
      return Run<api::KeyRequest, 0, 0>(call, PurgeKey);
    case Op::kExportKey:
      return Run<api::KeyRequest, 0, 1>(call, ExportKey);
    case Op::kExportPublicKey:
      return Run<api::KeyRequest, 0, 1>(call, ExportPublicKey);
    case Op::kGetKeyAttributes:
      return Run<api::KeyRequest, 0, 1>(call, GetKeyAttributes);
    case Op::kSignHash:
      return Run<api::KeyRequest, 1, 1>(call, SignHash);
    case Op::kVerifyHash:
      return Run<api::KeyRequest, 2, 0>(call, VerifyHash);
    case Op::kSignMessage:
      return Run<api::KeyRequest, 1, 1>(call, SignMessage);
    case Op::kVerifyMessage:
      return Run<api::KeyRequest, 2, 0>(call, VerifyMessage);
    case Op::kMacCompute:
      return Run<api::KeyRequest, 1, 1>(call, MacCompute);
    case Op::kMacVerify:
      return Run<api::KeyRequest, 2, 0>(call, MacVerify);
    case Op::kMacSetup:
      return Run<api::SetupRequest, 0, 1>(call, MacSetup);
    case Op::kMacUpdate:
      return Run<api::HandleRequest, 1, 0>(call, MacUpdate);
    case Op::kMacSignFinish:
      return Run<api::HandleRequest, 0, 1>(call, MacSignFinish);
    case Op::kMacVerifyFinish:
      return Run<api::HandleRequest, 1, 0>(call, MacVerifyFinish);
    case Op::kMacAbort:
      return Run<api::HandleRequest, 0, 0>(call, MacAbort);
    case Op::kAeadEncrypt:
      return Run<api::AeadRequest, 2, 1>(call, AeadEncrypt);
    case Op::kAeadDecrypt:
      return Run<api::AeadRequest, 2, 1>(call, AeadDecrypt);
    case Op::kAeadSetup:
      return Run<api::SetupRequest, 0, 1>(call, AeadSetup);
    case Op::kAeadSetLengths:
      return Run<api::LengthsRequest, 0, 0>(call, AeadSetLengths);
    case Op::kAeadSetNonce:
      return Run<api::HandleRequest, 1, 0>(call, AeadSetNonce);
    case Op::kAeadGenerateNonce:
      return Run<api::HandleRequest, 0, 1>(call, AeadGenerateNonce);
    case Op::kAeadUpdateAd:
      return Run<api::HandleRequest, 1, 0>(call, AeadUpdateAd);
    case Op::kAeadUpdate:
      return Run<api::HandleRequest, 1, 1>(call, AeadUpdate);
    case Op::kAeadFinish:
      return Run<api::HandleRequest, 0, 1>(call, AeadFinish);
    case Op::kAeadVerify:
      return Run<api::HandleRequest, 1, 0>(call, AeadVerify);
    case Op::kAeadAbort:
      return Run<api::HandleRequest, 0, 0>(call, AeadAbort);
    case Op::kRawKeyAgreement:
      return Run<api::KeyRequest, 1, 1>(call, RawKeyAgreement);
    case Op::kDerivationSetup:
      return Run<api::AlgorithmRequest, 0, 1>(call, DerivationSetup);
    case Op::kDerivationSetCapacity:
      return Run<api::CapacityRequest, 0, 0>(call, DerivationSetCapacity);
    case Op::kDerivationGetCapacity:
      return Run<api::HandleRequest, 0, 1>(call, DerivationGetCapacity);
    case Op::kDerivationInputBytes:
      return Run<api::StepRequest, 1, 0>(call, DerivationInputBytes);
    case Op::kDerivationInputKey:
      return Run<api::StepRequest, 0, 0>(call, DerivationInputKey);
    case Op::kDerivationKeyAgreement:
      return Run<api::StepRequest, 1, 0>(call, DerivationKeyAgreement);
    case Op::kDerivationOutputBytes:
      return Run<api::HandleRequest, 0, 1>(call, DerivationOutputBytes);
    case Op::kDerivationOutputKey:
      return Run<api::OutputKeyRequest, 0, 1>(call, DerivationOutputKey);
    case Op::kDerivationAbort:
      return Run<api::HandleRequest, 0, 0>(call, DerivationAbort);
    case Op::kDerivationVerifyBytes:
      return Run<api::HandleRequest, 1, 0>(call, DerivationVerifyBytes);
    case Op::kDerivationVerifyKey:
      return Run<api::StepRequest, 0, 0>(call, DerivationVerifyKey);
    case Op::kP256Verify:
      return Run<api::P256VerifyRequest, 0, 0>(call, P256Verify);
    case Op::kP256CheckPoint:
      return Run<PointRequest, 0, 0>(call, P256CheckPoint);
    case Op::kP256Ecdh:
      return Run<api::P256EcdhRequest, 0, 1>(call, P256Ecdh);
    case Op::kP256Import:
      return P256Import(call);
  }
  return PSA_ERROR_PROGRAMMER_ERROR;
}

}  // namespace cai::crypto_partition
