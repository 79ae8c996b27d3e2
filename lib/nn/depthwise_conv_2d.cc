#include "lib/nn/depthwise_conv_2d.h"

#include "lib/nn/layer.h"

namespace cai::nn {
namespace {

enum Input { kInput, kFilter, kBias };
enum Option {
  kPadding,
  kStrideW,
  kStrideH,
  kDepthMultiplier,  // redundant; the shapes say it
  kActivation,
  kDilationW,
  kDilationH
};

Result<Window> ReadWindow(const LayerContext& context, const Image& filter) {
  Window window{.height = filter.height, .width = filter.width};
  CAI_TRY_ASSIGN(window.stride_w, context.Option<std::int32_t>(kStrideW, 0));
  CAI_TRY_ASSIGN(window.stride_h, context.Option<std::int32_t>(kStrideH, 0));
  CAI_TRY_ASSIGN(window.dilation_w,
                 context.Option<std::int32_t>(kDilationW, 1));
  CAI_TRY_ASSIGN(window.dilation_h,
                 context.Option<std::int32_t>(kDilationH, 1));
  return window;
}

}  // namespace

Status Check(const DepthwiseConv2d& layer, std::size_t input_size,
             std::size_t output_size) {
  const Image filter{1, layer.window.height, layer.window.width,
                     layer.output.channels};
  const std::int64_t depth =
      static_cast<std::int64_t>(layer.window.height) * layer.window.width;
  if (depth > kMaxDepth) return Error::kNnTooLarge;
  const auto outputs = static_cast<std::size_t>(layer.output.channels);
  if (layer.depth_multiplier < 1 ||
      layer.output.channels % layer.depth_multiplier != 0 ||
      layer.output.channels / layer.depth_multiplier != layer.input.channels ||
      layer.input.size() != input_size || layer.output.size() != output_size ||
      layer.filter.size() != filter.size() || layer.bias.size() != outputs ||
      layer.multipliers.size() != outputs)
    return Error::kNnBadShape;
  return kDone;
}

Result<const Layer*> PrepareDepthwiseConv2d(const LayerContext& context) {
  CAI_TRY(context.CheckArity(2, 3));
  CAI_TRY_ASSIGN(const Tensor input, context.Input(kInput));
  CAI_TRY_ASSIGN(const Tensor filter, context.Input(kFilter));
  CAI_TRY_ASSIGN(const Tensor output, context.Output());
  CAI_TRY_ASSIGN(const Image shape, ToImage(filter.shape));

  DepthwiseConv2d layer;
  CAI_TRY_ASSIGN(layer.input, ToImage(input.shape));
  CAI_TRY_ASSIGN(layer.output, ToImage(output.shape));
  if (shape.batches != 1 || shape.channels != layer.output.channels)
    return Error::kNnBadShape;
  layer.depth_multiplier = layer.output.channels / layer.input.channels;
  CAI_TRY_ASSIGN(layer.window, ReadWindow(context, shape));
  CAI_TRY_ASSIGN(const auto padding, context.Option<std::int8_t>(kPadding, 0));
  CAI_TRY(Fit(layer.window, padding, layer.input, layer.output));

  CAI_TRY_ASSIGN(layer.filter, context.Weights(kFilter));
  CAI_TRY_ASSIGN(layer.bias, context.Bias(kBias, layer.output.channels));
  CAI_TRY_ASSIGN(
      layer.multipliers,
      context.ChannelMultipliers(input, filter, output, layer.output.channels));
  CAI_TRY(ReadOffsets(context, kActivation, input, output, layer));
  return KeepUnary(context, layer);
}

}  // namespace cai::nn
