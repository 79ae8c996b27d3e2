#include "lib/eat/measured.h"

#include "lib/eat/form.h"

namespace cai::eat {
namespace {

using form::Sink;
using form::Source;

constexpr std::int64_t kId = 1, kDigest = 2, kAuthorities = 3, kFlags = 4,
                       kRaw = 5;

// [name, ? [version, ? scheme]]
Status ReadId(Source from, AnyMeasured& component) {
  CAI_TRY_ASSIGN(const std::uint64_t items, from.in.Array());
  if (items != 1 && items != 2) return Error::kEatMalformed;
  CAI_TRY(Read(from, component.name));
  if (items == 1) return kDone;
  return Read(from, component.version.emplace());
}

Status ReadDigest(Source from, AnyMeasured& component) {
  CAI_TRY(from.in.ArrayOf(2));
  CAI_TRY(Read(from, component.algorithm));
  CAI_TRY_ASSIGN(component.value, from.in.Bstr());
  return kDone;
}

Status ReadRaw(Source from, AnyMeasured& component) {
  component.is_raw = true;
  CAI_TRY_ASSIGN(component.value, from.in.Bstr());
  return kDone;
}

Status ReadField(Source from, std::int64_t key, AnyMeasured& component) {
  switch (key) {
    case kId:
      return ReadId(from, component);
    case kDigest:
      return ReadDigest(from, component);
    case kAuthorities:
      return Read(from, component.authorities.emplace());
    case kFlags:
      return Read(from, component.flags.emplace());
    case kRaw:
      return ReadRaw(from, component);
    default:
      return Error::kEatMalformed;
  }
}

void WriteId(const AnyMeasured& component, Sink out) {
  out->Array(component.version ? 2 : 1);
  out->Text(component.name);
  if (component.version) Write(*component.version, out);
}

}  // namespace

Result<AnyMeasured> ReadMeasured(Bytes in, cbor::Mode mode) {
  cbor::Reader reader(in, mode);
  AnyMeasured component;
  CAI_TRY_ASSIGN(auto keys, Keys<5>::Open(reader, mode));
  while (keys.more()) {
    CAI_TRY_ASSIGN(const std::int64_t key, keys.Next());
    CAI_TRY(ReadField({reader, mode}, key, component));
  }
  // One of the two measurements, never both.
  if (!keys.Saw(kId)) return Error::kEatMissingClaim;
  if (keys.Saw(kDigest) == keys.Saw(kRaw)) return Error::kEatMissingClaim;
  CAI_TRY(reader.Finish());
  return component;
}

void WriteMeasured(const AnyMeasured& component, cbor::Writer& out) {
  const Sink sink{&out};
  out.Map(2 + component.authorities.has_value() + component.flags.has_value());
  out.Int(kId);
  WriteId(component, sink);
  if (!component.is_raw) {
    out.Int(kDigest);
    out.Array(2);
    Write(component.algorithm, sink);
    out.Bstr(component.value);
  }
  form::WriteField(kAuthorities, component.authorities, sink);
  form::WriteField(kFlags, component.flags, sink);
  if (component.is_raw) {
    out.Int(kRaw);
    out.Bstr(component.value);
  }
}

}  // namespace cai::eat
