#include "lib/der/writer.h"

#include <limits>

namespace cai::der {

void Writer::Put(std::byte b) {
  if (size_ < out_.size()) out_[out_.size() - 1 - size_] = b;
  if (size_ != std::numeric_limits<std::size_t>::max()) ++size_;
}

void Writer::Raw(Bytes bytes) {
  for (std::size_t i = bytes.size(); i > 0; --i) Put(bytes[i - 1]);
}

void Writer::Wrap(Tag tag, std::size_t mark) {
  std::size_t length = size_ - mark;
  if (length < 0x80) {
    Put(std::byte(length));
  } else {
    int bytes = 0;
    for (; length != 0; length >>= 8, ++bytes) Put(std::byte(length));
    Put(std::byte(0x80 | bytes));
  }
  Put(static_cast<std::byte>(tag));
}

void Writer::Element(Tag tag, Bytes content) {
  const std::size_t mark = size_;
  Raw(content);
  Wrap(tag, mark);
}

void Writer::Integer(Bytes magnitude) {
  while (!magnitude.empty() && magnitude.front() == std::byte{0})
    magnitude = magnitude.subspan(1);
  const std::size_t mark = size_;
  Raw(magnitude);
  if (magnitude.empty() ||
      (magnitude.front() & std::byte{0x80}) != std::byte{0})
    Put(std::byte{0});
  Wrap(Tag::kInteger, mark);
}

void Writer::BitString(Bytes bytes) {
  const std::size_t mark = size_;
  Raw(bytes);
  Put(std::byte{0});  // no unused bits
  Wrap(Tag::kBitString, mark);
}

Result<Bytes> Writer::Finish() {
  if (size_ > out_.size()) return Error::kDerNoRoom;
  const MutableBytes written = out_.last(size_);
  std::copy(written.begin(), written.end(), out_.begin());
  return Bytes(out_.first(size_));
}

}  // namespace cai::der
