#include "lib/eat/parse.h"

#include <limits>

#include "lib/cbor/reader.h"
#include "lib/eat/headers.h"
#include "lib/eat/keys.h"

namespace cai::eat {
namespace {

using cbor::Reader;

// The widest map is the AI token's, of 10; more, so that a foreign claim is
// told from too many.
using TokenKeys = Keys<16>;

Result<TokenKeys> OpenKeys(Reader& in) {
  return TokenKeys::Open(in, cbor::Mode::kStrict);
}

template <typename Holds>
Result<Bytes> BstrThat(Reader& in, Holds holds) {
  CAI_TRY_ASSIGN(const Bytes value, in.Bstr());
  if (!holds(value)) return Error::kEatMalformed;
  return value;
}

Result<Bytes> BstrOf(Reader& in, std::size_t size) {
  return BstrThat(in, [size](Bytes b) { return b.size() == size; });
}

// Never empty: an absent text has no key.
Result<std::string_view> Text(Reader& in, std::size_t max) {
  CAI_TRY_ASSIGN(const std::string_view text, in.Text());
  if (text.empty() || text.size() > max) return Error::kEatMalformed;
  return text;
}

Result<std::int32_t> ClientId(Reader& in) {
  CAI_TRY_ASSIGN(const std::int64_t id, in.Int());
  using Limits = std::numeric_limits<std::int32_t>;
  if (id < Limits::min() || id > Limits::max()) return Error::kEatMalformed;
  return static_cast<std::int32_t>(id);
}

Result<std::uint16_t> Lifecycle(Reader& in) {
  CAI_TRY_ASSIGN(const std::uint64_t lifecycle, in.Uint());
  if (!IsLifecycle(lifecycle)) return Error::kEatMalformed;
  return static_cast<std::uint16_t>(lifecycle);
}

// ---- Platform token --------------------------------------------------------

Status ReadComponentField(Reader& in, std::int64_t key,
                          SoftwareComponent& component) {
  switch (key) {
    case 1: {
      CAI_TRY_ASSIGN(component.type, Text(in, SoftwareComponent::kMaxType));
      return kDone;
    }
    case 2: {
      CAI_TRY_ASSIGN(component.measurement, BstrOf(in, kHash));
      return kDone;
    }
    case 4: {
      CAI_TRY_ASSIGN(component.version,
                     Text(in, SoftwareComponent::kMaxVersion));
      return kDone;
    }
    case 5: {
      CAI_TRY_ASSIGN(component.signer, BstrOf(in, kHash));
      return kDone;
    }
    default:
      return Error::kEatMalformed;
  }
}

Status ReadComponent(Reader& in, SoftwareComponent& component) {
  CAI_TRY_ASSIGN(TokenKeys keys, OpenKeys(in));
  while (keys.more()) {
    CAI_TRY_ASSIGN(const std::int64_t key, keys.Next());
    CAI_TRY(ReadComponentField(in, key, component));
  }
  if (!keys.Saw(2) || !keys.Saw(5)) return Error::kEatMissingClaim;
  return kDone;
}

Result<std::size_t> Count(Reader& in, std::size_t max) {
  CAI_TRY_ASSIGN(const std::uint64_t items, in.Array());
  if (items == 0) return Error::kEatMalformed;
  if (items > max) return Error::kEatTooMany;
  return static_cast<std::size_t>(items);
}

Status ReadComponents(Reader& in, PlatformClaims& claims) {
  CAI_TRY_ASSIGN(claims.component_count, Count(in, kMaxSoftwareComponents));
  for (std::size_t i = 0; i < claims.component_count; ++i)
    CAI_TRY(ReadComponent(in, claims.components[i]));
  return kDone;
}

Status ReadPlatformClaim(Reader& in, Claim claim, PlatformToken& token) {
  PlatformClaims& claims = token.claims;
  switch (claim) {
    case Claim::kNonce: {
      CAI_TRY_ASSIGN(claims.nonce, BstrThat(in, IsChallenge));
      return kDone;
    }
    case Claim::kUeid: {
      CAI_TRY_ASSIGN(claims.ueid, BstrThat(in, IsUeid));
      return kDone;
    }
    case Claim::kProfile: {
      CAI_TRY_ASSIGN(token.profile, in.Text());
      return kDone;
    }
    case Claim::kBootSeed: {
      CAI_TRY_ASSIGN(claims.boot_seed, BstrOf(in, kHash));
      return kDone;
    }
    case Claim::kClientId: {
      CAI_TRY_ASSIGN(claims.client_id, ClientId(in));
      return kDone;
    }
    case Claim::kLifecycle: {
      CAI_TRY_ASSIGN(claims.lifecycle, Lifecycle(in));
      return kDone;
    }
    case Claim::kImplementationId: {
      CAI_TRY_ASSIGN(claims.implementation_id, BstrOf(in, kHash));
      return kDone;
    }
    case Claim::kSoftwareComponents:
      return ReadComponents(in, claims);
    default:
      return Error::kEatMalformed;
  }
}

Status ReadPlatformClaims(Reader& in, PlatformToken& token) {
  CAI_TRY_ASSIGN(TokenKeys keys, OpenKeys(in));
  while (keys.more()) {
    CAI_TRY_ASSIGN(const std::int64_t key, keys.Next());
    CAI_TRY(ReadPlatformClaim(in, static_cast<Claim>(key), token));
  }
  // RFC 9783, table 1, has all but the boot seed mandatory.
  return keys.Require({Claim::kNonce, Claim::kUeid, Claim::kProfile,
                       Claim::kBootSeed, Claim::kClientId, Claim::kLifecycle,
                       Claim::kImplementationId, Claim::kSoftwareComponents});
}

// ---- AI and key token ------------------------------------------------------

Result<crypto::P256Public> ReadConfirmation(Reader& in) {
  CAI_TRY_ASSIGN(const std::uint64_t pairs, in.Map());
  if (pairs != 1) return Error::kEatMalformed;
  CAI_TRY_ASSIGN(const std::uint64_t method, in.Uint());
  if (method != 1) return Error::kEatMalformed;
  return cose::ReadKey(in);
}

Result<Bytes> ReadPlatform(Reader& in) {
  CAI_TRY_ASSIGN(const std::uint64_t pairs, in.Map());
  if (pairs != 1) return Error::kEatMalformed;
  CAI_TRY_ASSIGN(const std::string_view name, in.Text());
  if (name != kPlatformSubmodule) return Error::kEatMalformed;
  return BstrThat(in, [](Bytes b) {
    return !b.empty() && b.size() <= kMaxNestedPlatformToken;
  });
}

// [name, ? [version]]
Status ReadComponentId(Reader& in, MeasuredComponent& component) {
  CAI_TRY_ASSIGN(const std::uint64_t items, in.Array());
  if (items != 1 && items != 2) return Error::kEatMalformed;
  CAI_TRY_ASSIGN(component.name, Text(in, MeasuredComponent::kMaxName));
  if (items == 1) return kDone;
  CAI_TRY(in.ArrayOf(1));
  CAI_TRY_ASSIGN(component.version, Text(in, MeasuredComponent::kMaxVersion));
  return kDone;
}

Status ReadMeasured(Reader in, MeasuredComponent& component) {
  CAI_TRY_ASSIGN(const std::uint64_t pairs, in.Map());
  if (pairs != 2) return Error::kEatMalformed;
  CAI_TRY_ASSIGN(const std::uint64_t id, in.Uint());
  if (id != 1) return Error::kEatMalformed;
  CAI_TRY(ReadComponentId(in, component));
  CAI_TRY_ASSIGN(const std::uint64_t measurement, in.Uint());
  if (measurement != 2) return Error::kEatMalformed;
  CAI_TRY(in.ArrayOf(2));
  CAI_TRY_ASSIGN(const std::int64_t algorithm, in.Int());
  if (algorithm != kDigestAlgorithm) return Error::kEatMalformed;
  CAI_TRY_ASSIGN(component.digest, BstrOf(in, kHash));
  return in.Finish();
}

Status ReadMeasurements(Reader& in, AiClaims& claims) {
  CAI_TRY_ASSIGN(claims.component_count, Count(in, kMaxMeasuredComponents));
  for (std::size_t i = 0; i < claims.component_count; ++i) {
    CAI_TRY(in.ArrayOf(2));
    CAI_TRY_ASSIGN(const std::uint64_t format, in.Uint());
    if (format != kMeasuredComponentFormat) return Error::kEatMalformed;
    CAI_TRY_ASSIGN(const Bytes component, in.Bstr());
    CAI_TRY(ReadMeasured(Reader(component), claims.components[i]));
  }
  return kDone;
}

Result<std::uint32_t> BootCount(Reader& in) {
  CAI_TRY_ASSIGN(const std::uint64_t count, in.Uint());
  if (count == 0 || count > std::numeric_limits<std::uint32_t>::max())
    return Error::kEatMalformed;
  return static_cast<std::uint32_t>(count);
}

// The claims that AI and key tokens have in common; any other is neither's.
template <typename AnyToken>
Status ReadSharedClaim(Reader& in, Claim claim, AnyToken& token) {
  auto& claims = token.claims;
  switch (claim) {
    case Claim::kConfirmation: {
      CAI_TRY_ASSIGN(claims.confirmation, ReadConfirmation(in));
      return kDone;
    }
    case Claim::kNonce: {
      CAI_TRY_ASSIGN(claims.nonce, BstrOf(in, 32));
      return kDone;
    }
    case Claim::kUeid: {
      CAI_TRY_ASSIGN(claims.ueid, BstrThat(in, IsUeid));
      return kDone;
    }
    case Claim::kProfile: {
      CAI_TRY_ASSIGN(token.profile, in.Text());
      return kDone;
    }
    case Claim::kSubmodules: {
      CAI_TRY_ASSIGN(claims.platform, ReadPlatform(in));
      return kDone;
    }
    default:
      return Error::kEatMalformed;
  }
}

Status ReadAiClaim(Reader& in, Claim claim, AiToken& token) {
  AiClaims& claims = token.claims;
  switch (claim) {
    case Claim::kAudience: {
      CAI_TRY_ASSIGN(claims.service, BstrOf(in, kSvcSize));
      return kDone;
    }
    case Claim::kUptime: {
      CAI_TRY_ASSIGN(claims.uptime_s, in.Uint());
      return kDone;
    }
    case Claim::kBootCount: {
      CAI_TRY_ASSIGN(claims.boot_count, BootCount(in));
      return kDone;
    }
    case Claim::kBootSeed: {
      CAI_TRY_ASSIGN(claims.boot_seed, BstrOf(in, kHash));
      return kDone;
    }
    case Claim::kMeasurements:
      return ReadMeasurements(in, claims);
    default:
      return ReadSharedClaim(in, claim, token);
  }
}

Status ReadAiClaims(Reader& in, AiToken& token) {
  CAI_TRY_ASSIGN(TokenKeys keys, OpenKeys(in));
  while (keys.more()) {
    CAI_TRY_ASSIGN(const std::int64_t key, keys.Next());
    CAI_TRY(ReadAiClaim(in, static_cast<Claim>(key), token));
  }
  return keys.Require({Claim::kAudience, Claim::kConfirmation, Claim::kNonce,
                       Claim::kUeid, Claim::kUptime, Claim::kProfile,
                       Claim::kSubmodules, Claim::kBootCount, Claim::kBootSeed,
                       Claim::kMeasurements});
}

Status ReadKeyClaim(Reader& in, Claim claim, KeyToken& token) {
  KeyClaims& claims = token.claims;
  switch (claim) {
    case Claim::kRequestDigest: {
      CAI_TRY_ASSIGN(claims.request_digest, BstrOf(in, kHash));
      return kDone;
    }
    case Claim::kPurpose: {
      CAI_TRY_ASSIGN(claims.purpose, in.Text());
      if (!IsPurpose(claims.purpose)) return Error::kEatMalformed;
      return kDone;
    }
    default:
      return ReadSharedClaim(in, claim, token);
  }
}

Status ReadKeyClaims(Reader& in, KeyToken& token) {
  CAI_TRY_ASSIGN(TokenKeys keys, OpenKeys(in));
  while (keys.more()) {
    CAI_TRY_ASSIGN(const std::int64_t key, keys.Next());
    CAI_TRY(ReadKeyClaim(in, static_cast<Claim>(key), token));
  }
  return keys.Require({Claim::kConfirmation, Claim::kNonce, Claim::kUeid,
                       Claim::kProfile, Claim::kSubmodules,
                       Claim::kRequestDigest, Claim::kPurpose});
}

// Each kind of token has one protected header. What is ES256 by another
// algorithm or carries more is told apart from a token of another kind.
Status CheckHeader(Bytes found, Bytes expected) {
  if (Equal(found, expected)) return kDone;
  if (!Equal(found, PlatformHeader())) CAI_TRY(cose::ParseHeader(found, false));
  return Error::kEatWrongContentType;
}

Result<cose::Sign1> OpenFrame(Bytes token, Bytes header) {
  CAI_TRY_ASSIGN(const cose::Sign1 message, cose::ParseSign1(token));
  CAI_TRY(CheckHeader(message.protected_header, header));
  return message;
}

}  // namespace

Result<PlatformToken> ParsePlatformToken(Bytes token) {
  CAI_TRY_ASSIGN(const cose::Sign1 message, OpenFrame(token, PlatformHeader()));
  PlatformToken parsed{message, {}, {}};
  Reader in(message.payload);
  CAI_TRY(ReadPlatformClaims(in, parsed));
  CAI_TRY(in.Finish());
  return parsed;
}

Result<AiToken> ParseAiToken(Bytes token) {
  CAI_TRY_ASSIGN(const cose::Sign1 message, OpenFrame(token, AiHeader()));
  AiToken parsed{message, {}, {}};
  Reader in(message.payload);
  CAI_TRY(ReadAiClaims(in, parsed));
  CAI_TRY(in.Finish());
  return parsed;
}

Result<KeyToken> ParseKeyToken(Bytes token) {
  CAI_TRY_ASSIGN(const cose::Sign1 message, OpenFrame(token, KeyHeader()));
  KeyToken parsed{message, {}, {}};
  Reader in(message.payload);
  CAI_TRY(ReadKeyClaims(in, parsed));
  CAI_TRY(in.Finish());
  return parsed;
}

}  // namespace cai::eat
