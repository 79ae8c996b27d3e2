// Convolution of each input channel on its own:
// output[b][y][x][o] = clamp(requantise(bias[o] + sum over (ky, kx) of
//     filter[ky][kx][o] * (input[b][in_y][in_x][o / multiplier] +
//     input_offset)) + output_offset), with in_y and in_x as in conv_2d.h.
//
// Bit-exact with the TFLite reference kernel.
#pragma once

#include <cstdint>
#include <span>

#include "lib/nn/quantize.h"
#include "lib/nn/window.h"

namespace cai::nn {

struct DepthwiseConv2d {
  std::span<const std::int8_t> filter;      // height x width x outputs
  std::span<const std::int32_t> bias;       // outputs
  std::span<const Multiplier> multipliers;  // outputs
  Image input, output;
  Window window;
  std::int32_t depth_multiplier = 0;  // outputs for one input channel
  std::int32_t input_offset = 0;      // minus the input's zero point
  std::int32_t output_offset = 0;
  Range range;
};

// Refuses any mismatch of sizes; after that nothing can fail. No scratch.
Status Check(const DepthwiseConv2d& layer, std::size_t input_size,
             std::size_t output_size);

// Requires Check(layer, input.size(), output.size()).
void Run(const DepthwiseConv2d& layer, std::span<const std::int8_t> input,
         std::span<std::int8_t> output);

}  // namespace cai::nn
