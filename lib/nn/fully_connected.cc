#include "lib/nn/fully_connected.h"

#include "lib/nn/layer.h"

namespace cai::nn {
namespace {

enum Input { kInput, kWeights, kBias };
enum Option { kActivation, kWeightsFormat };

}  // namespace

Status Check(const FullyConnected& layer, std::size_t input_size,
             std::size_t output_size) {
  if (layer.inputs < 1 || layer.outputs < 1) return Error::kNnBadShape;
  if (layer.inputs > kMaxDepth) return Error::kNnTooLarge;
  const auto inputs = static_cast<std::size_t>(layer.inputs);
  const auto outputs = static_cast<std::size_t>(layer.outputs);
  const std::size_t batches = input_size / inputs;
  if (input_size % inputs != 0 || output_size != batches * outputs ||
      layer.weights.size() != inputs * outputs ||
      layer.bias.size() != outputs || layer.multipliers.size() != outputs)
    return Error::kNnBadShape;
  return kDone;
}

Result<const Layer*> PrepareFullyConnected(const LayerContext& context) {
  CAI_TRY(context.CheckArity(2, 3));
  CAI_TRY_ASSIGN(const Tensor input, context.Input(kInput));
  CAI_TRY_ASSIGN(const Tensor weights, context.Input(kWeights));
  CAI_TRY_ASSIGN(const Tensor output, context.Output());
  CAI_TRY_ASSIGN(const auto format,
                 context.Option<std::int8_t>(kWeightsFormat, 0));
  if (format != 0) return Error::kNnUnsupported;
  if (weights.shape.rank != 2) return Error::kNnBadShape;

  FullyConnected layer;
  layer.outputs = weights.shape.dims[0];
  layer.inputs = weights.shape.dims[1];
  CAI_TRY_ASSIGN(layer.weights, context.Weights(kWeights));
  CAI_TRY_ASSIGN(layer.bias, context.Bias(kBias, layer.outputs));
  // With one scale TFLite rounds the product of the input scales to float.
  CAI_TRY_ASSIGN(
      layer.multipliers,
      weights.scale_count() == 1
          ? context.LayerMultiplier(input, weights, output, layer.outputs)
          : context.ChannelMultipliers(input, weights, output, layer.outputs));
  CAI_TRY(ReadOffsets(context, kActivation, input, output, layer));
  return KeepUnary(context, layer);
}

}  // namespace cai::nn
