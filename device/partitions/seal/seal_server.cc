// Sid::kSeal: what NS may ask, and the form of its requests.
#include "device/partitions/seal/seal_server.h"

#include "device/partitions/seal/api.h"
#include "device/partitions/seal/events.h"
#include "device/partitions/seal/seal.h"

namespace cai::seal {
namespace {

static_assert(wire::kMaxSession <= kMaxMessage);
static_assert(wire::kMaxSealed <= kMaxMessage);

constinit Seal seal;

Status Expect(const spm::Message& message, std::uint8_t ins,
              std::uint8_t outs) {
  if (message.in_count != ins || message.out_count != outs)
    return Error::kIpcBadRequest;
  return kDone;
}

Status ServiceKey(spm::Message& message) {
  CAI_TRY(Expect(message, 1, 0));
  return seal.TakeServiceKey(message.in[0]);
}

Status Downlink(spm::Message& message) {
  CAI_TRY(Expect(message, 1, 0));
  return seal.TakeDownlink(message.in[0]);
}

// Checked before anything is spent: what was sealed must reach the caller.
Status GetNext(spm::Message& message) {
  CAI_TRY(Expect(message, 0, 2));
  if (message.out[0].size() < sizeof(SealNext)) return Error::kIpcNoRoom;
  CAI_TRY_ASSIGN(const Seal::Next next, seal.Pull(message.out[1]));
  message.out_size[1] = next.message.size();
  return message.WriteValue(
      0, SealNext{static_cast<std::uint32_t>(next.kind), next.wait_ms});
}

Status GetStatus(spm::Message& message) {
  CAI_TRY(Expect(message, 0, 1));
  CAI_TRY_ASSIGN(const Bytes status, seal.Describe(message.out[0]));
  message.out_size[0] = status.size();
  return kDone;
}

Status Dispatch(spm::Message& message) {
  // The manifest says so too: no partition has business here.
  if (!message.from_nonsecure()) return Error::kIpcNotPermitted;
  switch (static_cast<spm::SealOp>(message.op)) {
    case spm::SealOp::kServiceKey:
      return ServiceKey(message);
    case spm::SealOp::kDownlink:
      return Downlink(message);
    case spm::SealOp::kNext:
      return GetNext(message);
    case spm::SealOp::kStatus:
      return GetStatus(message);
  }
  return Error::kIpcBadRequest;
}

// Modules whose every reason here means "what the service said was refused".
bool IsRefusal(Error error) {
  const auto module = static_cast<std::uint32_t>(error) >> 16;
  for (const Error one : {Error::kWireMalformed, Error::kCoseMalformed,
                          Error::kCborTruncated, Error::kCryptoBadPoint})
    if (module == static_cast<std::uint32_t>(one) >> 16) return true;
  return error == Error::kSealNoServiceKey;
}

psa_status_t ToPsa(Error error) {
  switch (error) {
    case Error::kSealDisabled:
      return PSA_ERROR_BAD_STATE;
    case Error::kSealNoConfiguration:
    case Error::kWireWrongRoot:
      return PSA_ERROR_DOES_NOT_EXIST;
    case Error::kSealThrottled:
      return PSA_ERROR_CONNECTION_BUSY;
    case Error::kSealCounter:
    case Error::kSealNoRoom:
    case Error::kWireExhausted:
      return PSA_ERROR_INSUFFICIENT_STORAGE;
    case Error::kIpcNoRoom:
    case Error::kCborNoRoom:
      return PSA_ERROR_BUFFER_TOO_SMALL;
    case Error::kIpcBadRequest:
      return PSA_ERROR_PROGRAMMER_ERROR;
    case Error::kIpcNotPermitted:
      return PSA_ERROR_NOT_PERMITTED;
    default:
      return IsRefusal(error) ? PSA_ERROR_NOT_PERMITTED
                              : PSA_ERROR_GENERIC_ERROR;
  }
}

}  // namespace
}  // namespace cai::seal

extern "C" psa_status_t cai_seal_Start() {
  using namespace cai;
  const Status status =
      seal::seal.Start(crypto::P256Private{spm::kKeyCoseSign});
  return status.ok() ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}

extern "C" psa_status_t cai_seal_Serve(cai::spm::Message* message) {
  using namespace cai::seal;
  const cai::Status status = Dispatch(*message);
  if (status.ok()) return PSA_SUCCESS;
  if (status.error() == cai::Error::kSealCounter ||
      status.error() == cai::Error::kWireExhausted)
    Record(EventId::kSealCounterFailed,
           static_cast<std::uint32_t>(status.error()));
  return ToPsa(status.error());
}
