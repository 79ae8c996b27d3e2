#include "lib/nn/average_pool_2d.h"

#include <algorithm>

namespace cai::nn {
namespace {

std::int8_t Mean(const AveragePool2d& layer, std::span<const std::int8_t> input,
                 std::int32_t b, std::int32_t y, std::int32_t x,
                 std::int32_t c) {
  const Window& window = layer.window;
  const std::int32_t top = y * window.stride_h - window.pad_top;
  const std::int32_t left = x * window.stride_w - window.pad_left;
  std::int32_t sum = 0;  // at most 2^10 * 2^10 * 2^7
  std::int32_t count = 0;
  for (std::int32_t in_y = std::max<std::int32_t>(top, 0);
       in_y < std::min(top + window.height, layer.input.height); ++in_y)
    for (std::int32_t in_x = std::max<std::int32_t>(left, 0);
         in_x < std::min(left + window.width, layer.input.width); ++in_x) {
      sum += input[layer.input.At(b, in_y, in_x, c)];
      ++count;
    }
  const std::int32_t mean =
      sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
  return static_cast<std::int8_t>(
      std::clamp(mean, layer.range.min, layer.range.max));
}

}  // namespace

void Run(const AveragePool2d& layer, std::span<const std::int8_t> input,
         std::span<std::int8_t> output) {
  const Image& out = layer.output;
  for (std::int32_t b = 0; b < out.batches; ++b)
    for (std::int32_t y = 0; y < out.height; ++y)
      for (std::int32_t x = 0; x < out.width; ++x)
        for (std::int32_t c = 0; c < out.channels; ++c)
          output[out.At(b, y, x, c)] = Mean(layer, input, b, y, x, c);
}

}  // namespace cai::nn
