// output[b][y][x][c] = clamp(mean of the input's channel c over the part of
// the window that lies inside of the image), rounded half away from zero.
// Input and output share scale and zero point. Bit-exact with TFLite.
#pragma once

#include <cstdint>
#include <span>

#include "lib/nn/quantize.h"
#include "lib/nn/window.h"

namespace cai::nn {

struct AveragePool2d {
  Image input, output;
  Window window;
  Range range;
};

// Refuses any mismatch of sizes, and windows that can miss the image; after
// that nothing can fail. No scratch.
Status Check(const AveragePool2d& layer, std::size_t input_size,
             std::size_t output_size);

// Requires Check(layer, input.size(), output.size()).
void Run(const AveragePool2d& layer, std::span<const std::int8_t> input,
         std::span<std::int8_t> output);

}  // namespace cai::nn
