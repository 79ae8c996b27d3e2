// The bytes that are signed, MACed or authenticated beside a ciphertext
// (RFC 9052, 4.4, 5.3, 6.3; RFC 9338, 3.3): never joined, so that a payload of
// any size costs no memory. Deterministic CBOR, whatever the message was.
#pragma once

#include <string_view>

#include "lib/base/bytes.h"
#include "lib/crypto/algorithm.h"

namespace cai::cose {

// [context, bstr, bstr, …, ? [+ bstr]]. Views of what was added.
class Structure {
 public:
  // `items` counts the context.
  Structure(std::string_view context, std::size_t items);
  Structure(const Structure&) = delete;
  Structure& operator=(const Structure&) = delete;

  void Bstr(Bytes value);
  void Array(std::size_t items);

  crypto::Parts parts() const { return std::span(parts_).first(count_); }

 private:
  void Head(std::uint8_t major, std::size_t argument);
  void Add(Bytes part) { parts_[count_++] = part; }

  static constexpr std::size_t kMaxItems = 8;
  static constexpr std::size_t kMaxHead = 9;
  ByteArray<kMaxItems * kMaxHead> heads_;
  std::size_t used_ = 0;
  std::array<Bytes, 2 * kMaxItems> parts_;
  std::size_t count_ = 0;
};

}  // namespace cai::cose
