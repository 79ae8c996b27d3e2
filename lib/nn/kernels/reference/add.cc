#include "lib/nn/add.h"

namespace cai::nn {
namespace {

// With 20 fractional bits: |value| <= 255 * 2^20, then at most half of it.
std::int32_t Rescale(const AddInput& input, std::span<const std::int8_t> data,
                     std::int32_t b, std::int32_t y, std::int32_t x,
                     std::int32_t c) {
  const Image& shape = input.shape;
  const std::size_t at =
      shape.At(shape.batches == 1 ? 0 : b, shape.height == 1 ? 0 : y,
               shape.width == 1 ? 0 : x, shape.channels == 1 ? 0 : c);
  return Multiply((data[at] + input.offset) * (1 << 20), input.factor);
}

}  // namespace

void Run(const Add& layer, std::span<const std::int8_t> a,
         std::span<const std::int8_t> b, std::span<std::int8_t> output) {
  const Image& out = layer.output;
  for (std::int32_t n = 0; n < out.batches; ++n)
    for (std::int32_t y = 0; y < out.height; ++y)
      for (std::int32_t x = 0; x < out.width; ++x)
        for (std::int32_t c = 0; c < out.channels; ++c)
          output[out.At(n, y, x, c)] = Requantize(
              Rescale(layer.a, a, n, y, x, c) + Rescale(layer.b, b, n, y, x, c),
              layer.factor, layer.output_offset, layer.range);
}

}  // namespace cai::nn
