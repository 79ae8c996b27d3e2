// CoRIM (draft-ietf-rats-corim), as much of it as PSA tokens need
// (draft-fdb-rats-psa-endorsements). Grammar: corim.cddl.
#include "host/verifier/reference_values.h"
#include "lib/cbor/reader.h"

namespace cai::verifier {
namespace {

using cbor::Type;
using Reader = cbor::AnyReader;
using host::Problem;

constexpr std::uint64_t kTagSign1 = 18, kTagComid = 506, kTagUeid = 550,
                        kTagKey = 554, kTagCoseKey = 558, kTagBytes = 560,
                        kTagImplementation = 600, kTagPsaKey = 601;
// 501 is that of the draft; files of older tools have one or two more around.
constexpr std::uint64_t kTagCorim[] = {500, 501, 502};

constexpr std::uint64_t kMaxItems = 1024;

Result<std::uint64_t> Count(Result<std::uint64_t> items) {
  if (items.ok() && *items > kMaxItems) return Error::kEatTooMany;
  return items;
}

// `read(key)` for each pair; keys that are no integer are passed over.
template <typename ReadField>
Status ReadMap(Reader& in, ReadField read) {
  CAI_TRY_ASSIGN(const std::uint64_t pairs, Count(in.Map()));
  for (std::uint64_t i = 0; i < pairs; ++i) {
    CAI_TRY_ASSIGN(const Type type, in.Peek());
    if (type != Type::kUint && type != Type::kNint) {
      CAI_TRY(in.Skip());
      CAI_TRY(in.Skip());
      continue;
    }
    CAI_TRY_ASSIGN(const std::int64_t key, in.Int());
    CAI_TRY(read(key));
  }
  return kDone;
}

template <typename ReadItem>
Status ReadArray(Reader& in, ReadItem read) {
  CAI_TRY_ASSIGN(const std::uint64_t items, Count(in.Array()));
  for (std::uint64_t i = 0; i < items; ++i) CAI_TRY(read());
  return kDone;
}

Status Skip(Reader& in) {
  CAI_TRY(in.Skip());
  return kDone;
}

Status Read(Reader& in, std::string& out) {
  CAI_TRY_ASSIGN(const std::string_view text, in.Text());
  out = text;
  return kDone;
}

Status Read(Reader& in, Blob& out) {
  CAI_TRY_ASSIGN(const Bytes bytes, in.Bstr());
  out = host::ToBlob(bytes);
  return kDone;
}

// A byte string under one of two tags, or plain; nothing for any other kind of
// identifier (UUID, OID), which PSA tokens do not have.
Result<std::optional<Blob>> TaggedBytes(Reader& in, std::uint64_t tag) {
  Reader item = in;
  CAI_TRY(in.Skip());
  CAI_TRY_ASSIGN(const Type type, item.Peek());
  if (type == Type::kTag) {
    CAI_TRY_ASSIGN(const std::uint64_t found, item.Tag());
    if (found != tag && found != kTagBytes) return std::optional<Blob>();
  } else if (type != Type::kBstr) {
    return std::optional<Blob>();
  }
  Blob bytes;
  CAI_TRY(Read(item, bytes));
  return std::optional(std::move(bytes));
}

// ---- Environment and measurements ------------------------------------------

struct Environment {
  std::optional<Blob> implementation, instance;
};

Status ReadClass(Reader& in, Environment& out) {
  return ReadMap(in, [&](std::int64_t key) -> Status {
    if (key != 0) return Skip(in);
    CAI_TRY_ASSIGN(out.implementation, TaggedBytes(in, kTagImplementation));
    return kDone;
  });
}

Status ReadEnvironment(Reader& in, Environment& out) {
  return ReadMap(in, [&](std::int64_t key) -> Status {
    if (key == 0) return ReadClass(in, out);
    if (key != 1) return Skip(in);
    CAI_TRY_ASSIGN(out.instance, TaggedBytes(in, kTagUeid));
    return kDone;
  });
}

// The older profile's measurement key: {1: label, 4: version, 5: signer}.
Status ReadPsaKey(Reader& in, KnownFirmware& out) {
  return ReadMap(in, [&](std::int64_t key) -> Status {
    if (key == 1) return Read(in, out.type);
    if (key == 4) return Read(in, out.version);
    if (key == 5) return Read(in, out.signer);
    return Skip(in);
  });
}

Status ReadMeasurementKey(Reader& in, KnownFirmware& out, bool& firmware) {
  Reader item = in;
  CAI_TRY(in.Skip());
  CAI_TRY_ASSIGN(const Type type, item.Peek());
  if (type == Type::kText) {
    CAI_TRY_ASSIGN(const std::string_view name, item.Text());
    firmware = name == "psa.software-component";
    return kDone;
  }
  if (type != Type::kTag) return kDone;
  CAI_TRY_ASSIGN(const std::uint64_t tag, item.Tag());
  firmware = tag == kTagPsaKey;
  return firmware ? ReadPsaKey(item, out) : Status(kDone);
}

// [+ [algorithm, value]]: exactly one for a PSA component.
Status ReadDigests(Reader& in, Blob& out) {
  if (!in.ArrayOf(1).ok()) return Error::kEatBadReference;
  CAI_TRY(in.ArrayOf(2));
  CAI_TRY(in.Skip());
  return Read(in, out);
}

Status ReadVersion(Reader& in, std::string& out) {
  return ReadMap(in, [&](std::int64_t key) {
    return key == 0 ? Read(in, out) : Skip(in);
  });
}

Status ReadSigner(Reader& in, Blob& out) {
  if (!in.ArrayOf(1).ok()) return Error::kEatBadReference;
  CAI_TRY_ASSIGN(const auto bytes, TaggedBytes(in, kTagBytes));
  if (!bytes) return Error::kEatBadReference;
  out = *bytes;
  return kDone;
}

Status ReadMeasurementValue(Reader& in, KnownFirmware& out) {
  return ReadMap(in, [&](std::int64_t key) {
    switch (key) {
      case 0:
        return ReadVersion(in, out.version);
      case 2:
        return ReadDigests(in, out.measurement);
      case 11:
        return Read(in, out.type);
      case 13:
        return ReadSigner(in, out.signer);
      default:
        return Skip(in);
    }
  });
}

Status ReadMeasurement(Reader& in, const Environment& environment,
                       ReferenceValues& out) {
  KnownFirmware one;
  one.implementation = environment.implementation;
  bool firmware = false;
  Reader map = in;
  CAI_TRY(in.Skip());
  // The key says whether the value is for us, wherever it stands.
  Reader keys = map;
  CAI_TRY(ReadMap(keys, [&](std::int64_t key) {
    return key == 0 ? ReadMeasurementKey(keys, one, firmware) : Skip(keys);
  }));
  if (!firmware) return kDone;
  CAI_TRY(ReadMap(map, [&](std::int64_t key) {
    return key == 1 ? ReadMeasurementValue(map, one) : Skip(map);
  }));
  // Without the class it would be good for anybody's hardware.
  if (!one.implementation || one.measurement.empty())
    return Error::kEatBadReference;
  out.firmware.push_back(std::move(one));
  return kDone;
}

// ---- Triples ---------------------------------------------------------------

Status ReadReferenceTriple(Reader& in, ReferenceValues& out) {
  CAI_TRY(in.ArrayOf(2));
  Environment environment;
  CAI_TRY(ReadEnvironment(in, environment));
  CAI_TRY_ASSIGN(const Type type, in.Peek());
  // A single measurement map in files of older tools.
  if (type == Type::kMap) return ReadMeasurement(in, environment, out);
  return ReadArray(in, [&] { return ReadMeasurement(in, environment, out); });
}

Outcome<TokenKey> KeyOf(Reader& in) {
  CAI_TRY_ASSIGN(const std::uint64_t tag, in.Tag());
  if (tag == kTagCoseKey) {
    CAI_TRY_ASSIGN(const Bytes key, in.Skip());
    return TokenKey::Parse(key);
  }
  if (tag != kTagKey) return Error::kEatBadReference;
  CAI_TRY_ASSIGN(const std::string_view pem, in.Text());
  return ParsePkixKey(pem);
}

Status ReadKeyTriple(Reader& in, ReferenceValues& out) {
  CAI_TRY_ASSIGN(const std::uint64_t items, in.Array());
  if (items != 2 && items != 3) return Error::kEatBadReference;
  Environment environment;
  CAI_TRY(ReadEnvironment(in, environment));
  if (!environment.instance || !environment.implementation)
    return Error::kEatBadReference;
  // More than one would leave open which of them vouches.
  if (!in.ArrayOf(1).ok()) return Error::kEatBadReference;
  auto key = KeyOf(in);
  if (!key.ok()) return Error::kEatBadReference;
  out.anchors.push_back({std::make_shared<const TokenKey>(*std::move(key)),
                         environment.instance, environment.implementation,
                         "CoRIM"});
  return items == 3 ? Skip(in) : Status(kDone);
}

Status ReadTriples(Reader& in, ReferenceValues& out) {
  return ReadMap(in, [&](std::int64_t key) {
    if (key == 0)
      return ReadArray(in, [&] { return ReadReferenceTriple(in, out); });
    if (key == 3) return ReadArray(in, [&] { return ReadKeyTriple(in, out); });
    return Skip(in);
  });
}

Status ReadComid(Reader& in, ReferenceValues& out) {
  return ReadMap(in, [&](std::int64_t key) {
    return key == 4 ? ReadTriples(in, out) : Skip(in);
  });
}

// #6.506(map) within a bstr, or #6.506(bstr .cbor map); other tags (CoSWID,
// CoTL) have no triples for PSA tokens.
Status ReadConciseTag(Reader& in, ReferenceValues& out) {
  CAI_TRY_ASSIGN(const Type type, in.Peek());
  if (type == Type::kBstr) {
    CAI_TRY_ASSIGN(const Bytes inside, in.Bstr());
    Reader item(inside);
    CAI_TRY_ASSIGN(const std::uint64_t tag, item.Tag());
    return tag == kTagComid ? ReadComid(item, out) : Status(kDone);
  }
  CAI_TRY_ASSIGN(const std::uint64_t tag, in.Tag());
  if (tag != kTagComid) return Skip(in);
  CAI_TRY_ASSIGN(const Bytes inside, in.Bstr());
  Reader item(inside);
  return ReadComid(item, out);
}

Status ReadCorim(Reader in, ReferenceValues& out) {
  CAI_TRY_ASSIGN(const Type type, in.Peek());
  if (type == Type::kTag) CAI_TRY(in.Tag());
  CAI_TRY(ReadMap(in, [&](std::int64_t key) {
    if (key != 1) return Skip(in);
    return ReadArray(in, [&] { return ReadConciseTag(in, out); });
  }));
  return in.Finish();
}

// Tags that say no more than that this is a CoRIM.
Bytes Unwrapped(Bytes file) {
  for (int i = 0; i < 2; ++i) {
    Reader in(file);
    const auto tag = in.Tag();
    if (!tag.ok() || std::ranges::count(kTagCorim, *tag) == 0) break;
    file = in.rest();
  }
  return file;
}

}  // namespace

Outcome<ReferenceValues> ParseCorim(Bytes file, const TokenKey* signer) {
  file = Unwrapped(file);
  Reader in(file);
  const auto tag = in.Tag();
  if (tag.ok() && *tag == kTagSign1) {
    CAI_TRY_ASSIGN(const eat::Envelope message, eat::OpenEnvelope(file));
    if (signer == nullptr)
      return Problem(Error::kEatNoKey, "a signed CoRIM",
                     "name the key of its signer with --references-key");
    CAI_TRY(signer->Check(message));
    file = Unwrapped(message.payload);
  }
  ReferenceValues out;
  if (const Status read = ReadCorim(Reader(file), out); !read.ok())
    return Problem(Error::kEatBadReference,
                   "a CoRIM: " + std::string(ErrorWords(read.error())));
  return out;
}

}  // namespace cai::verifier
