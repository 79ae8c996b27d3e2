// The members of BasicReader, instantiated in reader.cc and any_reader.cc.
#pragma once

#include <limits>

#include "lib/cbor/reader.h"
#include "lib/cbor/utf8.h"

namespace cai::cbor {

// Breaks here can only end containers that were counted when entered.
template <bool kAny>
std::size_t BasicReader<kAny>::Breaks() const {
  if constexpr (!kAny) return 0;
  std::size_t count = 0;
  while (count < open_ && count < in_.size() && in_[count] == kBreak) ++count;
  return count;
}

template <bool kAny>
auto BasicReader<kAny>::NextHead() const -> Result<Head> {
  const std::size_t breaks = Breaks();
  const Bytes in = in_.subspan(breaks);
  if (in.empty()) return Error::kCborTruncated;
  const auto initial = std::to_integer<std::uint8_t>(in[0]);
  const std::uint8_t major = initial >> 5, info = initial & 31;
  if (info < 24) return Head{major, info, breaks + 1};
  if (info == 31) {
    if (!kAny || mode_ == Mode::kStrict) return Error::kCborIndefinite;
    if (major < 2 || major > 5) return Error::kCborMalformed;
    return Head{major, 0, breaks + 1, true};
  }
  if (info > 27) return Error::kCborMalformed;

  const std::size_t bytes = std::size_t{1} << (info - 24);
  if (in.size() < 1 + bytes) return Error::kCborTruncated;
  std::uint64_t argument = 0;
  for (std::size_t i = 1; i <= bytes; ++i)
    argument = argument << 8 | std::to_integer<std::uint8_t>(in[i]);
  const Head head{major, argument, breaks + 1 + bytes};

  if (major == 7) {
    // RFC 8949, 3.3: a simple value of two bytes is 32 or more.
    if (info == 24 && argument < 32) return Error::kCborMalformed;
    return head;
  }
  const bool shortest =
      argument >= 24 && (bytes == 1 || argument >> (4 * bytes) != 0);
  if (mode_ == Mode::kStrict && !shortest) return Error::kCborNotShortest;
  return head;
}

template <bool kAny>
Result<Type> BasicReader<kAny>::Peek() const {
  constexpr Type kOfMajor[] = {Type::kUint, Type::kNint,  Type::kBstr,
                               Type::kText, Type::kArray, Type::kMap,
                               Type::kTag};
  CAI_TRY_ASSIGN(const Head head, NextHead());
  if (head.major < 7) return kOfMajor[head.major];
  if (head.size - Breaks() > 2) return Type::kFloat;
  if (head.argument == 20 || head.argument == 21) return Type::kBool;
  return head.argument == 22 ? Type::kNull : Type::kSimple;
}

template <bool kAny>
void BasicReader<kAny>::Pass(std::size_t size) {
  if constexpr (kAny) open_ -= static_cast<std::uint16_t>(Breaks());
  in_ = in_.subspan(size);
}

template <bool kAny>
auto BasicReader<kAny>::TakeHead(std::uint8_t major) -> Result<Head> {
  CAI_TRY_ASSIGN(const Head head, NextHead());
  if (head.major != major) return Error::kCborWrongType;
  Pass(head.size);
  return head;
}

template <bool kAny>
Result<Bytes> BasicReader<kAny>::TakeString(std::uint8_t major) {
  CAI_TRY_ASSIGN(const Head head, NextHead());
  if (head.major != major) return Error::kCborWrongType;
  if (kAny && head.indefinite) return TakeChunks(major);
  const Bytes rest = in_.subspan(head.size);
  if (head.argument > rest.size()) return Error::kCborTruncated;
  const auto size = static_cast<std::size_t>(head.argument);
  Pass(head.size + size);
  return rest.first(size);
}

template <bool kAny>
Result<std::uint64_t> BasicReader<kAny>::Uint() {
  CAI_TRY_ASSIGN(const Head head, TakeHead(0));
  return head.argument;
}

template <bool kAny>
Result<std::uint64_t> BasicReader<kAny>::Nint() {
  CAI_TRY_ASSIGN(const Head head, TakeHead(1));
  return head.argument;
}

template <bool kAny>
Result<std::int64_t> BasicReader<kAny>::Int() {
  CAI_TRY_ASSIGN(const Head head, NextHead());
  if (head.major > 1) return Error::kCborWrongType;
  if (head.argument > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
    return Error::kCborOutOfRange;
  Pass(head.size);
  const auto value = static_cast<std::int64_t>(head.argument);
  return head.major == 0 ? value : -1 - value;
}

template <bool kAny>
Result<Bytes> BasicReader<kAny>::Bstr() {
  return TakeString(2);
}

template <bool kAny>
Result<std::string_view> BasicReader<kAny>::Text() {
  const BasicReader before = *this;
  CAI_TRY_ASSIGN(const Bytes text, TakeString(3));
  if (IsUtf8(text)) return AsText(text);
  *this = before;
  return Error::kCborBadUtf8;
}

// Every item takes a byte at least, so a count above the rest is a lie.
template <bool kAny>
Result<std::uint64_t> BasicReader<kAny>::TakeCount(std::uint8_t major) {
  const BasicReader before = *this;
  CAI_TRY_ASSIGN(const Head head, TakeHead(major));
  const std::uint64_t per_count = major == 5 ? 2 : 1;
  if (!head.indefinite && head.argument <= in_.size() / per_count)
    return head.argument;
  if (kAny && head.indefinite) {
    const auto items = CountToBreak();
    if (items.ok() && *items % per_count == 0 && open_ != UINT16_MAX) {
      ++open_;
      return *items / per_count;
    }
    *this = before;
    return items.ok() ? Error::kCborMalformed : items.error();
  }
  *this = before;
  return Error::kCborTruncated;
}

template <bool kAny>
Result<std::uint64_t> BasicReader<kAny>::Array() {
  return TakeCount(4);
}
template <bool kAny>
Result<std::uint64_t> BasicReader<kAny>::Map() {
  return TakeCount(5);
}

template <bool kAny>
Result<std::uint64_t> BasicReader<kAny>::Tag() {
  CAI_TRY_ASSIGN(const Head head, TakeHead(6));
  return head.argument;
}

template <bool kAny>
Result<std::uint8_t> BasicReader<kAny>::Simple() {
  CAI_TRY_ASSIGN(const Head head, NextHead());
  if (head.major != 7 || head.size - Breaks() > 2) return Error::kCborWrongType;
  Pass(head.size);
  return static_cast<std::uint8_t>(head.argument);
}

template <bool kAny>
Result<bool> BasicReader<kAny>::Bool() {
  CAI_TRY_ASSIGN(const Type type, Peek());
  if (type != Type::kBool) return Error::kCborWrongType;
  CAI_TRY_ASSIGN(const std::uint8_t simple, Simple());
  return simple == 21;
}

template <bool kAny>
Status BasicReader<kAny>::Null() {
  CAI_TRY_ASSIGN(const Type type, Peek());
  if (type != Type::kNull) return Error::kCborWrongType;
  CAI_TRY(Simple());
  return kDone;
}

template <bool kAny>
Status BasicReader<kAny>::ArrayOf(std::uint64_t items) {
  const BasicReader before = *this;
  CAI_TRY_ASSIGN(const std::uint64_t found, Array());
  if (found == items) return kDone;
  *this = before;
  return Error::kCborOutOfRange;
}

template <bool kAny>
Status BasicReader<kAny>::TagOf(std::uint64_t tag) {
  const BasicReader before = *this;
  CAI_TRY_ASSIGN(const std::uint64_t found, Tag());
  if (found == tag) return kDone;
  *this = before;
  return Error::kCborOutOfRange;
}

template <bool kAny>
Status BasicReader<kAny>::Finish() const {
  if (!empty()) return Error::kCborTrailing;
  return kDone;
}

// ---- Passing over an item without knowing it -------------------------------

// Items still to come in each open container; in one of indefinite length the
// count only says, by its parity, whether a map lacks a value.
struct Level {
  std::uint64_t left;
  bool to_break;
  bool is_map;
};

// A string, a number or a simple value.
template <bool kAny>
Status BasicReader<kAny>::SkipFlat(std::uint8_t major) {
  CAI_TRY_ASSIGN(const Head head, NextHead());
  if (kAny && head.indefinite) return SkipChunks(major);
  if (major == 2) {
    CAI_TRY(Bstr());
  } else if (major == 3) {
    CAI_TRY(Text());
  } else {
    Pass(head.size);
  }
  return kDone;
}

// Each chunk is a string of the same kind and of definite length (RFC 8949,
// 3.2.3).
template <bool kAny>
Status BasicReader<kAny>::SkipChunks(std::uint8_t major) {
  CAI_TRY(TakeHead(major));
  while (!in_.empty() && in_[0] != kBreak) {
    CAI_TRY_ASSIGN(const Head chunk, NextHead());
    if (chunk.major != major || chunk.indefinite) return Error::kCborMalformed;
    CAI_TRY(SkipFlat(major));
  }
  if (in_.empty()) return Error::kCborTruncated;
  in_ = in_.subspan(1);
  return kDone;
}

template <bool kAny>
Result<Bytes> BasicReader<kAny>::Skip() {
  std::array<Level, kMaxDepth> levels;
  int depth = 0;
  BasicReader at(rest(), mode_);
  const Bytes start = at.in_;
  levels[0] = {1, false, false};
  while (depth >= 0) {
    Level& level = levels[depth];
    if (kAny && level.to_break && !at.in_.empty() && at.in_[0] == kBreak) {
      if (level.is_map && level.left % 2 != 0) return Error::kCborMalformed;
      at.in_ = at.in_.subspan(1);
      --depth;
      continue;
    }
    if (!(kAny && level.to_break) && level.left == 0) {
      --depth;
      continue;
    }
    --level.left;
    CAI_TRY_ASSIGN(const Head head, at.NextHead());
    if (head.major < 4 || head.major == 7) {
      CAI_TRY(at.SkipFlat(head.major));
      continue;
    }
    Level inside{1, head.indefinite, head.major == 5};
    if (kAny && head.indefinite) {
      at.in_ = at.in_.subspan(head.size);
      inside.left = 0;
    } else if (head.major == 6) {
      CAI_TRY(at.Tag());
    } else {
      CAI_TRY_ASSIGN(inside.left, at.TakeCount(head.major));
      if (inside.is_map) inside.left *= 2;  // <= size: cannot overflow
    }
    if (depth + 1 == kMaxDepth) return Error::kCborTooDeep;
    levels[++depth] = inside;
  }
  const Bytes item = start.first(start.size() - at.in_.size());
  Pass(in_.size() - at.in_.size());
  return item;
}

// Just past the head of an indefinite array or map.
template <bool kAny>
Result<std::uint64_t> BasicReader<kAny>::CountToBreak() const {
  BasicReader at(in_, mode_);
  for (std::uint64_t items = 0;; ++items) {
    if (at.in_.empty()) return Error::kCborTruncated;
    if (at.in_[0] == kBreak) return items;
    CAI_TRY(at.Skip());
  }
}

// At the head of an indefinite string: a view if one chunk has all its bytes.
template <bool kAny>
Result<Bytes> BasicReader<kAny>::TakeChunks(std::uint8_t major) {
  BasicReader at = *this;
  CAI_TRY(at.TakeHead(major));
  Bytes whole;
  while (!at.in_.empty() && at.in_[0] != kBreak) {
    CAI_TRY_ASSIGN(const Head head, at.NextHead());
    if (head.major != major || head.indefinite) return Error::kCborMalformed;
    CAI_TRY_ASSIGN(const Bytes chunk, at.TakeString(major));
    if (!whole.empty() && !chunk.empty()) return Error::kCborIndefinite;
    if (!chunk.empty()) whole = chunk;
  }
  if (at.in_.empty()) return Error::kCborTruncated;
  at.in_ = at.in_.subspan(1);
  *this = at;
  return whole;
}

}  // namespace cai::cbor
