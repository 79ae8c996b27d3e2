#include "lib/nn/reshape.h"

#include <algorithm>

namespace cai::nn {

void Run(const Reshape&, std::span<const std::int8_t> input,
         std::span<std::int8_t> output) {
  std::ranges::copy(input, output.begin());
}

}  // namespace cai::nn
