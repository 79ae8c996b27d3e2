#include "lib/nn/average_pool_2d.h"

#include "lib/nn/layer.h"

namespace cai::nn {
namespace {

enum Option { kPadding, kStrideW, kStrideH, kWidth, kHeight, kActivation };

Result<Window> ReadWindow(const LayerContext& context) {
  Window window;
  CAI_TRY_ASSIGN(window.stride_w, context.Option<std::int32_t>(kStrideW, 0));
  CAI_TRY_ASSIGN(window.stride_h, context.Option<std::int32_t>(kStrideH, 0));
  CAI_TRY_ASSIGN(window.width, context.Option<std::int32_t>(kWidth, 0));
  CAI_TRY_ASSIGN(window.height, context.Option<std::int32_t>(kHeight, 0));
  return window;
}

// The first and the last window each hold a pixel; so do those between.
bool Touches(std::int32_t window, std::int32_t stride, std::int32_t pad,
             std::int32_t input, std::int32_t output) {
  return pad < window && (output - 1) * stride - pad < input;
}

}  // namespace

Status Check(const AveragePool2d& layer, std::size_t input_size,
             std::size_t output_size) {
  const Window& window = layer.window;
  if (layer.input.channels != layer.output.channels ||
      layer.input.size() != input_size || layer.output.size() != output_size ||
      !Touches(window.height, window.stride_h, window.pad_top,
               layer.input.height, layer.output.height) ||
      !Touches(window.width, window.stride_w, window.pad_left,
               layer.input.width, layer.output.width))
    return Error::kNnBadShape;
  return kDone;
}

Result<const Layer*> PrepareAveragePool2d(const LayerContext& context) {
  CAI_TRY(context.CheckArity(1, 1));
  CAI_TRY_ASSIGN(const Tensor input, context.Input(0));
  CAI_TRY_ASSIGN(const Tensor output, context.Output());
  AveragePool2d layer;
  CAI_TRY_ASSIGN(layer.input, ToImage(input.shape));
  CAI_TRY_ASSIGN(layer.output, ToImage(output.shape));
  CAI_TRY_ASSIGN(layer.window, ReadWindow(context));
  CAI_TRY_ASSIGN(const auto padding, context.Option<std::int8_t>(kPadding, 0));
  CAI_TRY(Fit(layer.window, padding, layer.input, layer.output));
  CAI_TRY_ASSIGN(const auto zero_point, output.ZeroPoint());
  CAI_TRY_ASSIGN(const auto activation,
                 context.Option<std::int8_t>(kActivation, 0));
  CAI_TRY_ASSIGN(const float scale, output.Scale());
  CAI_TRY_ASSIGN(layer.range, ActivationRange(activation, scale, zero_point));

  return KeepUnary(context, layer);
}

}  // namespace cai::nn
