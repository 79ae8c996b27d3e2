// output[r][i] = exp(beta * input[r][i]) / sum over j of exp(beta *
// input[r][j]), in fixed point; output scale 1/256, zero point -128.
//
// Bit-exact with the TFLite reference kernel, which computes with gemmlowp's
// fixed-point numbers: exp in 31 fractional bits, the sum in 19.
#pragma once

#include <cstdint>
#include <span>

#include "lib/base/result.h"
#include "lib/nn/quantize.h"

namespace cai::nn {

struct Softmax {
  std::int32_t depth = 0;  // length of a row
  // A difference of two inputs to beta * difference with 26 fractional bits.
  Multiplier factor;  // shift >= 0
  // Differences below this count as exp(-infinity).
  std::int32_t least_difference = 0;
};

// Refuses any mismatch of sizes; after that nothing can fail. No scratch.
Status Check(const Softmax& layer, std::size_t input_size,
             std::size_t output_size);

// Requires Check(layer, input.size(), output.size()).
void Run(const Softmax& layer, std::span<const std::int8_t> input,
         std::span<std::int8_t> output);

}  // namespace cai::nn
