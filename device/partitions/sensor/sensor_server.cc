// The sensor partition: requests to readings.
#include "device/partitions/sensor/api.h"
#include "device/partitions/sensor/clock.h"
#include "device/partitions/sensor/sensors.h"
#include "device/spm/partition.h"

namespace cai::sensor {
namespace {

psa_status_t ToPsa(const Status& status) {
  if (status.ok()) return PSA_SUCCESS;
  switch (status.error()) {
    case Error::kSensorAbsent:
      return PSA_ERROR_DOES_NOT_EXIST;
    case Error::kSensorBusStuck:
      return PSA_ERROR_HARDWARE_FAILURE;
    case Error::kSensorBadValue:
      return PSA_ERROR_DATA_CORRUPT;
    case Error::kIpcNoRoom:
      return PSA_ERROR_BUFFER_TOO_SMALL;
    case Error::kIpcBadRequest:
      return PSA_ERROR_NOT_SUPPORTED;
    default:
      return PSA_ERROR_GENERIC_ERROR;
  }
}

Status Read(spm::Message& message) {
  CAI_TRY_ASSIGN(const SensorSample sample, ReadSample());
  return message.WriteValue(0, sample);
}

Status Time(spm::Message& message) {
  CAI_TRY_ASSIGN(const std::uint64_t seconds, ReadClock());
  return message.WriteValue(0, seconds);
}

Status Serve(spm::Message& message) {
  if (message.in_count != 0 || message.out_count != 1)
    return Error::kIpcBadRequest;
  switch (static_cast<spm::SensorOp>(message.op)) {
    case spm::SensorOp::kRead:
      return Read(message);
    case spm::SensorOp::kTime:
      return Time(message);
    case spm::SensorOp::kPresent:
      return message.WriteValue(0, Present());
  }
  return Error::kIpcBadRequest;
}

}  // namespace
}  // namespace cai::sensor

// Sensors are set up when first read: a start cannot fail for want of one.
extern "C" psa_status_t cai_sensor_Start() { return PSA_SUCCESS; }

extern "C" psa_status_t cai_sensor_Serve(cai::spm::Message* message) {
  return cai::sensor::ToPsa(cai::sensor::Serve(*message));
}
