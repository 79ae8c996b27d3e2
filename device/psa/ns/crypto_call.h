// psa_call to the crypto partition, for the shims of PSA Crypto: every function
// is one call, or a few where data is longer than the partition's vector areas.
// Keys and operations in progress live there; here are numbers.
#pragma once

#include "device/partitions/crypto/api.h"
#include "device/psa/ns/service.h"
#include "psa/crypto.h"

namespace cai::psa_ns {

namespace api = crypto_api;
using api::Op;

// No key, hash, MAC or signature of ours is larger. A caller's larger buffer is
// offered only so far, or the SPM would refuse it.
constexpr std::size_t kMaxSmall = 256;

inline std::size_t Small(std::size_t room) {
  return room < kMaxSmall ? room : kMaxSmall;
}

template <std::size_t kIns>
psa_status_t Call(Op op, const psa_invec (&in)[kIns]) {
  return Call(spm::Sid::kCrypto, static_cast<std::int32_t>(op), in);
}

// `size` becomes what was written; 0 on errors.
template <std::size_t kIns>
psa_status_t Call(Op op, const psa_invec (&in)[kIns], void* out,
                  std::size_t room, std::size_t* size) {
  return Call(spm::Sid::kCrypto, static_cast<std::int32_t>(op), in, out, room,
              size);
}

// For results of one fixed size.
template <typename T, std::size_t kIns>
psa_status_t CallFor(Op op, const psa_invec (&in)[kIns], T* value) {
  std::size_t size = 0;
  const psa_status_t status = Call(op, in, value, sizeof(T), &size);
  if (status != PSA_SUCCESS) return status;
  return size == sizeof(T) ? PSA_SUCCESS : PSA_ERROR_COMMUNICATION_FAILURE;
}

// Opens an operation: its handle is set only if that succeeded.
template <typename Operation, typename Request>
psa_status_t Open(Operation* operation, Op op, const Request& request) {
  if (operation->handle != 0) return PSA_ERROR_BAD_STATE;
  std::uint32_t handle = 0;
  const psa_status_t status = CallFor(op, {In(request)}, &handle);
  if (status == PSA_SUCCESS) operation->handle = handle;
  return status;
}

// After success an operation is inactive; after an error it stays until it is
// aborted, and all else is a PSA_ERROR_BAD_STATE: the partition knows its
// handle no more.
template <typename Operation>
psa_status_t Finished(Operation* operation, psa_status_t status) {
  if (status == PSA_SUCCESS) operation->handle = 0;
  return status;
}

// Aborting what is not active is no error. While another call is open the
// operation stays, so that it can be tried again: a handle that is lost would
// take its slot along.
template <typename Operation>
psa_status_t Abort(Operation* operation, Op op) {
  if (operation->handle == 0) return PSA_SUCCESS;
  const api::HandleRequest request{operation->handle};
  return Finished(operation, Call(op, {In(request)}));
}

// `part(data, size)` for each piece of the data that fits into a call, and once
// if there is none; ends at the first error.
template <typename Part>
psa_status_t InParts(const std::uint8_t* data, std::size_t size, Part part) {
  do {
    const std::size_t piece = size < api::kMaxData ? size : api::kMaxData;
    const psa_status_t status = part(data, piece);
    if (status != PSA_SUCCESS) return status;
    data += piece;
    size -= piece;
  } while (size > 0);
  return PSA_SUCCESS;
}

// For operations whose update takes data and gives nothing.
template <typename Operation>
psa_status_t Update(const Operation* operation, Op op, const std::uint8_t* data,
                    std::size_t size) {
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  return InParts(data, size, [&](const std::uint8_t* part, std::size_t length) {
    return Call(op, {In(request), {part, length}});
  });
}

// Makes a key: `request` has its attributes. A second algorithm (of Mbed TLS,
// not of PSA Crypto) does not cross, and is refused rather than lost.
template <std::size_t kIns>
psa_status_t MakeKey(Op op, const psa_key_attributes_t* attributes,
                     const psa_invec (&in)[kIns], psa_key_id_t* key) {
  *key = 0;
  if (psa_get_key_enrollment_algorithm(attributes) != PSA_ALG_NONE)
    return PSA_ERROR_NOT_SUPPORTED;
  return CallFor(op, in, key);
}

inline api::KeyAttributes Pack(const psa_key_attributes_t* from) {
  return {.type = psa_get_key_type(from),
          .bits = static_cast<std::uint32_t>(psa_get_key_bits(from)),
          .lifetime = psa_get_key_lifetime(from),
          .usage = psa_get_key_usage_flags(from),
          .algorithm = psa_get_key_algorithm(from),
          .key = psa_get_key_id(from)};
}

}  // namespace cai::psa_ns
