// Appraises tokens: evidence in, attestation result out (RFC 9334).
// Pure: what registry, ledger and policy know comes in as values.
#pragma once

#include <optional>
#include <span>

#include "lib/eat/parse.h"
#include "lib/eat/tier.h"

namespace cai::eat {

// What the registry says of the device whose session or request this is.
struct Endorsement {
  ByteArray<kUeidSize> ueid{};
  crypto::P256Public attestation_key;  // IAK
  ByteArray<kHash> implementation_id{};
};

// What the ledger says of the nonce that the token carries (read it from
// ParseAiToken() or ParseKeyToken() first); absent if it was never issued to
// this device.
struct NonceEntry {
  ByteArray<32> nonce{};
  bool expired = false;
  std::optional<crypto::Digest> spent_by;  // token id
};

// Approved values. An empty list has no opinion: the claim stays "none".
struct FirmwareReference {
  std::string_view type;  // of the component
  crypto::Digest measurement{};
  crypto::Digest signer{};
};
struct ReferenceValues {
  std::span<const FirmwareReference> firmware;
  std::span<const crypto::Digest> engines;
  std::span<const crypto::Digest> models;
};

struct Policy {
  // Otherwise kEatFirmwareUnknown, kEatEngineUnknown, kEatModelUnknown are
  // reported in the result and the token is accepted.
  bool refuse_unknown = false;
  // Otherwise kEatLifecycle refuses all that is not 0x30xx.
  bool accept_unsecured = false;
};

struct AiExpectations {
  Endorsement device;
  std::optional<crypto::Digest> token_id;  // as the session names it
  std::optional<NonceEntry> nonce;
  ByteArray<kSvcSize> service{};
  std::uint32_t boot_count = 0;     // sc >> 8 of the session
  crypto::P256Public confirmation;  // the registry's cose-sign key
  ReferenceValues references;
  Policy policy;
};

struct KeyExpectations {
  Endorsement device;
  std::optional<NonceEntry> nonce;
  crypto::Digest request_digest{};  // x509::Csr::InfoDigest()
  crypto::P256Public confirmation;  // x509::Csr::key
  std::string_view purpose;         // by the request's OU: PurposeOf()
  ReferenceValues references;       // engines and models are not asked for
  Policy policy;
};

// The purpose that a key for this OU must have; empty for an unknown one.
std::string_view PurposeOf(std::string_view unit);

// An attestation result in the manner of draft-ietf-rats-ear.
struct Appraisal {
  Tier status = Tier::kNone;  // the worst of those below; none instead of
                              // affirming if one that applies was not appraised
  Tier instance_identity = Tier::kNone;
  Tier configuration = Tier::kNone;  // lifecycle
  Tier executables = Tier::kNone;    // firmware
  Tier hardware = Tier::kNone;       // implementation id
  Tier engine = Tier::kNone;         // our own two
  Tier models = Tier::kNone;
  std::optional<Error> reason;  // why it is not affirming, the first
};

struct AiResult {
  crypto::Digest token_id{};
  AiClaims claims;  // views into the token
  PlatformClaims platform;
  Appraisal appraisal;
};
struct KeyResult {
  crypto::Digest token_id{};
  KeyClaims claims;
  PlatformClaims platform;
  Appraisal appraisal;
};

// In the order of protocol.md, 1.4: (token id as named), device, both
// signatures by one key, profiles, platform token belongs to it, nonce,
// audience, boot, confirmed key, lifecycle, reference values.
// The first that fails is the Error; nothing of it may reach the peer.
Result<AiResult> VerifyAiToken(Bytes token, const AiExpectations& expected);

// The same, with request digest and purpose instead of audience and boot.
Result<KeyResult> VerifyKeyToken(Bytes token, const KeyExpectations& expected);

}  // namespace cai::eat
