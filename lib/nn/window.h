// The geometry that convolutions and pooling share: images in NHWC order, and
// a window that slides over them.
#pragma once

#include <cstdint>

#include "lib/base/result.h"
#include "lib/nn/model.h"

namespace cai::nn {

struct Image {
  std::int32_t batches = 0, height = 0, width = 0, channels = 0;

  std::size_t size() const {
    return static_cast<std::size_t>(batches) *
           static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(channels);
  }
  // Requires all four in range.
  std::size_t At(std::int32_t b, std::int32_t y, std::int32_t x,
                 std::int32_t c) const {
    return static_cast<std::size_t>(((b * height + y) * width + x) * channels +
                                    c);
  }
};

// Refuses what has not four dimensions.
Result<Image> ToImage(const Shape& shape);

enum class Padding : std::int8_t { kSame = 0, kValid = 1 };

struct Window {
  std::int32_t height = 0, width = 0;
  std::int32_t stride_h = 1, stride_w = 1;
  std::int32_t dilation_h = 1, dilation_w = 1;
  std::int32_t pad_top = 0, pad_left = 0;
};

// Computes the padding; refuses unless `input` under this window gives an
// output of the height and width of `output`, and sizes that are out of range.
Status Fit(Window& window, std::int8_t padding, const Image& input,
           const Image& output);

}  // namespace cai::nn
