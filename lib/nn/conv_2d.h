// output[b][y][x][o] = clamp(requantise(bias[o] + sum over (ky, kx, c) of
//     filter[o][ky][kx][c] * (input[b][y * stride_h + ky * dilation_h - top]
//     [x * stride_w + kx * dilation_w - left][group(o) + c] + input_offset))
//     + output_offset)
//
// Positions outside of the image contribute nothing (the padding is the zero
// point). Grouped if the filter has fewer channels than the input. Bit-exact
// with the TFLite reference kernel.
#pragma once

#include <cstdint>
#include <span>

#include "lib/nn/quantize.h"
#include "lib/nn/window.h"

namespace cai::nn {

struct Conv2d {
  std::span<const std::int8_t> filter;  // outputs x height x width x channels
  std::span<const std::int32_t> bias;   // outputs
  std::span<const Multiplier> multipliers;  // outputs
  Image input, output;
  Window window;
  std::int32_t filter_channels = 0;
  std::int32_t input_offset = 0;  // minus the input's zero point
  std::int32_t output_offset = 0;
  Range range;
};

// Refuses any mismatch of sizes; after that nothing can fail. No scratch.
Status Check(const Conv2d& layer, std::size_t input_size,
             std::size_t output_size);

// Requires Check(layer, input.size(), output.size()).
void Run(const Conv2d& layer, std::span<const std::int8_t> input,
         std::span<std::int8_t> output);

}  // namespace cai::nn
