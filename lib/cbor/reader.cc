#include "lib/cbor/reader_inl.h"

namespace cai::cbor {

template class BasicReader<false>;

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
