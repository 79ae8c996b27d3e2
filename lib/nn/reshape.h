// The same bytes under another shape.
#pragma once

#include <cstdint>
#include <span>

namespace cai::nn {

struct Reshape {};

// Requires input.size() == output.size().
void Run(const Reshape& layer, std::span<const std::int8_t> input,
         std::span<std::int8_t> output);

}  // namespace cai::nn
