#include "lib/cbor/reader.h"

#include <limits>

namespace cai::cbor {
namespace {

// RFC 3629, 4: no overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t Utf8Sequence(Bytes in) {
  const auto byte = [&](std::size_t i) {
    return i < in.size() ? std::to_integer<unsigned>(in[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool overlong = lead == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = lead == 0xed && byte(1) > 0x9f;
    return !overlong && !surrogate && tail(1) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool overlong = lead == 0xf0 && byte(1) < 0x90;
    const bool too_high = lead == 0xf4 && byte(1) > 0x8f;
    return !overlong && !too_high && tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

bool IsUtf8(Bytes in) {
  while (!in.empty()) {
    const std::size_t size = Utf8Sequence(in);
    if (size == 0) return false;
    in = in.subspan(size);
  }
  return true;
}

}  // namespace

Result<Reader::Head> Reader::NextHead(Bytes in) const {
  if (in.empty()) return Error::kCborTruncated;
  const auto initial = std::to_integer<std::uint8_t>(in[0]);
  const std::uint8_t major = initial >> 5, info = initial & 31;
  if (info < 24) return Head{major, info, 1};
  if (info == 31) return Error::kCborIndefinite;
  if (info > 27) return Error::kCborMalformed;

  const std::size_t bytes = std::size_t{1} << (info - 24);
  if (in.size() < 1 + bytes) return Error::kCborTruncated;
  std::uint64_t argument = 0;
  for (std::size_t i = 1; i <= bytes; ++i)
    argument = argument << 8 | std::to_integer<std::uint8_t>(in[i]);

  if (major == 7) {
    // RFC 8949, 3.3: a simple value of two bytes is 32 or more.
    if (info == 24 && argument < 32) return Error::kCborMalformed;
    return Head{major, argument, 1 + bytes};
  }
  const bool shortest =
      argument >= 24 && (bytes == 1 || argument >> (4 * bytes) != 0);
  if (mode_ == Mode::kStrict && !shortest) return Error::kCborNotShortest;
  return Head{major, argument, 1 + bytes};
}

Result<Type> Reader::Peek() const {
  CAI_TRY_ASSIGN(const Head head, NextHead(in_));
  switch (head.major) {
    case 0:
      return Type::kUint;
    case 1:
      return Type::kNint;
    case 2:
      return Type::kBstr;
    case 3:
      return Type::kText;
    case 4:
      return Type::kArray;
    case 5:
      return Type::kMap;
    case 6:
      return Type::kTag;
    default:
      break;
  }
  if (head.size != 1) return Type::kOther;
  if (head.argument == 20 || head.argument == 21) return Type::kBool;
  return head.argument == 22 ? Type::kNull : Type::kOther;
}

Result<std::uint64_t> Reader::Take(std::uint8_t major) {
  CAI_TRY_ASSIGN(const Head head, NextHead(in_));
  if (head.major != major) return Error::kCborWrongType;
  in_ = in_.subspan(head.size);
  return head.argument;
}

Result<Bytes> Reader::TakeString(std::uint8_t major) {
  CAI_TRY_ASSIGN(const Head head, NextHead(in_));
  if (head.major != major) return Error::kCborWrongType;
  const Bytes rest = in_.subspan(head.size);
  if (head.argument > rest.size()) return Error::kCborTruncated;
  const auto size = static_cast<std::size_t>(head.argument);
  in_ = rest.subspan(size);
  return rest.first(size);
}

Result<std::uint64_t> Reader::Uint() { return Take(0); }

Result<std::int64_t> Reader::Int() {
  CAI_TRY_ASSIGN(const Head head, NextHead(in_));
  if (head.major > 1) return Error::kCborWrongType;
  if (head.argument > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
    return Error::kCborOutOfRange;
  in_ = in_.subspan(head.size);
  const auto value = static_cast<std::int64_t>(head.argument);
  return head.major == 0 ? value : -1 - value;
}

Result<Bytes> Reader::Bstr() { return TakeString(2); }

Result<std::string_view> Reader::Text() {
  const Bytes before = in_;
  CAI_TRY_ASSIGN(const Bytes text, TakeString(3));
  if (IsUtf8(text)) return AsText(text);
  in_ = before;
  return Error::kCborBadUtf8;
}

// Every item takes a byte at least, so a count above the rest is a lie.
Result<std::uint64_t> Reader::Array() {
  const Bytes before = in_;
  CAI_TRY_ASSIGN(const std::uint64_t items, Take(4));
  if (items <= in_.size()) return items;
  in_ = before;
  return Error::kCborTruncated;
}

Result<std::uint64_t> Reader::Map() {
  const Bytes before = in_;
  CAI_TRY_ASSIGN(const std::uint64_t pairs, Take(5));
  if (pairs <= in_.size() / 2) return pairs;
  in_ = before;
  return Error::kCborTruncated;
}

Result<std::uint64_t> Reader::Tag() { return Take(6); }

Result<bool> Reader::Bool() {
  CAI_TRY_ASSIGN(const Type type, Peek());
  if (type != Type::kBool) return Error::kCborWrongType;
  CAI_TRY_ASSIGN(const std::uint64_t simple, Take(7));
  return simple == 21;
}

Status Reader::Null() {
  CAI_TRY_ASSIGN(const Type type, Peek());
  if (type != Type::kNull) return Error::kCborWrongType;
  CAI_TRY(Take(7));
  return kDone;
}

Status Reader::ArrayOf(std::uint64_t items) {
  const Bytes before = in_;
  CAI_TRY_ASSIGN(const std::uint64_t found, Array());
  if (found == items) return kDone;
  in_ = before;
  return Error::kCborOutOfRange;
}

Status Reader::TagOf(std::uint64_t tag) {
  const Bytes before = in_;
  CAI_TRY_ASSIGN(const std::uint64_t found, Tag());
  if (found == tag) return kDone;
  in_ = before;
  return Error::kCborOutOfRange;
}

// An explicit stack of "items still to read" instead of recursion.
Result<Bytes> Reader::Skip() {
  std::array<std::uint64_t, kMaxDepth> left;
  int depth = 0;
  Reader at = *this;
  left[0] = 1;
  while (depth >= 0) {
    if (left[depth] == 0) {
      --depth;
      continue;
    }
    --left[depth];
    CAI_TRY_ASSIGN(const Type type, at.Peek());
    std::uint64_t inside = 0;
    switch (type) {
      case Type::kBstr:
        CAI_TRY(at.Bstr());
        continue;
      case Type::kText:
        CAI_TRY(at.Text());
        continue;
      case Type::kArray: {
        CAI_TRY_ASSIGN(inside, at.Array());
        break;
      }
      case Type::kMap: {
        CAI_TRY_ASSIGN(const std::uint64_t pairs, at.Map());
        inside = 2 * pairs;  // pairs <= size / 2: cannot overflow
        break;
      }
      case Type::kTag:
        CAI_TRY(at.Tag());
        inside = 1;
        break;
      default: {
        CAI_TRY_ASSIGN(const Head head, at.NextHead(at.in_));
        at.in_ = at.in_.subspan(head.size);
        continue;
      }
    }
    if (depth + 1 == kMaxDepth) return Error::kCborTooDeep;
    left[++depth] = inside;
  }
  const Bytes item = in_.first(in_.size() - at.in_.size());
  in_ = at.in_;
  return item;
}

Status Reader::Finish() const {
  if (!in_.empty()) return Error::kCborTrailing;
  return kDone;
}

Result<MapCursor> MapCursor::Open(Reader& reader) {
  CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
  return MapCursor(reader, pairs);
}

// Bytewise order of integer keys: 0, 1, 2 … then -1, -2 … (RFC 8949, 4.2.1).
Result<std::int64_t> MapCursor::Key() {
  CAI_TRY_ASSIGN(const std::int64_t key, reader_->Int());
  --left_;
  if (last_ == key) return Error::kCborDuplicateKey;
  if (last_) {
    const bool same_sign = (*last_ < 0) == (key < 0);
    const bool ascends = !same_sign ? key < 0
                         : key < 0  ? key < *last_
                                    : key > *last_;
    if (!ascends) return Error::kCborKeyOrder;
  }
  last_ = key;
  return key;
}

}  // namespace cai::cbor
