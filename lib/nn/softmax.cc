#include "lib/nn/softmax.h"

#include "lib/nn/layer.h"

namespace cai::nn {
namespace {

enum Option { kBeta };

constexpr int kIntegerBits = 5;  // of a scaled difference
// The sum of exps has 12 integer bits, and each exp is at most 1.
constexpr std::int32_t kMaxRow = 4095;

// What exp() can take is above -32: the bound in quanta of the input. `shift`
// from 0 to 30.
std::int32_t LeastDifference(int shift) {
  return -static_cast<std::int32_t>(
      (std::int64_t{(1 << kIntegerBits) - 1} << (31 - kIntegerBits)) >> shift);
}

}  // namespace

Status Check(const Softmax& layer, std::size_t input_size,
             std::size_t output_size) {
  if (layer.depth < 1 || input_size != output_size ||
      input_size % static_cast<std::size_t>(layer.depth) != 0)
    return Error::kNnBadShape;
  if (layer.depth > kMaxRow) return Error::kNnTooLarge;
  return kDone;
}

Result<const Layer*> PrepareSoftmax(const LayerContext& context) {
  CAI_TRY(context.CheckArity(1, 1));
  CAI_TRY_ASSIGN(const Tensor input, context.Input(0));
  CAI_TRY_ASSIGN(const Tensor output, context.Output());
  CAI_TRY_ASSIGN(const float scale, input.Scale());
  CAI_TRY_ASSIGN(const float output_scale, output.Scale());
  CAI_TRY_ASSIGN(const auto output_zero, output.ZeroPoint());
  CAI_TRY_ASSIGN(const auto beta, context.Option<float>(kBeta, 0.0f));
  if (output_scale != 1.0f / 256 || output_zero != -128 || !ValidScale(beta))
    return Error::kNnBadScale;
  if (input.shape.rank < 1) return Error::kNnBadShape;

  Softmax layer;
  layer.depth = input.shape.dims[input.shape.rank - 1];
  const double factor = static_cast<double>(beta) * static_cast<double>(scale) *
                        (1 << (31 - kIntegerBits));
  CAI_TRY_ASSIGN(layer.factor, ToMultiplier(factor));
  if (layer.factor.shift < 0) return Error::kNnBadScale;
  layer.least_difference = LeastDifference(layer.factor.shift);

  return KeepUnary(context, layer);
}

}  // namespace cai::nn
