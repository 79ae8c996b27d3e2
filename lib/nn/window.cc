#include "lib/nn/window.h"

#include <algorithm>

namespace cai::nn {
namespace {

constexpr std::int32_t kMaxStep = 1024;  // of stride, dilation, window

bool InRange(std::int32_t value) { return value >= 1 && value <= kMaxStep; }

// One axis: all factors are in range, so the products are below 2^31.
Result<std::int32_t> FitAxis(std::int32_t window, std::int32_t stride,
                             std::int32_t dilation, Padding padding,
                             std::int32_t input, std::int32_t output) {
  const std::int32_t reach = (window - 1) * dilation + 1;
  const std::int32_t covered =
      padding == Padding::kSame ? input + stride - 1 : input + stride - reach;
  if (covered / stride != output) return Error::kNnBadShape;
  return std::max<std::int32_t>(0, (output - 1) * stride + reach - input) / 2;
}

}  // namespace

Result<Image> ToImage(const Shape& shape) {
  if (shape.rank != 4) return Error::kNnBadShape;
  return Image{shape.dims[0], shape.dims[1], shape.dims[2], shape.dims[3]};
}

Status Fit(Window& window, std::int8_t padding, const Image& input,
           const Image& output) {
  const auto kind = static_cast<Padding>(padding);
  if (kind != Padding::kSame && kind != Padding::kValid)
    return Error::kNnUnsupported;
  if (!InRange(window.height) || !InRange(window.width) ||
      !InRange(window.stride_h) || !InRange(window.stride_w) ||
      !InRange(window.dilation_h) || !InRange(window.dilation_w))
    return Error::kNnTooLarge;
  if (input.batches != output.batches) return Error::kNnBadShape;
  CAI_TRY_ASSIGN(window.pad_top,
                 FitAxis(window.height, window.stride_h, window.dilation_h,
                         kind, input.height, output.height));
  CAI_TRY_ASSIGN(window.pad_left,
                 FitAxis(window.width, window.stride_w, window.dilation_w, kind,
                         input.width, output.width));
  return kDone;
}

}  // namespace cai::nn
