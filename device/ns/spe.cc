#include "device/ns/spe.h"

#include "psa/client.h"
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

struct Call {
  spm::Sid sid;
  std::int32_t op;
  psa_invec in[3] = {};
  std::size_t ins = 0;
  psa_outvec out[3] = {};
  std::size_t outs = 0;

  Call& In(Bytes bytes) {
    in[ins++] = {bytes.data(), bytes.size()};
    return *this;
  }
  Call& Out(MutableBytes bytes) {
    out[outs++] = {bytes.data(), bytes.size()};
    return *this;
  }
  Status operator()() {
    const auto number = static_cast<std::int32_t>(sid);
    return StatusOf(psa_call(CAI_PSA_HANDLE(number), op, in, ins, out, outs));
  }
};

template <typename Op>
Call To(spm::Sid sid, Op op) {
  return Call{sid, static_cast<std::int32_t>(op)};
}

// Safety: trivially copyable values, seen as their bytes.
template <typename T>
Bytes BytesOf(const T& value) {
  return {reinterpret_cast<const std::byte*>(&value), sizeof(T)};
}
template <typename T>
MutableBytes MutableBytesOf(T& value) {
  return {reinterpret_cast<std::byte*>(&value), sizeof(T)};
}

// A call with one variable output.
Result<Bytes> Fill(Call call, MutableBytes out) {
  call.Out(out);
  CAI_TRY(call());
  const std::size_t size = call.out[call.outs - 1].len;
  if (size > out.size()) return Error::kNsService;
  return Bytes(out.first(size));
}

// A call whose one output must be a T.
template <typename T>
Result<T> Value(Call call) {
  T value{};
  CAI_TRY_ASSIGN(const Bytes got, Fill(call, MutableBytesOf(value)));
  if (got.size() != sizeof(T)) return Error::kNsService;
  return value;
}

}  // namespace

std::int32_t LastStatus() { return last; }

Result<Bytes> Configuration(MutableBytes out) {
  return Fill(To(spm::Sid::kIdentity, spm::IdentityOp::kConfig), out);
}

Status Identity(std::span<std::byte, 16> uuid, std::span<std::byte, 33> ueid) {
  Call call = To(spm::Sid::kIdentity, spm::IdentityOp::kUuid);
  call.Out(uuid).Out(ueid);
  CAI_TRY(call());
  if (call.out[0].len != 16 || call.out[1].len != 33) return Error::kNsService;
  return kDone;
}

Result<Bytes> KeyToken(std::span<const std::byte, 32> nonce,
                       spm::Purpose purpose, MutableBytes out) {
  Call call = To(spm::Sid::kAttest, spm::AttestOp::kKeyToken);
  call.In(nonce).In(BytesOf(purpose));
  return Fill(call, out);
}

Result<Bytes> Csr(spm::Purpose purpose, MutableBytes out) {
  Call call = To(spm::Sid::kIdentity, spm::IdentityOp::kCsr);
  call.In(BytesOf(purpose));
  return Fill(call, out);
}

Result<Next> SealNext(MutableBytes out) {
  struct {
    std::uint32_t kind, wait_ms;
  } head{};
  Call call = To(spm::Sid::kSeal, spm::SealOp::kNext);
  call.Out(MutableBytesOf(head)).Out(out);
  CAI_TRY(call());
  if (call.out[0].len != sizeof(head) || call.out[1].len > out.size())
    return Error::kNsService;
  return Next{static_cast<spm::SealKind>(head.kind), head.wait_ms,
              out.first(call.out[1].len)};
}

Status ServiceKey(Bytes message) {
  return To(spm::Sid::kSeal, spm::SealOp::kServiceKey).In(message)();
}

Status Downlink(Bytes message) {
  return To(spm::Sid::kSeal, spm::SealOp::kDownlink).In(message)();
}

Result<Bytes> SealStatus(MutableBytes out) {
  return Fill(To(spm::Sid::kSeal, spm::SealOp::kStatus), out);
}

Result<Bytes> Models(MutableBytes out) {
  return Fill(To(spm::Sid::kInfer, spm::InferOp::kModels), out);
}

Result<std::uint32_t> SensorsPresent() {
  return Value<std::uint32_t>(To(spm::Sid::kSensor, spm::SensorOp::kPresent));
}

Result<std::uint64_t> UnixSeconds() {
  return Value<std::uint64_t>(To(spm::Sid::kSensor, spm::SensorOp::kTime));
}

Status Store(std::uint64_t uid, Bytes data) {
  return StatusOf(
      psa_ps_set(uid, data.size(), data.data(), PSA_STORAGE_FLAG_NONE));
}

Result<Bytes> Load(std::uint64_t uid, MutableBytes out) {
  std::size_t size = 0;
  CAI_TRY(StatusOf(psa_ps_get(uid, 0, out.size(), out.data(), &size)));
  if (size > out.size()) return Error::kNsService;
  return Bytes(out.first(size));
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
