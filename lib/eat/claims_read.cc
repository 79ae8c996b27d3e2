// Reading: an overload of Read() for each form of value, and the table of
// claim_list.h to choose among them.
#include "lib/eat/form.h"
#include "lib/eat/headers.h"

namespace cai::eat {

using cbor::Mode;
using cbor::Reader;
using cbor::Type;

namespace form {

// ---- CWT -------------------------------------------------------------------

static Status Read(Source from, Audience& value) {
  CAI_TRY_ASSIGN(value.is_array, from.IsNext(Type::kArray));
  if (value.is_array) return Read(from, value.names);
  CAI_TRY_ASSIGN(const bool is_text, from.IsNext(Type::kText));
  if (!is_text) {
    CAI_TRY_ASSIGN(value.service, from.in.Bstr());
    return kDone;
  }
  std::string_view name;
  CAI_TRY(Read(from, name));
  return value.names.Add(name);
}

static Status Read(Source from, Confirmation& value) {
  CAI_TRY(ReadMap<3>(from, [&](std::int64_t key) -> Status {
    if (key == 1) {
      CAI_TRY_ASSIGN(value.key, from.in.Skip());
    } else if (key == 2) {
      CAI_TRY_ASSIGN(value.encrypted_key, from.in.Skip());
    } else if (key == 3) {
      CAI_TRY_ASSIGN(value.key_id, from.in.Bstr());
    } else {
      return Error::kEatMalformed;
    }
    return kDone;
  }));
  // RFC 8747, 3.1: "at most one of the COSE_Key and Encrypted_COSE_Key".
  const bool both = !value.key.empty() && !value.encrypted_key.empty();
  const bool none =
      value.key.empty() && value.encrypted_key.empty() && !value.key_id;
  if (both || none) return Error::kEatMalformed;
  return kDone;
}

// ---- EAT -------------------------------------------------------------------

static Status Read(Source from, DebugStatus& value) {
  return ReadInt(from, value, 0, 4);
}
static Status Read(Source from, IntendedUse& value) {
  return ReadInt(from, value, 1, 5);
}
static Status Read(Source from, Measured& value) {
  return ReadInt(from, value, 1, 4);
}

static Status Read(Source from, Tier& value) {
  CAI_TRY(ReadInt(from, value, 0, 96));
  const auto n = static_cast<int>(value);
  if (n != 0 && n != 2 && n != 32 && n != 96) return Error::kEatMalformed;
  return kDone;
}

// RFC 9711, 4.1: one bstr, or [2* bstr].
static Status Read(Source from, Nonces& value) {
  CAI_TRY_ASSIGN(const bool several, from.IsNext(Type::kArray));
  if (several) return ReadItems(from, value, 2);
  BytesOf<8, 64> one;
  CAI_TRY(Read(from, one));
  return value.Add(one);
}

static Status ReadValue(Source from, LabelledUeid& value) {
  return Read(from, value.ueid);
}
static Status Read(Source from, Sueids& value) {
  return ReadNamed(from, value, &LabelledUeid::label);
}

static Status Read(Source from, OemId& value) {
  CAI_TRY_ASSIGN(const bool is_bytes, from.IsNext(Type::kBstr));
  if (!is_bytes) {
    CAI_TRY_ASSIGN(value.enterprise, from.in.Int());
    return kDone;
  }
  CAI_TRY_ASSIGN(value.bytes, from.in.Bstr());
  if (value.bytes.size() != 3 && value.bytes.size() != 16)
    return Error::kEatMalformed;
  return kDone;
}

static Status Read(Source from, Location& value) {
  CAI_TRY(ReadMap<Location::kFields>(from, [&](std::int64_t key) -> Status {
    if (key < 1 || key > std::int64_t{Location::kFields})
      return Error::kEatMalformed;
    return Read(from, value.fields[key - 1].emplace());
  }));
  if (!value.fields[0] || !value.fields[1]) return Error::kEatMissingClaim;
  return kDone;
}

static Status Read(Source from, Profile& value) {
  CAI_TRY_ASSIGN(const bool is_uri, from.IsNext(Type::kText));
  if (is_uri) return Read(from, value.uri);
  CAI_TRY_ASSIGN(value.oid, from.in.Bstr());
  return value.oid.empty() ? Status(Error::kEatMalformed) : Status(kDone);
}

// [alg, digest], within one item.
static Status ReadDigest(Source from, Submodule& value) {
  CAI_TRY(from.in.ArrayOf(2));
  CAI_TRY(Read(from, value.algorithm));
  CAI_TRY_ASSIGN(value.content, from.in.Bstr());
  return kDone;
}

static Status ReadValue(Source from, Submodule& value) {
  Reader item(from.in.rest(), from.mode);
  const Source inside{item, from.mode};
  CAI_TRY_ASSIGN(value.item, from.in.Skip());
  CAI_TRY_ASSIGN(const Type type, item.Peek());
  switch (type) {
    case Type::kMap:
      value.kind = Submodule::Kind::kClaims;
      return kDone;
    case Type::kBstr: {
      value.kind = Submodule::Kind::kToken;
      CAI_TRY_ASSIGN(value.content, item.Bstr());
      return kDone;
    }
    case Type::kText:
      value.kind = Submodule::Kind::kJsonToken;
      return Read(inside, value.text);
    default:
      value.kind = Submodule::Kind::kDigest;
      return ReadDigest(inside, value);
  }
}
static Status Read(Source from, Submodules& value) {
  return ReadNamed(from, value, &Submodule::name);
}

static Status Read(Source from, Approval& value) {
  CAI_TRY_ASSIGN(const std::uint64_t items, from.in.Array());
  if (items != 2 && items != 3) return Error::kEatMalformed;
  CAI_TRY(Read(from, value.registrar));
  CAI_TRY(Read(from, value.platform));
  return items == 2 ? Status(kDone) : Read(from, value.application.emplace());
}

static Status Read(Source from, Formatted& value) {
  CAI_TRY(from.in.ArrayOf(2));
  CAI_TRY(Read(from, value.format));
  CAI_TRY_ASSIGN(value.is_text, from.IsNext(Type::kText));
  if (value.is_text) {
    CAI_TRY_ASSIGN(const std::string_view text, from.in.Text());
    value.content = AsBytes(text);
  } else {
    CAI_TRY_ASSIGN(value.content, from.in.Bstr());
  }
  return kDone;
}

static Status Read(Source from, ResultOf& value) {
  CAI_TRY(from.in.ArrayOf(2));
  CAI_TRY_ASSIGN(value.is_text, from.IsNext(Type::kText));
  if (value.is_text) {
    CAI_TRY_ASSIGN(const std::string_view text, from.in.Text());
    value.id = AsBytes(text);
  } else {
    CAI_TRY_ASSIGN(value.id, from.in.Bstr());
  }
  return Read(from, value.result);
}

static Status Read(Source from, ResultGroup& value) {
  CAI_TRY(from.in.ArrayOf(2));
  CAI_TRY(Read(from, value.system));
  return Read(from, value.results);
}

// ---- EAR -------------------------------------------------------------------

static Status Read(Source from, TrustVector& value) {
  CAI_TRY(ReadMap<TrustVector::kFields>(from, [&](std::int64_t key) -> Status {
    if (key < 0 || key >= std::int64_t{TrustVector::kFields})
      return Error::kEatMalformed;
    return Read(from, value.fields[key].emplace());
  }));
  const auto& f = value.fields;
  const bool any = std::any_of(f.begin(), f.end(), [](auto& x) { return !!x; });
  return any ? Status(kDone) : Status(Error::kEatMalformed);
}

static Status Read(Source from, VerifierId& value) {
  bool developer = false, build = false;
  CAI_TRY(ReadMap<2>(from, [&](std::int64_t key) -> Status {
    if (key != 0 && key != 1) return Error::kEatMalformed;
    (key == 0 ? developer : build) = true;
    return Read(from, key == 0 ? value.developer : value.build);
  }));
  return developer && build ? Status(kDone) : Status(Error::kEatMissingClaim);
}

// ---- PSA -------------------------------------------------------------------

// RFC 9783, 4.4.1: texts that are there say something.
static Status ReadSaying(Source from, std::string_view& value) {
  CAI_TRY(Read(from, value));
  return value.empty() ? Status(Error::kEatMalformed) : Status(kDone);
}

static Status ReadHash(Source from, Bytes& value) {
  CAI_TRY_ASSIGN(value, from.in.Bstr());
  return IsChallenge(value) ? Status(kDone) : Status(Error::kEatMalformed);
}

static Status Read(Source from, PsaComponent& value) {
  CAI_TRY(ReadMap<8>(from, [&](std::int64_t key) -> Status {
    switch (key) {
      case 1:
        return ReadSaying(from, value.type);
      case 2:
        return ReadHash(from, value.measurement);
      case 4:
        return ReadSaying(from, value.version);
      case 5:
        return ReadHash(from, value.signer);
      case 6:
        return ReadSaying(from, value.description);
      default:
        return Error::kEatMalformed;
    }
  }));
  if (value.measurement.empty() || value.signer.empty())
    return Error::kEatMissingClaim;
  return kDone;
}

}  // namespace form

// ---- The set ---------------------------------------------------------------

namespace {

using form::Read;
using form::Source;
using form::TextsAscend;

// All claims of the list and those that others may add.
using SetKeys = Keys<64>;

Status ReadKnown(Source from, std::int64_t key, ClaimsSet& claims) {
  switch (key) {
#define CAI_CLAIM(member, number, name) \
  case number:                          \
    return Read(from, claims.member.emplace());
#include "lib/eat/claim_list.h"
#undef CAI_CLAIM
    default: {
      OtherClaim other{false, key, {}, {}};
      CAI_TRY_ASSIGN(other.value, from.in.Skip());
      return claims.others.Add(other);
    }
  }
}

// RFC 8392, 3: labels may be texts; they stand behind all integers.
Status ReadTextKey(Source from, ClaimsSet& claims) {
  OtherClaim other{true, 0, {}, {}};
  CAI_TRY(Read(from, other.name));
  for (const OtherClaim& before : claims.others)
    if (before.is_text && before.name == other.name)
      return Error::kCborDuplicateKey;
  const auto& last = claims.others;
  if (from.mode == Mode::kStrict && !last.empty() &&
      last[last.size() - 1].is_text &&
      !TextsAscend(last[last.size() - 1].name, other.name))
    return Error::kCborKeyOrder;
  CAI_TRY_ASSIGN(other.value, from.in.Skip());
  return claims.others.Add(other);
}

bool EndsInText(const ClaimsSet& claims) {
  const auto& others = claims.others;
  return !others.empty() && others[others.size() - 1].is_text;
}

Status ReadPair(Source from, SetKeys& keys, ClaimsSet& claims,
                std::int64_t& where) {
  where = 0;
  CAI_TRY_ASSIGN(const bool is_text, from.IsNext(Type::kText));
  if (is_text) {
    keys.Pass();
    return ReadTextKey(from, claims);
  }
  CAI_TRY_ASSIGN(where, keys.Next());
  if (from.mode == Mode::kStrict && EndsInText(claims))
    return Error::kCborKeyOrder;
  return ReadKnown(from, where, claims);
}

Result<ClaimsSet> ReadSet(Source from, std::int64_t& where) {
  ClaimsSet claims;
  CAI_TRY_ASSIGN(SetKeys keys, SetKeys::Open(from.in, from.mode));
  while (keys.more()) CAI_TRY(ReadPair(from, keys, claims, where));
  where = 0;
  CAI_TRY(from.in.Finish());
  return claims;
}

}  // namespace

Result<ClaimsSet> ReadClaims(Bytes in, Mode mode, std::int64_t* where) {
  if (in.size() > kMaxClaimsSet) return Error::kEatTooLarge;
  Reader reader(in, mode);
  std::int64_t at = 0;
  const auto claims = ReadSet({reader, mode}, at);
  if (where) *where = claims.ok() ? 0 : at;
  return claims;
}

Status ReadClaim(std::int64_t key, Bytes value, Mode mode, ClaimsSet& claims) {
  if (ClaimName(key).empty()) return Error::kEatMalformed;
  Reader in(value, mode);
  CAI_TRY(ReadKnown({in, mode}, key, claims));
  return in.Finish();
}

}  // namespace cai::eat
