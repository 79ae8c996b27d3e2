// What this application asks of the secure side, as plain functions over
// psa_call(). Tests link their own (spe_fake.h).
#pragma once

#include <cstdint>

#include "device/spm/services.h"
#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::ns::spe {

// Errors: kNsNotFound (no such object), kNsNotReady (busy: try again), else
// kNsService; LastStatus() has the psa_status_t behind it.
std::int32_t LastStatus();

// The configuration without secrets, as wire::ParseConfiguration reads it.
Result<Bytes> Configuration(MutableBytes out);
Status Identity(std::span<std::byte, 16> uuid, std::span<std::byte, 33> ueid);

Result<Bytes> KeyToken(std::span<const std::byte, 32> nonce,
                       spm::Purpose purpose, MutableBytes out);
Result<Bytes> Csr(spm::Purpose purpose, MutableBytes out);

struct Next {
  spm::SealKind kind;
  std::uint32_t wait_ms;
  Bytes message;  // in the caller's memory
};
Result<Next> SealNext(MutableBytes out);
Status ServiceKey(Bytes message);
Status Downlink(Bytes message);

// For the shell: CBOR, see services.h.
Result<Bytes> SealStatus(MutableBytes out);
Result<Bytes> Models(MutableBytes out);
Result<std::uint32_t> SensorsPresent();

Result<std::uint64_t> UnixSeconds();

// Confirms the images that run on trial, so that the next start keeps them.
// True if there were any.
Result<bool> AcceptUpdate();

// Protected Storage. Load: kNsNotFound if there is no such object.
Status Store(std::uint64_t uid, Bytes data);
Result<Bytes> Load(std::uint64_t uid, MutableBytes out);

Status Random(MutableBytes out);

}  // namespace cai::ns::spe
