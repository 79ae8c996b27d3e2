#include "lib/nn/depthwise_conv_2d.h"

namespace cai::nn {
namespace {

// The accumulator of output channel `o`; bound: quantize.h, kMaxDepth.
std::int32_t Accumulate(const DepthwiseConv2d& layer,
                        std::span<const std::int8_t> input, std::int32_t b,
                        std::int32_t y, std::int32_t x, std::int32_t o) {
  const Window& window = layer.window;
  const Image filter{1, window.height, window.width, layer.output.channels};
  const std::int32_t channel = o / layer.depth_multiplier;
  std::int32_t sum = 0;
  for (std::int32_t ky = 0; ky < window.height; ++ky) {
    const std::int32_t in_y =
        y * window.stride_h + ky * window.dilation_h - window.pad_top;
    if (in_y < 0 || in_y >= layer.input.height) continue;
    for (std::int32_t kx = 0; kx < window.width; ++kx) {
      const std::int32_t in_x =
          x * window.stride_w + kx * window.dilation_w - window.pad_left;
      if (in_x < 0 || in_x >= layer.input.width) continue;
      sum +=
          layer.filter[filter.At(0, ky, kx, o)] *
          (input[layer.input.At(b, in_y, in_x, channel)] + layer.input_offset);
    }
  }
  return AddBias(sum, layer.bias[static_cast<std::size_t>(o)]);
}

}  // namespace

void Run(const DepthwiseConv2d& layer, std::span<const std::int8_t> input,
         std::span<std::int8_t> output) {
  const Image& out = layer.output;
  for (std::int32_t b = 0; b < out.batches; ++b)
    for (std::int32_t y = 0; y < out.height; ++y)
      for (std::int32_t x = 0; x < out.width; ++x)
        for (std::int32_t o = 0; o < out.channels; ++o)
          output[out.At(b, y, x, o)] =
              Requantize(Accumulate(layer, input, b, y, x, o),
                         layer.multipliers[static_cast<std::size_t>(o)],
                         layer.output_offset, layer.range);
}

}  // namespace cai::nn
