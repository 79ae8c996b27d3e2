// The caller's memory, given out from its end and never taken back.
#pragma once

#include <memory>
#include <new>
#include <span>
#include <type_traits>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::nn {

class Arena {
 public:
  explicit Arena(MutableBytes memory) : free_(memory) {}

  // `count` value-initialised objects that live as long as the memory and are
  // never destroyed.
  template <typename T>
  Result<std::span<T>> Make(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    CAI_TRY_ASSIGN(std::byte* const at, Take(count, sizeof(T), alignof(T)));
    // Safety: `at` is aligned and has room for `count` objects of T.
    T* const first = reinterpret_cast<T*>(at);
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return std::span<T>(first, count);
  }

  // What is left, from the front of the memory.
  MutableBytes rest() const { return free_; }

  // Makes the first `size` bytes unavailable to Make().
  Status KeepFront(std::size_t size) {
    if (size > free_.size()) return Error::kNnNoRoom;
    free_ = free_.subspan(size);
    return kDone;
  }

 private:
  Result<std::byte*> Take(std::size_t count, std::size_t size,
                          std::size_t alignment) {
    if (count > free_.size() / size) return Error::kNnNoRoom;
    // Safety: the address is only used for its alignment.
    const auto end = reinterpret_cast<std::uintptr_t>(free_.data()) +
                     free_.size() - count * size;
    const std::size_t taken = count * size + end % alignment;
    if (taken > free_.size()) return Error::kNnNoRoom;
    free_ = free_.first(free_.size() - taken);
    return free_.data() + free_.size();
  }

  MutableBytes free_;
};

}  // namespace cai::nn
