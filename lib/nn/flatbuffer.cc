#include "lib/nn/flatbuffer.h"

namespace cai::nn {
namespace {

// Where the unsigned offset at `at` points; it is relative to itself.
Result<std::size_t> Follow(Bytes file, std::size_t at) {
  const auto offset = LoadAt<std::uint32_t>(file, at);
  if (!offset || *offset == 0 || *offset > file.size() - at)
    return Error::kNnMalformed;
  return at + *offset;
}

}  // namespace

Result<FlatTable> FlatTable::Root(Bytes file) {
  CAI_TRY_ASSIGN(const std::size_t position, Follow(file, 0));
  return At(file, position);
}

Result<FlatTable> FlatTable::At(Bytes file, std::size_t position) {
  const auto back = LoadAt<std::int32_t>(file, position);
  if (!back) return Error::kNnMalformed;
  // Signed and relative: 64 bits hold every sum.
  const std::int64_t vtable = static_cast<std::int64_t>(position) - *back;
  if (vtable < 0) return Error::kNnMalformed;
  const auto size =
      LoadAt<std::uint16_t>(file, static_cast<std::size_t>(vtable));
  if (!size || *size < 4 || *size % 2 != 0 ||
      *size > file.size() - static_cast<std::size_t>(vtable))
    return Error::kNnMalformed;
  return FlatTable(file, position, static_cast<std::size_t>(vtable), *size);
}

Result<std::size_t> FlatTable::Field(int id, std::size_t size) const {
  const std::size_t slot = 4 + 2 * static_cast<std::size_t>(id);
  if (slot + 2 > vtable_size_) return std::size_t{0};
  const std::uint16_t offset = *LoadAt<std::uint16_t>(file_, vtable_ + slot);
  if (offset == 0) return std::size_t{0};
  const std::size_t at = position_ + offset;
  if (at > file_.size() || file_.size() - at < size) return Error::kNnMalformed;
  return at;
}

Result<std::size_t> FlatTable::Target(int id) const {
  CAI_TRY_ASSIGN(const std::size_t at, Field(id, sizeof(std::uint32_t)));
  if (at == 0) return std::size_t{0};
  return Follow(file_, at);
}

Result<FlatVector> FlatTable::Vector(int id, std::size_t element_size) const {
  CAI_TRY_ASSIGN(const std::size_t at, Target(id));
  if (at == 0) return FlatVector();
  const auto size = LoadAt<std::uint32_t>(file_, at);
  if (!size ||
      *size > (file_.size() - at - sizeof(std::uint32_t)) / element_size)
    return Error::kNnMalformed;
  return FlatVector(file_, at + sizeof(std::uint32_t), *size, element_size);
}

Result<std::optional<FlatTable>> FlatTable::Table(int id) const {
  CAI_TRY_ASSIGN(const std::size_t at, Target(id));
  if (at == 0) return std::optional<FlatTable>();
  CAI_TRY_ASSIGN(const FlatTable table, At(file_, at));
  return std::optional<FlatTable>(table);
}

Result<FlatTable> FlatVector::Table(std::uint32_t i) const {
  CAI_TRY_ASSIGN(const std::size_t at,
                 Follow(file_, begin_ + i * sizeof(std::uint32_t)));
  return FlatTable::At(file_, at);
}

}  // namespace cai::nn
