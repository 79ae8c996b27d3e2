// The device's own services over psa_call.
#include "cai/device.h"

#include <algorithm>
#include <span>

#include "device/partitions/infer/api.h"
#include "device/partitions/seal/api.h"
#include "device/partitions/sensor/api.h"
#include "device/psa/ns/service.h"
#include "lib/eat/claims.h"
#include "lib/wire/configuration.h"
#include "lib/x509/csr.h"

namespace cai::psa_ns {
namespace {

using spm::Sid;

static_assert(CAI_CSR_MAX_SIZE == x509::kMaxCsr);
static_assert(CAI_SEAL_MESSAGE_MAX_SIZE == seal::kMaxMessage);
static_assert(sizeof(cai_seal_step_t) == sizeof(seal::SealNext));
static_assert(CAI_HAS_TEMPERATURE == sensor::kHasTemperature &&
              CAI_HAS_MAGNETIC == sensor::kHasMagnetic &&
              CAI_HAS_CLOCK == sensor::kHasClock);
static_assert(CAI_KEY_TLS_CLIENT == spm::kKeyTlsClient &&
              CAI_KEY_BOOTSTRAP == spm::kKeyBootstrap);

template <typename Op>
psa_status_t Ask(Sid sid, Op op, std::span<const psa_invec> in,
                 std::span<psa_outvec> out) {
  return psa_call(CAI_PSA_HANDLE(static_cast<std::int32_t>(sid)),
                  static_cast<std::int32_t>(op), in.data(), in.size(),
                  out.data(), out.size());
}

// One output of at most `most` bytes; a larger buffer need not cross.
struct Output {
  std::uint8_t* data;
  std::size_t size, most;
  std::size_t* length;
};
template <typename Op>
psa_status_t Fill(Sid sid, Op op, std::span<const psa_invec> in,
                  const Output& to) {
  *to.length = 0;
  psa_outvec out[] = {{to.data, std::min(to.size, to.most)}};
  const psa_status_t status = Ask(sid, op, in, out);
  if (status == PSA_SUCCESS) *to.length = out[0].len;
  return status;
}

// Outputs of fixed sizes.
psa_status_t Whole(psa_status_t status, bool whole) {
  if (status != PSA_SUCCESS || whole) return status;
  return PSA_ERROR_COMMUNICATION_FAILURE;
}
template <typename T, typename Op>
psa_status_t Value(Sid sid, Op op, T* value) {
  psa_outvec out[] = {{value, sizeof(T)}};
  const psa_status_t status = Ask(sid, op, {}, out);
  return Whole(status, out[0].len == sizeof(T));
}

template <typename Op>
psa_status_t Tell(Op op, const std::uint8_t* message, std::size_t length) {
  const psa_invec in[] = {{message, length}};
  return Ask(Sid::kSeal, op, in, {});
}

}  // namespace
}  // namespace cai::psa_ns

using namespace cai;
using namespace cai::psa_ns;
using spm::Sid;

extern "C" {

psa_status_t cai_identity_get(uint8_t uuid[CAI_UUID_SIZE],
                              uint8_t ueid[CAI_UEID_SIZE]) {
  psa_outvec out[] = {{uuid, CAI_UUID_SIZE}, {ueid, CAI_UEID_SIZE}};
  const psa_status_t status =
      Ask(Sid::kIdentity, spm::IdentityOp::kUuid, {}, out);
  return Whole(status,
               out[0].len == CAI_UUID_SIZE && out[1].len == CAI_UEID_SIZE);
}

psa_status_t cai_identity_csr(cai_purpose_t purpose, uint8_t* csr, size_t size,
                              size_t* length) {
  const psa_invec in[] = {In(purpose)};
  return Fill(Sid::kIdentity, spm::IdentityOp::kCsr, in,
              {csr, size, CAI_CSR_MAX_SIZE, length});
}

psa_status_t cai_identity_configuration(uint8_t* configuration, size_t size,
                                        size_t* length) {
  return Fill(Sid::kIdentity, spm::IdentityOp::kConfig, {},
              {configuration, size, wire::Configuration::kMaxPayload, length});
}

psa_status_t cai_attest_key_token(const uint8_t nonce[CAI_KEY_TOKEN_NONCE_SIZE],
                                  cai_purpose_t purpose, uint8_t* token,
                                  size_t size, size_t* length) {
  const psa_invec in[] = {{nonce, CAI_KEY_TOKEN_NONCE_SIZE}, In(purpose)};
  return Fill(Sid::kAttest, spm::AttestOp::kKeyToken, in,
              {token, size, eat::kMaxKeyToken, length});
}

psa_status_t cai_sensor_present(uint32_t* sensors) {
  return Value(Sid::kSensor, spm::SensorOp::kPresent, sensors);
}

psa_status_t cai_sensor_time(uint64_t* unix_seconds) {
  return Value(Sid::kSensor, spm::SensorOp::kTime, unix_seconds);
}

psa_status_t cai_infer_models(uint8_t* models, size_t size, size_t* length) {
  return Fill(Sid::kInfer, spm::InferOp::kModels, {},
              {models, size, infer::kMaxMeasurements, length});
}

psa_status_t cai_seal_next(cai_seal_step_t* next, uint8_t* message, size_t size,
                           size_t* length) {
  *length = 0;
  psa_outvec out[] = {{next, sizeof(*next)},
                      {message, std::min(size, seal::kMaxMessage)}};
  const psa_status_t status = Ask(Sid::kSeal, spm::SealOp::kNext, {}, out);
  if (status == PSA_SUCCESS) *length = out[1].len;
  return Whole(status, out[0].len == sizeof(*next));
}

psa_status_t cai_seal_service_key(const uint8_t* message, size_t length) {
  return Tell(spm::SealOp::kServiceKey, message, length);
}

psa_status_t cai_seal_downlink(const uint8_t* message, size_t length) {
  return Tell(spm::SealOp::kDownlink, message, length);
}

psa_status_t cai_seal_status(uint8_t* status, size_t size, size_t* length) {
  return Fill(Sid::kSeal, spm::SealOp::kStatus, {},
              {status, size, seal::kMaxStatus, length});
}

}  // extern "C"
