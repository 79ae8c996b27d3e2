// Writes deterministic CBOR (RFC 8949, 4.2) into the caller's memory.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::cbor {

// A Writer never fails part way. Past the end it only counts, so the caller
// writes the whole structure and asks once, in Finish(), whether it fitted.
// Over an empty span the same calls measure. Key order is the caller's.
class Writer {
 public:
  explicit Writer(MutableBytes out) : out_(out) {}

  void Uint(std::uint64_t value) { Head(0, value); }
  void Int(std::int64_t value);
  void Bstr(Bytes value);
  void Text(std::string_view value);
  void Array(std::uint64_t items) { Head(4, items); }
  void Map(std::uint64_t pairs) { Head(5, pairs); }
  void Tag(std::uint64_t tag) { Head(6, tag); }
  void Bool(bool value) { Head(7, value ? 21 : 20); }
  void Null() { Head(7, 22); }
  void Nint(std::uint64_t n) { Head(1, n); }           // -1 - n
  void Simple(std::uint8_t value) { Head(7, value); }  // not 24 to 31
  void Float(double value);                            // in float.cc

  // The head of a string of `size` bytes, which the caller puts next.
  void BstrHead(std::uint64_t size) { Head(2, size); }
  void TextHead(std::uint64_t size) { Head(3, size); }

  // Bytes as they are: CBOR that was encoded before.
  void Raw(Bytes bytes);

  // Bytes that all calls so far need, whether or not they fitted.
  std::size_t size() const { return size_; }

  // The encoding, or kCborNoRoom.
  Result<Bytes> Finish() const;

 private:
  void Head(std::uint8_t major, std::uint64_t argument);
  void Put(std::byte b);
  void Big(std::uint64_t value, int bytes);
  void FloatBits(std::uint64_t bits, int size);

  MutableBytes out_;
  std::size_t size_ = 0;
};

}  // namespace cai::cbor
