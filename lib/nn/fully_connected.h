// output[b][o] = clamp(requantise(bias[o] + sum over i of
//                weights[o][i] * (input[b][i] + input_offset)) + output_offset)
//
// int8 throughout, weights symmetric, one scale per layer or per output.
// Bit-exact with the TFLite reference kernel.
#pragma once

#include <cstdint>
#include <span>

#include "lib/base/result.h"
#include "lib/nn/quantize.h"

namespace cai::nn {

struct FullyConnected {
  std::span<const std::int8_t> weights;     // outputs x inputs, row-major
  std::span<const std::int32_t> bias;       // outputs
  std::span<const Multiplier> multipliers;  // outputs
  std::int32_t inputs = 0;
  std::int32_t outputs = 0;
  std::int32_t input_offset = 0;  // minus the input's zero point
  std::int32_t output_offset = 0;
  Range range;
};

// Refuses any mismatch of sizes; after that nothing can fail. No scratch.
Status Check(const FullyConnected& layer, std::size_t input_size,
             std::size_t output_size);

// Requires Check(layer, input.size(), output.size()).
void Run(const FullyConnected& layer, std::span<const std::int8_t> input,
         std::span<std::int8_t> output);

}  // namespace cai::nn
