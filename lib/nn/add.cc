#include "lib/nn/add.h"

#include "lib/nn/layer.h"

namespace cai::nn {
namespace {

enum Option { kActivation };

constexpr int kFractionBits = 20;

class AddLayer final : public Layer {
 public:
  AddLayer() = default;
  AddLayer(const Add& op, std::span<const std::int8_t> a,
           std::span<const std::int8_t> b, std::span<std::int8_t> output)
      : op_(op), a_(a), b_(b), output_(output) {}
  void Run() const override { nn::Run(op_, a_, b_, output_); }

 private:
  Add op_;
  std::span<const std::int8_t> a_, b_;
  std::span<std::int8_t> output_;
};

// Shapes align at their last dimension; missing ones are 1.
Image Aligned(const Shape& shape) {
  std::int32_t dims[kMaxRank] = {1, 1, 1, 1};
  for (int i = 0; i < shape.rank; ++i)
    dims[kMaxRank - shape.rank + i] = shape.dims[i];
  return {dims[0], dims[1], dims[2], dims[3]};
}

bool Repeats(std::int32_t from, std::int32_t to) {
  return from == to || from == 1;
}

bool Repeats(const Image& from, const Image& to) {
  return Repeats(from.batches, to.batches) && Repeats(from.height, to.height) &&
         Repeats(from.width, to.width) && Repeats(from.channels, to.channels);
}

Result<AddInput> ReadInput(const Tensor& tensor, double twice_larger) {
  AddInput input;
  input.shape = Aligned(tensor.shape);
  CAI_TRY_ASSIGN(const float scale, tensor.Scale());
  CAI_TRY_ASSIGN(const auto zero_point, tensor.ZeroPoint());
  input.offset = -zero_point;
  CAI_TRY_ASSIGN(input.factor,
                 ToMultiplier(static_cast<double>(scale) / twice_larger));
  return input;
}

Result<Add> ReadLayer(const LayerContext& context) {
  CAI_TRY_ASSIGN(const Tensor a, context.Input(0));
  CAI_TRY_ASSIGN(const Tensor b, context.Input(1));
  CAI_TRY_ASSIGN(const Tensor output, context.Output());
  CAI_TRY_ASSIGN(const float a_scale, a.Scale());
  CAI_TRY_ASSIGN(const float b_scale, b.Scale());
  CAI_TRY_ASSIGN(const float scale, output.Scale());
  const double twice_larger =
      2 * static_cast<double>(std::max(a_scale, b_scale));

  Add layer;
  layer.output = Aligned(output.shape);
  CAI_TRY_ASSIGN(layer.a, ReadInput(a, twice_larger));
  CAI_TRY_ASSIGN(layer.b, ReadInput(b, twice_larger));
  CAI_TRY_ASSIGN(layer.factor,
                 ToMultiplier(twice_larger / ((1 << kFractionBits) *
                                              static_cast<double>(scale))));
  // TFLite refuses a factor of one or more here.
  if (layer.factor.shift > 0) return Error::kNnBadScale;
  CAI_TRY_ASSIGN(layer.output_offset, output.ZeroPoint());
  CAI_TRY_ASSIGN(const auto activation,
                 context.Option<std::int8_t>(kActivation, 0));
  CAI_TRY_ASSIGN(layer.range,
                 ActivationRange(activation, scale, layer.output_offset));
  return layer;
}

}  // namespace

Status Check(const Add& layer, std::size_t a_size, std::size_t b_size,
             std::size_t output_size) {
  if (!Repeats(layer.a.shape, layer.output) ||
      !Repeats(layer.b.shape, layer.output) || layer.a.shape.size() != a_size ||
      layer.b.shape.size() != b_size || layer.output.size() != output_size)
    return Error::kNnBadShape;
  return kDone;
}

Result<const Layer*> PrepareAdd(const LayerContext& context) {
  CAI_TRY(context.CheckArity(2, 2));
  CAI_TRY_ASSIGN(const Add layer, ReadLayer(context));
  CAI_TRY_ASSIGN(const auto a, context.InputData(0));
  CAI_TRY_ASSIGN(const auto b, context.InputData(1));
  CAI_TRY_ASSIGN(const auto to, context.OutputData());
  CAI_TRY(Check(layer, a.size(), b.size(), to.size()));
  return context.Keep(AddLayer(layer, a, b, to));
}

}  // namespace cai::nn
