// Reads FlatBuffers tables from hostile bytes: every access is bounds-checked.
//
// Why not the FlatBuffers headers: verifier, generated accessors and the
// standard containers that they pull in are several times the size of these
// hundred lines, and check a whole file that we walk exactly once. Here the
// check and the access are the same call, so none can be forgotten.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::nn {

// FlatBuffers scalars are little endian and so are all machines we run on.
static_assert(std::endian::native == std::endian::little);

// The T at `offset`, or nothing if it does not lie inside `file`.
template <typename T>
std::optional<T> LoadAt(Bytes file, std::size_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return {};
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(T));
  return value;
}

class FlatVector;

// A table: a soffset to its vtable, then the fields the vtable points at.
// A field that is absent reads as its default, as the format says; one that
// lies outside of the file makes the read fail.
class FlatTable {
 public:
  static Result<FlatTable> Root(Bytes file);
  static Result<FlatTable> At(Bytes file, std::size_t position);

  template <typename T>
  Result<T> Scalar(int id, T absent) const {
    CAI_TRY_ASSIGN(const std::size_t at, Field(id, sizeof(T)));
    return at == 0 ? absent : *LoadAt<T>(file_, at);
  }

  // A vector of T; empty if absent. Elements are read one by one.
  Result<FlatVector> Vector(int id, std::size_t element_size) const;

  // A sub-table; nothing if absent.
  Result<std::optional<FlatTable>> Table(int id) const;

 private:
  FlatTable(Bytes file, std::size_t position, std::size_t vtable,
            std::uint16_t vtable_size)
      : file_(file),
        position_(position),
        vtable_(vtable),
        vtable_size_(vtable_size) {}

  // Where field `id` lies, with `size` bytes inside the file; 0 if absent.
  Result<std::size_t> Field(int id, std::size_t size) const;
  // The position that an unsigned offset stored at field `id` points at.
  Result<std::size_t> Target(int id) const;

  Bytes file_;
  std::size_t position_, vtable_;
  std::uint16_t vtable_size_;
};

// Elements of one size, all inside the file.
class FlatVector {
 public:
  FlatVector() = default;
  FlatVector(Bytes file, std::size_t begin, std::uint32_t size,
             std::size_t element_size)
      : file_(file), begin_(begin), size_(size), element_size_(element_size) {}

  std::uint32_t size() const { return size_; }
  Bytes bytes() const { return file_.subspan(begin_, size_ * element_size_); }

  // Requires i < size() and an element size of sizeof(T).
  template <typename T>
  T Get(std::uint32_t i) const {
    return *LoadAt<T>(file_, begin_ + i * sizeof(T));
  }
  // For vectors of tables.
  Result<FlatTable> Table(std::uint32_t i) const;

 private:
  Bytes file_;
  std::size_t begin_ = 0;
  std::uint32_t size_ = 0;
  std::size_t element_size_ = 1;
};

}  // namespace cai::nn
