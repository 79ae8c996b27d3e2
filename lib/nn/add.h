// output[i] = clamp(requantise(rescale(a[i]) + rescale(b[i])))
//
// Both inputs are brought to twice the larger scale with 20 fractional bits.
// An input of size 1 in a dimension is repeated along it (broadcast). Bit-exact
// with the TFLite reference kernel.
#pragma once

#include <cstdint>
#include <span>

#include "lib/nn/quantize.h"
#include "lib/nn/window.h"

namespace cai::nn {

struct AddInput {
  Image shape;              // each dimension the output's, or 1
  std::int32_t offset = 0;  // minus the zero point
  Multiplier factor;        // below 1
};

struct Add {
  AddInput a, b;
  Image output;
  Multiplier factor;  // below 1
  std::int32_t output_offset = 0;
  Range range;
};

// Refuses any mismatch of sizes; after that nothing can fail. No scratch.
Status Check(const Add& layer, std::size_t a_size, std::size_t b_size,
             std::size_t output_size);

// Requires Check(layer, a.size(), b.size(), output.size()).
void Run(const Add& layer, std::span<const std::int8_t> a,
         std::span<const std::int8_t> b, std::span<std::int8_t> output);

}  // namespace cai::nn
