// A claims set: any registered claim of CWT, EAT, PSA tokens and attestation
// results (claim_list.h), read from CBOR and written again. For tools and
// verifiers; the device's own tokens are build.h and parse.h, which know less
// and insist on more.
//
// Grammar: claims_set.cddl. Reading believes nothing: who signed the claims is
// envelope.h's and the verifier's to ask. Submodules are views, not yet read,
// so that depth costs no stack here: the caller reads each as it needs.
#pragma once

#include <optional>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/eat/list.h"
#include "lib/eat/tier.h"

namespace cai::eat {

// The largest claims set that is read: evidence of 4 KB within a result, and
// room for names around it.
constexpr std::size_t kMaxClaimsSet = 16384;

// ---- Forms of values. Views point into what was read. ----------------------

// A byte string of kMin to kMax bytes.
template <std::size_t kMin, std::size_t kMax>
struct BytesOf {
  Bytes value;
};
using AnyBytes = BytesOf<0, kMaxClaimsSet>;

// `~time` and location's `number`: an integer, or a float that is one of the
// finite ones.
struct Number {
  bool is_float = false;
  std::int64_t integer = 0;
  double real = 0;

  double value() const {
    return is_float ? real : static_cast<double>(integer);
  }
};

// Numbered in a registry, or named.
struct IntOrText {
  bool is_text = false;
  std::int64_t number = 0;
  std::string_view text;
};

// RFC 8392, 3.1.3: one StringOrURI or several. Our AI token names its service
// by eight bytes instead.
struct Audience {
  List<std::string_view, 4> names;
  bool is_array = false;
  std::optional<Bytes> service;
};

// RFC 8747, 3.1: a key, an encrypted key or the id of one.
struct Confirmation {
  Bytes key;            // the encoded COSE_Key, or empty
  Bytes encrypted_key;  // the encoded COSE_Encrypt or COSE_Encrypt0, or empty
  std::optional<Bytes> key_id;
};

// RFC 9711, 4.1: one, or an array of two or more. Here four at most.
using Nonces = List<BytesOf<8, 64>, 4>;
using Ueid = BytesOf<7, 33>;

struct LabelledUeid {
  std::string_view label;
  Ueid ueid;
};
using Sueids = List<LabelledUeid, 4>;

// RFC 9711, 4.2.3: random (16 bytes), IEEE (3 bytes) or an enterprise number.
struct OemId {
  Bytes bytes;  // empty: the number
  std::int64_t enterprise = 0;
};

// RFC 9711, 4.2.5 and 4.2.7.
struct Version {
  std::string_view text;
  std::optional<IntOrText> scheme;
};

enum class DebugStatus : std::uint8_t {
  kEnabled,
  kDisabled,
  kDisabledSinceBoot,
  kDisabledPermanently,
  kDisabledFullyAndPermanently,
};

// RFC 9711, 4.2.10, in the order of the keys 1 to 9; the first two are there.
struct Location {
  static constexpr std::size_t kFields = 9;
  std::array<std::optional<Number>, kFields> fields{};
};

// RFC 9711, 4.3.2: a URI or an OID.
struct Profile {
  std::string_view uri;
  Bytes oid;  // in BER without tag and length; empty if a URI
};

// RFC 9711, 4.2.18.
struct Submodule {
  enum class Kind : std::uint8_t {
    kClaims,     // `item` is a claims set
    kToken,      // `content` is a nested CBOR token
    kJsonToken,  // `text` is a nested token of JSON
    kDigest,     // of a detached claims set: `algorithm`, `content`
  };
  std::string_view name;
  Kind kind = Kind::kClaims;
  Bytes item;  // as it stands in the map
  Bytes content;
  std::string_view text;
  IntOrText algorithm;
};
using Submodules = List<Submodule, 8>;

// RFC 9711, 4.2.14.
struct Approval {
  std::string_view registrar, platform;
  std::optional<std::string_view> application;
};
using Approvals = List<Approval, 4>;

// RFC 9711, 4.2.15 and 4.2.16: CoAP content format and content.
struct Formatted {
  std::uint16_t format = 0;
  bool is_text = false;  // JSON within CBOR
  Bytes content;
};
using FormattedList = List<Formatted, 16>;

// RFC 9711, 4.2.17.
enum class Measured : std::uint8_t { kSuccess = 1, kFail, kNotRun, kAbsent };
struct ResultOf {
  bool is_text = true;
  Bytes id;
  Measured result = Measured::kSuccess;
};
struct ResultGroup {
  std::string_view system;
  List<ResultOf, 8> results;
};
using Results = List<ResultGroup, 4>;

// RFC 9711, 4.3.3.
enum class IntendedUse : std::uint8_t {
  kGeneric = 1,
  kRegistration,
  kProvisioning,
  kCsr,
  kProofOfPossession,
};

// draft-ietf-rats-ar4si, 2.3, in the order of the keys 0 to 7: from -128 to
// 127, or absent.
struct TrustVector {
  static constexpr std::size_t kFields = 8;
  std::array<std::optional<std::int8_t>, kFields> fields{};
};
enum class Trust : std::uint8_t {
  kInstanceIdentity,
  kConfiguration,
  kExecutables,
  kFileSystem,
  kHardware,
  kRuntimeOpaque,
  kStorageOpaque,
  kSourcedData,
};

using PolicyIds = List<std::string_view, 4>;

struct VerifierId {
  std::string_view developer, build;
};

// RFC 9783, 4.4.1. Absent texts are empty, absent bytes too.
struct PsaComponent {
  std::string_view type;
  Bytes measurement;
  std::string_view version;
  Bytes signer;
  std::string_view description;  // of the hash algorithm
};
using PsaComponents = List<PsaComponent, 16>;

// A claim that is not in claim_list.h, as it stands.
struct OtherClaim {
  bool is_text = false;
  std::int64_t key = 0;
  std::string_view name;
  Bytes value;
};

// ---- The set ---------------------------------------------------------------

struct ClaimsSet {
  std::optional<std::string_view> issuer, subject;
  std::optional<Audience> audience;
  std::optional<Number> expires, not_before, issued;  // Unix seconds
  std::optional<AnyBytes> token_id;
  std::optional<Confirmation> confirmation;
  std::optional<Nonces> nonces;
  std::optional<Ueid> ueid;
  std::optional<Sueids> sueids;
  std::optional<OemId> oem_id;
  std::optional<BytesOf<1, 32>> hardware_model;
  std::optional<Version> hardware_version;
  std::optional<std::uint64_t> uptime_s;
  std::optional<bool> oem_boot;
  std::optional<DebugStatus> debug;
  std::optional<Location> location;
  std::optional<Profile> profile;
  std::optional<Submodules> submodules;
  std::optional<std::uint64_t> boot_count;
  std::optional<AnyBytes> boot_seed;
  std::optional<Approvals> approvals;
  std::optional<std::string_view> software_name;
  std::optional<Version> software_version;
  std::optional<FormattedList> manifests, measurements;
  std::optional<Results> results;
  std::optional<IntendedUse> intended_use;
  std::optional<Tier> status;
  std::optional<TrustVector> trustworthiness;
  std::optional<AnyBytes> raw_evidence;
  std::optional<PolicyIds> policy_ids;
  std::optional<VerifierId> verifier_id;
  std::optional<std::int32_t> client_id;
  std::optional<std::uint16_t> lifecycle;
  std::optional<AnyBytes> implementation_id;
  std::optional<std::string_view> certification_reference;
  std::optional<PsaComponents> software_components;
  std::optional<std::string_view> verification_service;

  List<OtherClaim, 24> others;  // integers before texts, each ascending, if
                                // the reading was strict

  std::string_view ProfileUri() const {
    return profile ? profile->uri : std::string_view();
  }
};

// The one map that `in` holds. kStrict refuses what is not deterministic: what
// it reads, WriteClaims() writes again byte for byte. A reason of cbor;
// kEatMalformed if a value is not of its claim's form, kEatTooMany,
// kEatTooLarge. `where`, if given, receives the claim that it failed at.
Result<ClaimsSet> ReadClaims(Bytes in, cbor::Mode mode = cbor::Mode::kLenient,
                             std::int64_t* where = nullptr);

// Reads `value`, one item, as the registered claim `key` into `claims`.
// kEatMalformed if no claim has this key.
Status ReadClaim(std::int64_t key, Bytes value, cbor::Mode mode,
                 ClaimsSet& claims);

// Deterministic CBOR, the keys in ascending order.
void WriteClaims(const ClaimsSet& claims, cbor::Writer& out);

// Whether the registered claim `key` is there.
bool HasClaim(const ClaimsSet& claims, std::int64_t key);

// "ueid" for 256; empty for a key that is not in claim_list.h. And back.
std::string_view ClaimName(std::int64_t key);
std::optional<std::int64_t> ClaimKey(std::string_view name);

}  // namespace cai::eat
