// Writes DER (X.690, 10 and 11) from the end of the caller's memory backwards.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/der/tags.h"

namespace cai::der {

// Backwards, since a length stands before what it measures: nothing is moved or
// measured twice. The caller writes the last field first:
//   const auto mark = w.size();  w.Raw(last);  w.Raw(first);
//   w.Wrap(kSequence, mark);
// A Writer never fails part way. Past the start it only counts, and Finish()
// says once whether it fitted. Over an empty span the same calls measure.
class Writer {
 public:
  explicit Writer(MutableBytes out) : out_(out) {}

  // Bytes before all that was written so far.
  void Raw(Bytes bytes);

  // The head (tag and shortest length) of all that was written since `mark`,
  // an earlier size().
  void Wrap(Tag tag, std::size_t mark);

  // Whole elements.
  void Element(Tag tag, Bytes content);
  void Text(Tag tag, std::string_view text) { Element(tag, AsBytes(text)); }
  // A non-negative INTEGER from big-endian bytes: leading zeros go, one comes
  // back if the top bit would make it negative (X.690, 8.3).
  void Integer(Bytes magnitude);
  // A BIT STRING of whole bytes.
  void BitString(Bytes bytes);

  // Bytes that all calls so far need, whether or not they fitted.
  std::size_t size() const { return size_; }

  // Moves the encoding to the front of the memory and returns it, or
  // kDerNoRoom. Ends the writer's use.
  Result<Bytes> Finish();

 private:
  void Put(std::byte b);

  MutableBytes out_;
  std::size_t size_ = 0;
};

}  // namespace cai::der
