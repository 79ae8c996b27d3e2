// At most N values in place: what a token holds several of, without a heap.
#pragma once

#include <array>
#include <cstddef>

#include "lib/base/result.h"

namespace cai::eat {

template <typename T, std::size_t N>
class List {
 public:
  static constexpr std::size_t kMax = N;

  // kEatTooMany if N are in it already.
  Status Add(const T& value) {
    if (size_ == N) return Error::kEatTooMany;
    items_[size_++] = value;
    return kDone;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T* begin() const { return items_.data(); }
  const T* end() const { return items_.data() + size_; }
  T* begin() { return items_.data(); }
  T* end() { return items_.data() + size_; }
  const T& operator[](std::size_t i) const { return items_[i]; }
  T& operator[](std::size_t i) { return items_[i]; }
  void clear() { size_ = 0; }

 private:
  std::array<T, N> items_{};
  std::size_t size_ = 0;
};

}  // namespace cai::eat
