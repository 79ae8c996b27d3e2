#include "device/ns/shell/cbor_text.h"

#include "lib/cbor/reader.h"

namespace cai::ns {
namespace {

constexpr int kMaxDepth = 4;

Status Append(cbor::Reader& in, Text& out, int depth);

// Recursion: at most kMaxDepth deep. Items end with the text: no count that is
// read from outside keeps us here.
Status AppendItems(cbor::Reader& in, Text& out, std::uint64_t items, bool map,
                   int depth) {
  if (depth == kMaxDepth) return Error::kCborTooDeep;
  out << (map ? '{' : '[');
  for (std::uint64_t i = 0; i < items && !out.full(); ++i) {
    if (i != 0) out << ", ";
    CAI_TRY(Append(in, out, depth + 1));
    if (!map) continue;
    out << ": ";
    CAI_TRY(Append(in, out, depth + 1));
  }
  out << (map ? '}' : ']');
  return kDone;
}

Status Append(cbor::Reader& in, Text& out, int depth) {
  CAI_TRY_ASSIGN(const cbor::Type type, in.Peek());
  switch (type) {
    case cbor::Type::kUint: {
      CAI_TRY_ASSIGN(const std::uint64_t value, in.Uint());
      out << value;
      return kDone;
    }
    case cbor::Type::kNint: {
      CAI_TRY_ASSIGN(const std::int64_t value, in.Int());
      out << value;
      return kDone;
    }
    case cbor::Type::kBstr: {
      CAI_TRY_ASSIGN(const Bytes value, in.Bstr());
      (out << "h'").Hex(value) << '\'';
      return kDone;
    }
    case cbor::Type::kText: {
      CAI_TRY_ASSIGN(const std::string_view value, in.Text());
      (out << '"').Foreign(value) << '"';
      return kDone;
    }
    case cbor::Type::kArray: {
      CAI_TRY_ASSIGN(const std::uint64_t items, in.Array());
      return AppendItems(in, out, items, false, depth);
    }
    case cbor::Type::kMap: {
      CAI_TRY_ASSIGN(const std::uint64_t pairs, in.Map());
      return AppendItems(in, out, pairs, true, depth);
    }
    case cbor::Type::kBool: {
      CAI_TRY_ASSIGN(const bool value, in.Bool());
      out << (value ? "true" : "false");
      return kDone;
    }
    case cbor::Type::kNull:
      CAI_TRY(in.Null());
      out << "null";
      return kDone;
    default:
      return Error::kCborWrongType;
  }
}

}  // namespace

void AppendCbor(Bytes in, Text& out) {
  cbor::Reader reader(in, cbor::Mode::kLenient);
  if (!Append(reader, out, 0).ok()) out << '?';
}

}  // namespace cai::ns
