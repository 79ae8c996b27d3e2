// Sid::kAttest: who may ask for which token, and what their requests look like.
// Tokens are built in the caller's output area itself: nothing of a failed one
// leaves, since its size stays zero.
#include "device/partitions/attest/attest_server.h"

#include "device/partitions/attest/attest.h"

namespace cai::attest {
namespace {

using spm::AttestOp;
using spm::Message;

Attester attester;

bool IsFrom(const Message& message, spm::PartitionId partition) {
  return message.client == static_cast<std::int32_t>(partition);
}

// The manifest says so too; here it is one line above what depends on it.
Status FromNonsecure(const Message& message) {
  if (!message.from_nonsecure()) return Error::kIpcNotPermitted;
  return kDone;
}

Status Expect(const Message& message, std::uint8_t ins, std::uint8_t outs) {
  if (message.in_count != ins || message.out_count != outs)
    return Error::kIpcBadRequest;
  return kDone;
}

Status Token(Message& message) {
  CAI_TRY(FromNonsecure(message));
  CAI_TRY(Expect(message, 1, 1));
  CAI_TRY_ASSIGN(
      const Bytes token,
      attester.PlatformToken(message.in[0], message.client, message.out[0]));
  message.out_size[0] = token.size();
  return kDone;
}

Status TokenSize(Message& message) {
  CAI_TRY(FromNonsecure(message));
  CAI_TRY(Expect(message, 1, 1));
  CAI_TRY_ASSIGN(const auto challenge, message.Read<std::uint32_t>(0));
  CAI_TRY_ASSIGN(const std::size_t size,
                 attester.PlatformTokenSize(challenge, message.client));
  return message.WriteValue(0, static_cast<std::uint32_t>(size));
}

Status KeyToken(Message& message) {
  CAI_TRY(FromNonsecure(message));
  CAI_TRY(Expect(message, 2, 1));
  CAI_TRY_ASSIGN(const auto nonce, message.Read<ByteArray<32>>(0));
  CAI_TRY_ASSIGN(const auto purpose, message.Read<std::uint32_t>(1));
  CAI_TRY_ASSIGN(const Bytes token,
                 attester.KeyToken(nonce, static_cast<spm::Purpose>(purpose),
                                   message.out[0]));
  message.out_size[0] = token.size();
  return kDone;
}

Status AiToken(Message& message) {
  if (!IsFrom(message, spm::PartitionId::kSeal)) return Error::kIpcNotPermitted;
  CAI_TRY(Expect(message, 1, 3));
  CAI_TRY_ASSIGN(const auto request, message.Read<AiTokenRequest>(0));
  CAI_TRY_ASSIGN(const auto made,
                 attester.MakeAiToken(request, message.out[0]));
  CAI_TRY(message.Write(1, made.id));
  CAI_TRY(message.WriteValue(2, made.measure_gen));
  message.out_size[0] = made.token.size();
  return kDone;
}

Status Dispatch(Message& message) {
  switch (static_cast<AttestOp>(message.op)) {
    case AttestOp::kToken:
      return Token(message);
    case AttestOp::kTokenSize:
      return TokenSize(message);
    case AttestOp::kKeyToken:
      return KeyToken(message);
    case AttestOp::kAiToken:
      return AiToken(message);
  }
  return Error::kIpcBadRequest;
}

// The one place where our reasons become those of the PSA Attestation API.
psa_status_t ToPsa(Error error) {
  switch (error) {
    case Error::kEatMalformed:
      return PSA_ERROR_INVALID_ARGUMENT;
    case Error::kEatNoBootCount:
      return PSA_ERROR_BAD_STATE;
    case Error::kCborNoRoom:
    case Error::kIpcNoRoom:
      return PSA_ERROR_BUFFER_TOO_SMALL;
    case Error::kIpcNotPermitted:
      return PSA_ERROR_NOT_PERMITTED;
    case Error::kIpcBadRequest:
      return PSA_ERROR_PROGRAMMER_ERROR;
    default:
      return PSA_ERROR_GENERIC_ERROR;
  }
}

}  // namespace

psa_status_t Start(crypto::P256Private key) {
  const Status status = attester.Start(key);
  return status.ok() ? PSA_SUCCESS : ToPsa(status.error());
}

psa_status_t Serve(Message& message) {
  const Status status = Dispatch(message);
  return status.ok() ? PSA_SUCCESS : ToPsa(status.error());
}

}  // namespace cai::attest

extern "C" psa_status_t cai_attest_Start() {
  return cai::attest::Start({cai::spm::kKeyIak});
}

extern "C" psa_status_t cai_attest_Serve(cai::spm::Message* message) {
  return cai::attest::Serve(*message);
}
