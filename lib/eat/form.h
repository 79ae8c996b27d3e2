// The forms that values of claims have in common, to read and to write: what
// claims_read.cc, claims_write.cc and measured.cc are made of. Templates find
// the overload for a value by the argument Source or Sink, so all of them are
// in this namespace.
#pragma once

#include <algorithm>
#include <limits>
#include <type_traits>

#include "lib/eat/claims_set.h"
#include "lib/eat/keys.h"
#include "lib/eat/number.h"

namespace cai::eat::form {

// What a form is read from; the mode is needed where maps and floats are.
struct Source {
  cbor::Reader& in;
  cbor::Mode mode;

  Result<bool> IsNext(cbor::Type type) const {
    CAI_TRY_ASSIGN(const cbor::Type next, in.Peek());
    return next == type;
  }
};

// ---- Simple forms ----------------------------------------------------------

inline Status Read(Source from, std::string_view& value) {
  CAI_TRY_ASSIGN(value, from.in.Text());
  return kDone;
}

inline Status Read(Source from, bool& value) {
  CAI_TRY_ASSIGN(value, from.in.Bool());
  return kDone;
}

inline Status Read(Source from, std::uint64_t& value) {
  CAI_TRY_ASSIGN(value, from.in.Uint());
  return kDone;
}

inline Status Read(Source from, Number& value) {
  CAI_TRY_ASSIGN(value, ReadNumber(from.in, from.mode));
  return kDone;
}

// An integer of the type's own range.
template <typename T>
Status ReadInt(Source from, T& value, std::int64_t min, std::int64_t max) {
  CAI_TRY_ASSIGN(const std::int64_t number, from.in.Int());
  if (number < min || number > max) return Error::kEatMalformed;
  value = static_cast<T>(number);
  return kDone;
}

inline Status Read(Source from, std::int8_t& value) {
  return ReadInt(from, value, -128, 127);
}
inline Status Read(Source from, std::int32_t& value) {
  using Limits = std::numeric_limits<std::int32_t>;
  return ReadInt(from, value, Limits::min(), Limits::max());
}
inline Status Read(Source from, std::uint16_t& value) {
  return ReadInt(from, value, 0, 0xffff);
}

template <std::size_t kMin, std::size_t kMax>
Status Read(Source from, BytesOf<kMin, kMax>& value) {
  CAI_TRY_ASSIGN(value.value, from.in.Bstr());
  if (value.value.size() < kMin || value.value.size() > kMax)
    return Error::kEatMalformed;
  return kDone;
}

inline Status Read(Source from, IntOrText& value) {
  CAI_TRY_ASSIGN(value.is_text, from.IsNext(cbor::Type::kText));
  if (value.is_text) return Read(from, value.text);
  CAI_TRY_ASSIGN(value.number, from.in.Int());
  return kDone;
}

// RFC 9711, 4.2.5: [text, ? scheme].
inline Status Read(Source from, Version& value) {
  CAI_TRY_ASSIGN(const std::uint64_t items, from.in.Array());
  if (items != 1 && items != 2) return Error::kEatMalformed;
  CAI_TRY(Read(from, value.text));
  return items == 1 ? Status(kDone) : Read(from, value.scheme.emplace());
}

// ---- Lists and maps --------------------------------------------------------

template <typename T, std::size_t N>
Status ReadItems(Source from, List<T, N>& list, std::size_t at_least) {
  CAI_TRY_ASSIGN(const std::uint64_t items, from.in.Array());
  if (items < at_least) return Error::kEatMalformed;
  if (items > N) return Error::kEatTooMany;
  for (std::uint64_t i = 0; i < items; ++i) {
    T one{};
    CAI_TRY(Read(from, one));
    CAI_TRY(list.Add(one));
  }
  return kDone;
}

// RFC 9711 and RFC 9783 write [ + x ] for all lists but the nonces'.
template <typename T, std::size_t N>
Status Read(Source from, List<T, N>& list) {
  return ReadItems(from, list, 1);
}

// `read(key)` for each pair of a map of integer keys.
template <std::size_t kMax, typename ReadField>
Status ReadMap(Source from, ReadField read) {
  CAI_TRY_ASSIGN(Keys<kMax> keys, Keys<kMax>::Open(from.in, from.mode));
  while (keys.more()) {
    CAI_TRY_ASSIGN(const std::int64_t key, keys.Next());
    CAI_TRY(read(key));
  }
  return kDone;
}

// Bytewise order of the encodings: the shorter first.
inline bool TextsAscend(std::string_view before, std::string_view text) {
  if (before.size() != text.size()) return before.size() < text.size();
  return before < text;
}

// A map of texts; `name` is where each goes, ReadValue() reads what it names.
template <typename T, std::size_t N>
Status ReadNamed(Source from, List<T, N>& list, std::string_view T::* name) {
  CAI_TRY_ASSIGN(const std::uint64_t pairs, from.in.Map());
  if (pairs == 0) return Error::kEatMalformed;
  if (pairs > N) return Error::kEatTooMany;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    T one{};
    CAI_TRY(Read(from, one.*name));
    for (const T& before : list)
      if (before.*name == one.*name) return Error::kCborDuplicateKey;
    if (from.mode == cbor::Mode::kStrict && !list.empty() &&
        !TextsAscend(list[list.size() - 1].*name, one.*name))
      return Error::kCborKeyOrder;
    CAI_TRY(ReadValue(from, one));
    CAI_TRY(list.Add(one));
  }
  return kDone;
}

// ---- Writing ---------------------------------------------------------------

// The writer, as a type of this namespace: so that templates find every
// Write().
struct Sink {
  cbor::Writer* writer;
  cbor::Writer* operator->() const { return writer; }
};

inline void Write(std::string_view value, Sink out) { out->Text(value); }
inline void Write(bool value, Sink out) { out->Bool(value); }
inline void Write(std::uint64_t value, Sink out) { out->Uint(value); }
inline void Write(std::uint16_t value, Sink out) { out->Uint(value); }
inline void Write(std::int32_t value, Sink out) { out->Int(value); }
inline void Write(std::int8_t value, Sink out) { out->Int(value); }
inline void Write(const Number& value, Sink out) {
  WriteNumber(value, *out.writer);
}

template <typename T>
  requires std::is_enum_v<T>
void Write(T value, Sink out) {
  out->Int(static_cast<std::int64_t>(value));
}

template <std::size_t kMin, std::size_t kMax>
void Write(const BytesOf<kMin, kMax>& value, Sink out) {
  out->Bstr(value.value);
}

inline void Write(const IntOrText& value, Sink out) {
  if (value.is_text) return out->Text(value.text);
  out->Int(value.number);
}

inline void Write(const Version& value, Sink out) {
  out->Array(value.scheme ? 2 : 1);
  out->Text(value.text);
  if (value.scheme) Write(*value.scheme, out);
}

template <typename T, std::size_t N>
void WriteItems(const List<T, N>& list, Sink out) {
  out->Array(list.size());
  for (const T& one : list) Write(one, out);
}
template <typename T, std::size_t N>
void Write(const List<T, N>& list, Sink out) {
  WriteItems(list, out);
}

// The pair, if the value is there.
template <typename T>
void WriteField(std::int64_t key, const std::optional<T>& value, Sink out) {
  if (!value) return;
  out->Int(key);
  Write(*value, out);
}

template <typename T, std::size_t N>
std::uint64_t CountOf(const std::array<std::optional<T>, N>& fields) {
  return static_cast<std::uint64_t>(
      std::count_if(fields.begin(), fields.end(), [](auto& f) { return !!f; }));
}

// The fields that are there, their keys counted from `first`.
template <typename T, std::size_t N>
void WriteFields(const std::array<std::optional<T>, N>& fields,
                 std::int64_t first, Sink out) {
  out->Map(CountOf(fields));
  for (std::size_t i = 0; i < N; ++i)
    WriteField(first + static_cast<std::int64_t>(i), fields[i], out);
}

}  // namespace cai::eat::form
