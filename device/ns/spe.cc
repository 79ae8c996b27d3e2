#include "device/ns/spe.h"

#include "cai/device.h"
#include "psa/protected_storage.h"
#include "psa/update.h"

// psa/crypto.h would bring Mbed TLS's configuration in for one function.
extern "C" psa_status_t psa_generate_random(std::uint8_t* output,
                                            std::size_t size);

namespace cai::ns::spe {
namespace {

psa_status_t last = PSA_SUCCESS;

Status StatusOf(psa_status_t status) {
  last = status;
  switch (status) {
    case PSA_SUCCESS:
      return kDone;
    case PSA_ERROR_DOES_NOT_EXIST:
      return Error::kNsNotFound;
    case PSA_ERROR_CONNECTION_BUSY:
      return Error::kNsNotReady;
    default:
      return Error::kNsService;
  }
}

// A call with one variable output: `ask(data, size, &length)`.
template <typename Ask>
Result<Bytes> Fill(MutableBytes out, Ask ask) {
  std::size_t size = 0;
  CAI_TRY(StatusOf(ask(AsU8(out), out.size(), &size)));
  if (size > out.size()) return Error::kNsService;
  return Bytes(out.first(size));
}

// A call with one output of type T.
template <typename T>
Result<T> Value(psa_status_t (*ask)(T*)) {
  T value{};
  CAI_TRY(StatusOf(ask(&value)));
  return value;
}

auto Number(spm::Purpose purpose) {
  return static_cast<cai_purpose_t>(purpose);
}

}  // namespace

std::int32_t LastStatus() { return last; }

Result<Bytes> Configuration(MutableBytes out) {
  return Fill(out, cai_identity_configuration);
}

Status Identity(std::span<std::byte, 16> uuid, std::span<std::byte, 33> ueid) {
  return StatusOf(cai_identity_get(AsU8(uuid), AsU8(ueid)));
}

Result<Bytes> KeyToken(std::span<const std::byte, 32> nonce,
                       spm::Purpose purpose, MutableBytes out) {
  return Fill(out,
              [&](std::uint8_t* token, std::size_t room, std::size_t* size) {
                return cai_attest_key_token(AsU8(nonce), Number(purpose), token,
                                            room, size);
              });
}

Result<Bytes> Csr(spm::Purpose purpose, MutableBytes out) {
  return Fill(out, [&](std::uint8_t* csr, std::size_t room, std::size_t* size) {
    return cai_identity_csr(Number(purpose), csr, room, size);
  });
}

Result<Next> SealNext(MutableBytes out) {
  cai_seal_step_t next{};
  CAI_TRY_ASSIGN(
      const Bytes message,
      Fill(out, [&](std::uint8_t* data, std::size_t room, std::size_t* size) {
        return cai_seal_next(&next, data, room, size);
      }));
  return Next{static_cast<spm::SealKind>(next.kind), next.wait_ms, message};
}

Status ServiceKey(Bytes message) {
  return StatusOf(cai_seal_service_key(AsU8(message), message.size()));
}

Status Downlink(Bytes message) {
  return StatusOf(cai_seal_downlink(AsU8(message), message.size()));
}

Result<Bytes> SealStatus(MutableBytes out) {
  return Fill(out, cai_seal_status);
}

Result<Bytes> Models(MutableBytes out) { return Fill(out, cai_infer_models); }

Result<std::uint32_t> SensorsPresent() { return Value(cai_sensor_present); }

Result<std::uint64_t> UnixSeconds() { return Value(cai_sensor_time); }

Status Store(std::uint64_t uid, Bytes data) {
  return StatusOf(
      psa_ps_set(uid, data.size(), data.data(), PSA_STORAGE_FLAG_NONE));
}

Result<Bytes> Load(std::uint64_t uid, MutableBytes out) {
  return Fill(out,
              [&](std::uint8_t* data, std::size_t room, std::size_t* size) {
                return psa_ps_get(uid, 0, room, data, size);
              });
}

Status Random(MutableBytes out) {
  return StatusOf(psa_generate_random(AsU8(out), out.size()));
}

Result<bool> AcceptUpdate() {
  for (psa_fwu_component_t image = 0; image < FWU_COMPONENT_NUMBER; ++image) {
    psa_fwu_component_info_t info;
    CAI_TRY(StatusOf(psa_fwu_query(image, &info)));
    if (info.state != PSA_FWU_TRIAL) continue;
    CAI_TRY(StatusOf(psa_fwu_accept()));
    return true;
  }
  return false;
}

}  // namespace cai::ns::spe
