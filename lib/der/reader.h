// Reads DER (X.690) from memory without copying, allocating or recursing.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/der/tags.h"

namespace cai::der {

// A view that shrinks: each getter advances, or fails and changes nothing.
// What it returns points into the input and lives as long as that. Strict:
// tags of one byte, definite lengths in their shortest form of at most four
// bytes, INTEGERs without padding. Nothing else is DER.
class Reader {
 public:
  explicit Reader(Bytes in) : in_(in) {}

  bool empty() const { return in_.empty(); }
  Bytes rest() const { return in_; }

  // Whether an element with this tag comes next.
  bool Next(Tag tag) const;

  // The content of the next element, which must have this tag.
  Result<Bytes> Content(Tag tag);
  Result<Reader> Enter(Tag tag);

  // The next element as a whole, head and content.
  Result<Bytes> Element(Tag tag);
  Result<Bytes> Any();

  // A non-negative INTEGER: its big-endian bytes without the sign's zero.
  Result<Bytes> Unsigned();
  // The same, right aligned in `out`; kDerBadInteger if it is larger.
  Status UnsignedInto(MutableBytes out);
  // A BIT STRING of whole bytes.
  Result<Bytes> BitString();
  Result<bool> Boolean();
  // UTCTime or GeneralizedTime as RFC 5280, 4.1.2.5 restricts them: seconds
  // since 1970, which may be negative.
  Result<std::int64_t> Time();

  // kDerTrailing unless all was read.
  Status Finish() const;

 private:
  struct Head {
    Tag tag;
    std::size_t head, content;
  };
  Result<Head> NextHead() const;

  Bytes in_;
};

}  // namespace cai::der
