#include "lib/nn/conv_2d.h"

#include "lib/nn/layer.h"

namespace cai::nn {
namespace {

enum Input { kInput, kFilter, kBias };
enum Option {
  kPadding,
  kStrideW,
  kStrideH,
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

Status Check(const Conv2d& layer, std::size_t input_size,
             std::size_t output_size) {
  const Image filter{layer.output.channels, layer.window.height,
                     layer.window.width, layer.filter_channels};
  if (layer.filter_channels < 1 ||
      layer.input.channels % layer.filter_channels != 0 ||
      layer.output.channels % (layer.input.channels / layer.filter_channels) !=
          0)
    return Error::kNnBadShape;
  const std::int64_t depth = static_cast<std::int64_t>(layer.window.height) *
                             layer.window.width * layer.filter_channels;
  if (depth > kMaxDepth) return Error::kNnTooLarge;
  const auto outputs = static_cast<std::size_t>(layer.output.channels);
  if (layer.input.size() != input_size || layer.output.size() != output_size ||
      layer.filter.size() != filter.size() || layer.bias.size() != outputs ||
      layer.multipliers.size() != outputs)
    return Error::kNnBadShape;
  return kDone;
}

Result<const Layer*> PrepareConv2d(const LayerContext& context) {
  CAI_TRY(context.CheckArity(2, 3));
  CAI_TRY_ASSIGN(const Tensor input, context.Input(kInput));
  CAI_TRY_ASSIGN(const Tensor filter, context.Input(kFilter));
  CAI_TRY_ASSIGN(const Tensor output, context.Output());
  CAI_TRY_ASSIGN(const Image shape, ToImage(filter.shape));

  Conv2d layer;
  CAI_TRY_ASSIGN(layer.input, ToImage(input.shape));
  CAI_TRY_ASSIGN(layer.output, ToImage(output.shape));
  if (shape.batches != layer.output.channels) return Error::kNnBadShape;
  layer.filter_channels = shape.channels;
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
