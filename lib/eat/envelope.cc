#include "lib/eat/envelope.h"

#include "lib/eat/form.h"

namespace cai::eat {
namespace {

using cbor::Mode;
using cbor::Reader;
using cbor::Type;

constexpr std::uint64_t kTagMac0 = 17, kTagSign1 = 18, kTagCwt = 61,
                        kTagUnsigned = 601, kTagBundle = 602;
// RFC 9052, table 1: encrypted, or of several signers or recipients.
constexpr std::uint64_t kTagEncrypt0 = 16, kTagEncrypt = 96;

constexpr std::size_t kMaxParameters = 16;

// Parameters that matter here; others are passed over. RFC 9052, 3: "labels
// ... MUST NOT occur in both": seen by the two calls having one set of bits.
struct Parameters {
  bool algorithm = false, content_type = false, key_id = false;
};

Status Once(bool& seen) {
  if (seen) return Error::kCborDuplicateKey;
  seen = true;
  return kDone;
}

Status ReadParameter(Reader& in, std::int64_t label, bool is_protected,
                     Parameters& seen, Envelope& out) {
  const form::Source from{in, Mode::kLenient};
  switch (label) {
    case 1:
      CAI_TRY(Once(seen.algorithm));
      if (is_protected) {
        CAI_TRY_ASSIGN(out.algorithm, in.Int());
        return kDone;
      }
      break;
    case 2:
      out.critical = true;
      break;
    case 3:
      CAI_TRY(Once(seen.content_type));
      return form::Read(from, out.content_type.emplace());
    case 4: {
      CAI_TRY(Once(seen.key_id));
      CAI_TRY_ASSIGN(out.key_id, in.Bstr());
      return kDone;
    }
    default:
      break;
  }
  CAI_TRY(in.Skip());
  return kDone;
}

// A header is a map of labels that may be texts; those say nothing here.
Status ReadHeader(Reader& in, bool is_protected, Parameters& seen,
                  Envelope& out) {
  CAI_TRY_ASSIGN(auto keys, Keys<kMaxParameters>::Open(in, Mode::kLenient));
  while (keys.more()) {
    CAI_TRY_ASSIGN(const Type type, in.Peek());
    if (type == Type::kText) {
      keys.Pass();
      CAI_TRY(in.Text());
      CAI_TRY(in.Skip());
      continue;
    }
    CAI_TRY_ASSIGN(const std::int64_t label, keys.Next());
    CAI_TRY(ReadParameter(in, label, is_protected, seen, out));
  }
  return kDone;
}

// RFC 9052, 3: an empty protected header may be a bstr of nothing.
Status ReadHeaders(Envelope& out) {
  Parameters seen;
  if (!out.protected_header.empty()) {
    Reader header(out.protected_header, Mode::kLenient);
    CAI_TRY(ReadHeader(header, true, seen, out));
    CAI_TRY(header.Finish());
  }
  Reader header(out.unprotected_header, Mode::kLenient);
  return ReadHeader(header, false, seen, out);
}

// [protected, unprotected, payload, proof]; COSE_Sign1 and COSE_Mac0 alike.
Result<Envelope> ReadCose(Reader in, Envelope::Kind kind) {
  Envelope out;
  out.kind = kind;
  if (!in.ArrayOf(4).ok()) return Error::kCoseMalformed;
  CAI_TRY_ASSIGN(out.protected_header, in.Bstr());
  CAI_TRY_ASSIGN(out.unprotected_header, in.Skip());
  CAI_TRY_ASSIGN(out.payload, in.Bstr());
  CAI_TRY_ASSIGN(out.proof, in.Bstr());
  CAI_TRY(in.Finish());
  CAI_TRY(ReadHeaders(out));
  return out;
}

Result<Envelope> ReadBundle(Reader in) {
  Envelope out;
  out.kind = Envelope::Kind::kBundle;
  out.tagged = true;
  CAI_TRY(in.ArrayOf(2));
  // RFC 9711, 5: the token is a bstr of CBOR; one of JSON is not read here.
  CAI_TRY_ASSIGN(out.payload, in.Bstr());
  CAI_TRY_ASSIGN(out.detached, in.Skip());
  CAI_TRY(in.Finish());
  return out;
}

Result<Envelope> Unsigned(Bytes claims, bool tagged) {
  Envelope out;
  out.tagged = tagged;
  out.payload = claims;
  return out;
}

Result<Envelope> ReadTagged(Reader in, bool within_cwt);

// RFC 8392, 6: the tag of CWT stands before one of COSE's tags.
Result<Envelope> ReadCwt(Reader in) {
  CAI_TRY_ASSIGN(const Type type, in.Peek());
  if (type != Type::kTag) return Error::kEatNotAToken;
  CAI_TRY_ASSIGN(Envelope out, ReadTagged(in, true));
  out.tagged = true;
  return out;
}

Result<Envelope> ReadTagged(Reader in, bool within_cwt) {
  CAI_TRY_ASSIGN(const std::uint64_t tag, in.Tag());
  switch (tag) {
    case kTagSign1:
      return ReadCose(in, Envelope::Kind::kSign1);
    case kTagMac0:
      return ReadCose(in, Envelope::Kind::kMac0);
    case kTagEncrypt0:
    case kTagEncrypt:
      return Error::kEatEncrypted;
    default:
      break;
  }
  if (within_cwt) return Error::kEatNotAToken;
  if (tag == kTagCwt) return ReadCwt(in);
  if (tag == kTagUnsigned) return Unsigned(in.rest(), true);
  if (tag == kTagBundle) return ReadBundle(in);
  return Error::kEatNotAToken;
}

}  // namespace

Result<Envelope> OpenEnvelope(Bytes token) {
  if (token.size() > kMaxClaimsSet) return Error::kEatTooLarge;
  Reader in(token, Mode::kLenient);
  const auto type = in.Peek();
  if (!type.ok()) return Error::kEatNotAToken;
  if (*type == Type::kTag) return ReadTagged(in, false);
  if (*type == Type::kMap) return Unsigned(token, false);
  return Error::kEatNotAToken;
}

Result<std::optional<Bytes>> FindDetached(const Envelope& bundle,
                                          std::string_view name) {
  Reader in(bundle.detached, Mode::kLenient);
  CAI_TRY_ASSIGN(const std::uint64_t pairs, in.Map());
  std::optional<Bytes> found;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    CAI_TRY_ASSIGN(const std::string_view key, in.Text());
    CAI_TRY_ASSIGN(const Bytes claims, in.Bstr());
    if (key != name) continue;
    if (found) return Error::kCborDuplicateKey;
    found = claims;
  }
  return found;
}

}  // namespace cai::eat
