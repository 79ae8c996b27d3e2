// Whom the service knows, and what it thinks of a token.
#pragma once

#include <optional>
#include <string>

#include "host/ingest/store.h"
#include "lib/crypto/p256.h"
#include "lib/wire/types.h"

namespace cai::ingest {

// A device as the registry has it.
struct Device {
  std::string uuid;
  wire::Uuid id{};
  wire::Ueid ueid{};
  ByteArray<32> implementation_id{};
  crypto::P256Public iak;
  std::optional<crypto::P256Public> cose_sign;  // pinned at enrolment
  bool attested = false;  // pinned by a key token of an endorsed IAK
};

// What a verified token said, and our opinion of it.
struct Appraisal {
  std::string status;  // "attested", or "unattested": no reference values
  std::vector<Component> components;
  std::uint64_t uptime_ms = 0;
  Blob nonce;
};

// The registry, as ingest needs it.
class Directory {
 public:
  virtual ~Directory() = default;
  // Active devices only.
  virtual Outcome<std::optional<Device>> Find(const std::string& uuid) = 0;
  // Verifies the token of a session whose signature and keys are known to be
  // the device's; the nonce ledger is the caller's. An Error of lib/eat, if it
  // is refused.
  virtual Outcome<Appraisal> Appraise(const Device& device,
                                      const wire::Svc& svc,
                                      const wire::SessionHeader& header,
                                      Bytes token) = 0;
};

}  // namespace cai::ingest
