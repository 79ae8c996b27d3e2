#include "lib/nn/fully_connected.h"

namespace cai::nn {

void Run(const FullyConnected& layer, std::span<const std::int8_t> input,
         std::span<std::int8_t> output) {
  const auto inputs = static_cast<std::size_t>(layer.inputs);
  const auto outputs = static_cast<std::size_t>(layer.outputs);
  for (std::size_t at = 0; at < output.size(); ++at) {
    const std::size_t o = at % outputs;
    const auto row = layer.weights.subspan(o * inputs, inputs);
    const auto from = input.subspan(at / outputs * inputs, inputs);
    std::int32_t sum = 0;  // bound: quantize.h, kMaxDepth
    for (std::size_t i = 0; i < inputs; ++i)
      sum += row[i] * (from[i] + layer.input_offset);
    output[at] = Requantize(AddBias(sum, layer.bias[o]), layer.multipliers[o],
                            layer.output_offset, layer.range);
  }
}

}  // namespace cai::nn
