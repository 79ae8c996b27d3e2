// What crosses a call to the storage partition (Sid::kIts and Sid::kPs): the
// PSA storage functions, one fixed-size request each. Objects of two clients
// with the same uid are two objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace cai::storage_api {

enum class Op : std::int32_t {
  kSet = 0,         // SetRequest, data
  kGet = 1,         // GetRequest; out0: at most as many bytes as offered
  kGetInfo = 2,     // UidRequest; out0: Info
  kRemove = 3,      // UidRequest
  kGetSupport = 4,  // -; out0: u32, always 0 (no create, no set_extended)
};

constexpr std::size_t kMaxObject = 2048;

struct SetRequest {
  std::uint64_t uid;
  std::uint32_t flags;
  std::uint32_t reserved;
};
struct GetRequest {
  std::uint64_t uid;
  std::uint32_t offset;
  std::uint32_t reserved;
};
struct UidRequest {
  std::uint64_t uid;
};
struct Info {
  std::uint32_t capacity;
  std::uint32_t size;
  std::uint32_t flags;
};

static_assert(sizeof(SetRequest) == 16);
static_assert(sizeof(GetRequest) == 16);
static_assert(sizeof(UidRequest) == 8);
static_assert(sizeof(Info) == 12);
static_assert(std::has_unique_object_representations_v<SetRequest>);

}  // namespace cai::storage_api
