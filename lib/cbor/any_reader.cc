#include "lib/cbor/reader_inl.h"

namespace cai::cbor {

template class BasicReader<true>;

}  // namespace cai::cbor
