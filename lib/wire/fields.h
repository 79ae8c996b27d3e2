// Reading of fixed fields, shared by the codecs of this folder.
#pragma once

#include "lib/cbor/reader.h"
#include "lib/wire/types.h"

namespace cai::wire {

// A byte string of exactly N bytes.
template <std::size_t N>
Status ReadArray(cbor::Reader& reader, ByteArray<N>& out) {
  CAI_TRY_ASSIGN(const auto value, reader.BstrOf<N>());
  CopyInto(out, value);
  return kDone;
}

// A number that fits T.
template <typename T>
Status ReadUint(cbor::Reader& reader, T& out) {
  CAI_TRY_ASSIGN(const std::uint64_t value, reader.Uint());
  out = static_cast<T>(value);
  if (out != value) return Error::kCborOutOfRange;
  return kDone;
}

// The next key of a map whose keys and their order are fixed.
inline Status ExpectKey(cbor::Reader& reader, std::int64_t key) {
  CAI_TRY_ASSIGN(const std::int64_t found, reader.Int());
  if (found != key) return Error::kWireMalformed;
  return kDone;
}

// The head of a map of exactly this many pairs.
inline Status ExpectMap(cbor::Reader& reader, std::uint64_t pairs) {
  CAI_TRY_ASSIGN(const std::uint64_t found, reader.Map());
  if (found != pairs) return Error::kWireMalformed;
  return kDone;
}

}  // namespace cai::wire
