#include "lib/cbor/deterministic.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"

namespace cai::cbor {
namespace {

// The chunks of an indefinite string, joined; their heads tell the total.
Status CopyChunks(Bytes item, Type type, Writer& writer) {
  std::size_t total = 0;
  for (const bool measure : {true, false}) {
    AnyReader chunks(item.subspan(1, item.size() - 2));
    while (!chunks.empty()) {
      Bytes chunk;
      if (type == Type::kBstr) {
        CAI_TRY_ASSIGN(chunk, chunks.Bstr());
      } else {
        CAI_TRY_ASSIGN(const std::string_view text, chunks.Text());
        chunk = AsBytes(text);
      }
      if (measure) total += chunk.size();
      if (!measure) writer.Raw(chunk);
    }
    if (measure && type == Type::kBstr) writer.BstrHead(total);
    if (measure && type == Type::kText) writer.TextHead(total);
  }
  return kDone;
}

Status CopyString(AnyReader& reader, Type type, Writer& writer) {
  CAI_TRY_ASSIGN(const Bytes item, reader.Skip());
  constexpr std::byte kIndefinite{31};
  if ((item[0] & std::byte{31}) == kIndefinite)
    return CopyChunks(item, type, writer);
  AnyReader string(item);
  if (type == Type::kBstr) {
    CAI_TRY_ASSIGN(const Bytes bytes, string.Bstr());
    writer.Bstr(bytes);
  } else {
    CAI_TRY_ASSIGN(const std::string_view text, string.Text());
    writer.Text(text);
  }
  return kDone;
}

// One item or one head; the number of items that follow inside.
Result<std::uint64_t> Copy(AnyReader& reader, Writer& writer) {
  CAI_TRY_ASSIGN(const Type type, reader.Peek());
  std::uint64_t inside = 0;
  switch (type) {
    case Type::kUint: {
      CAI_TRY_ASSIGN(const std::uint64_t value, reader.Uint());
      writer.Uint(value);
      break;
    }
    case Type::kNint: {
      CAI_TRY_ASSIGN(const std::uint64_t value, reader.Nint());
      writer.Nint(value);
      break;
    }
    case Type::kBstr:
    case Type::kText:
      CAI_TRY(CopyString(reader, type, writer));
      break;
    case Type::kArray: {
      CAI_TRY_ASSIGN(inside, reader.Array());
      writer.Array(inside);
      break;
    }
    case Type::kMap: {
      CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
      writer.Map(pairs);
      inside = 2 * pairs;
      break;
    }
    case Type::kTag: {
      CAI_TRY_ASSIGN(const std::uint64_t tag, reader.Tag());
      writer.Tag(tag);
      inside = 1;
      break;
    }
    case Type::kFloat: {
      CAI_TRY_ASSIGN(const double value, reader.Float());
      writer.Float(value);
      break;
    }
    default: {
      CAI_TRY_ASSIGN(const std::uint8_t simple, reader.Simple());
      writer.Simple(simple);
      break;
    }
  }
  return inside;
}

}  // namespace

// No stack: a pre-order walk needs only how many items are still to come. The
// check before it bounds the depth, so that no count is taken too often.
Result<Bytes> MakePreferred(Bytes item, MutableBytes out) {
  AnyReader check(item);
  CAI_TRY(check.Skip());
  CAI_TRY(check.Finish());
  AnyReader reader(item);
  Writer writer(out);
  for (std::uint64_t left = 1; left != 0;) {
    CAI_TRY_ASSIGN(const std::uint64_t inside, Copy(reader, writer));
    left = left - 1 + inside;
  }
  return writer.Finish();
}

}  // namespace cai::cbor
