// The infer partition: whose turn it is, and what it is run on. The cadence is
// seal's, which asks when the next sampling time has come.
#include "device/partitions/infer/api.h"
#include "device/partitions/infer/inference.h"
#include "device/partitions/sensor/api.h"
#include "device/spm/partition.h"

namespace cai::infer {
namespace {

// The classifier runs on each sample but every fourth, which is the sine's.
constexpr std::uint32_t kSineEvery = 4;

constinit Inference inference;
constinit Window window;
constinit std::uint32_t runs = 0;

psa_status_t ToPsa(const Status& status) {
  if (status.ok()) return PSA_SUCCESS;
  switch (status.error()) {
    case Error::kInferNoInput:
      return PSA_ERROR_DOES_NOT_EXIST;
    case Error::kIpcNoRoom:
    case Error::kCborNoRoom:
      return PSA_ERROR_BUFFER_TOO_SMALL;
    case Error::kIpcBadRequest:
      return PSA_ERROR_NOT_SUPPORTED;
    case Error::kInferBadModel:
      return PSA_ERROR_BAD_STATE;
    default:
      return PSA_ERROR_GENERIC_ERROR;
  }
}

psa_status_t ReadSensors(sensor::SensorSample& sample) {
  spm::OutVec out{&sample, sizeof(sample)};
  const psa_status_t status = spm::Call(
      spm::Sid::kSensor, static_cast<std::int32_t>(spm::SensorOp::kRead),
      nullptr, 0, &out, 1);
  if (status != PSA_SUCCESS) return status;
  if (out.len != sizeof(sample)) return PSA_ERROR_COMMUNICATION_FAILURE;
  constexpr std::uint32_t kNeeded =
      sensor::kHasTemperature | sensor::kHasMagnetic;
  if ((sample.present & kNeeded) != kNeeded) return ToPsa(Error::kInferNoInput);
  return PSA_SUCCESS;
}

// Every run takes a sample, so that the window has no gaps; only the classifier
// fails if there is none.
psa_status_t Run(spm::Message& message) {
  sensor::SensorSample sample{};
  const psa_status_t status = ReadSensors(sample);
  const std::uint64_t t_ms = spm::UptimeMs();
  if (status == PSA_SUCCESS)
    window.Add(sample);
  else
    window.Clear();

  const bool sine = ++runs % kSineEvery == 0;
  if (sine) return ToPsa(message.WriteValue(0, inference.RunSine(t_ms)));
  if (status != PSA_SUCCESS) return status;
  return ToPsa(
      message.WriteValue(0, inference.RunMachine(window.Inputs(), t_ms)));
}

template <typename Encode>
psa_status_t Answer(spm::Message& message, Encode encode) {
  const Result<Bytes> encoded = encode(message.out[0]);
  if (!encoded.ok()) return ToPsa(encoded.error());
  message.out_size[0] = encoded->size();
  return PSA_SUCCESS;
}

psa_status_t Serve(spm::Message& message) {
  if (message.in_count != 0 || message.out_count != 1)
    return ToPsa(Error::kIpcBadRequest);
  if (!inference.ready()) return ToPsa(Error::kInferBadModel);
  switch (static_cast<spm::InferOp>(message.op)) {
    case spm::InferOp::kRun:
      return Run(message);
    case spm::InferOp::kMeasurements:
      return Answer(message, [](MutableBytes out) {
        return inference.Measurements(out);
      });
    case spm::InferOp::kModels:
      return Answer(message,
                    [](MutableBytes out) { return inference.Models(out); });
    case spm::InferOp::kLargest:
      return ToPsa(message.WriteValue(0, inference.Largest()));
  }
  return ToPsa(Error::kIpcBadRequest);
}

}  // namespace
}  // namespace cai::infer

extern "C" psa_status_t cai_infer_Start() {
  return cai::infer::ToPsa(cai::infer::inference.Start());
}

extern "C" psa_status_t cai_infer_Serve(cai::spm::Message* message) {
  return cai::infer::Serve(*message);
}
