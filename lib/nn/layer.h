// An operator made ready to run: checked, its constants found, its memory
// planned. What prepares one, and the table by which a build chooses which
// operators it links.
#pragma once

#include <span>

#include "lib/base/result.h"
#include "lib/nn/arena.h"
#include "lib/nn/model.h"
#include "lib/nn/quantize.h"

namespace cai::nn {

// Lives in the arena. Run() cannot fail: everything was checked before.
class Layer {
 public:
  virtual void Run() const = 0;

 protected:
  ~Layer() = default;
};

// Where a computed tensor lies in the front of the arena, and from which step
// to which (the model's inputs are written at step 0, operator i runs at
// i + 1).
struct Placement {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  bool used = false;
  bool placed = false;
};

// What an operator's prepare function sees.
class LayerContext {
 public:
  LayerContext(const Model& model, const Operator& op, Arena& arena,
               std::span<const Placement> placements, std::byte* planned)
      : model_(model),
        op_(op),
        arena_(arena),
        placements_(placements),
        planned_(planned) {}

  // Refuse unless the operator has from `least` to `most` inputs, one output.
  Status CheckArity(std::uint32_t least, std::uint32_t most) const;

  // Absent inputs are refused; HasInput() asks.
  bool HasInput(std::uint32_t i) const;
  Result<Tensor> Input(std::uint32_t i) const;
  Result<Tensor> Output() const;

  // int8 elements, constant or computed.
  Result<std::span<const std::int8_t>> InputData(std::uint32_t i) const;
  Result<std::span<std::int8_t>> OutputData() const;

  // Constant int8 weights, symmetric (zero point 0).
  Result<std::span<const std::int8_t>> Weights(std::uint32_t i) const;
  // `count` int32; zeros if input i was left out.
  Result<std::span<const std::int32_t>> Bias(std::uint32_t i,
                                             std::int32_t count) const;
  // One factor an output channel: input scale * filter scale / output scale.
  Result<std::span<const Multiplier>> ChannelMultipliers(
      const Tensor& input, const Tensor& filter, const Tensor& output,
      std::int32_t channels) const;

  // The same factor for all, the product of the input scales rounded to float:
  // what TFLite computes for FULLY_CONNECTED with one scale.
  Result<std::span<const Multiplier>> LayerMultiplier(
      const Tensor& input, const Tensor& filter, const Tensor& output,
      std::int32_t channels) const;

  // A field of the options table; the schema's default if absent.
  template <typename T>
  Result<T> Option(int id, T absent) const {
    if (!op_.options) return absent;
    return op_.options->Scalar<T>(id, absent);
  }

  // Puts `layer` into the arena.
  template <typename T>
  Result<const Layer*> Keep(const T& layer) const {
    CAI_TRY_ASSIGN(const std::span<T> made, arena_.Make<T>(1));
    made[0] = layer;
    return static_cast<const Layer*>(&made[0]);
  }

 private:
  const Model& model_;
  const Operator& op_;
  Arena& arena_;
  std::span<const Placement> placements_;
  std::byte* planned_;
};

// Finds the operator's Run() by its type: inside of a Layer the member hides
// it.
template <typename Op>
void RunOn(const Op& op, std::span<const std::int8_t> input,
           std::span<std::int8_t> output) {
  Run(op, input, output);
}

// An operator with one input.
template <typename Op>
class UnaryLayer final : public Layer {
 public:
  UnaryLayer() = default;
  UnaryLayer(const Op& op, std::span<const std::int8_t> input,
             std::span<std::int8_t> output)
      : op_(op), input_(input), output_(output) {}
  void Run() const override { RunOn(op_, input_, output_); }

 private:
  Op op_;
  std::span<const std::int8_t> input_;
  std::span<std::int8_t> output_;
};

// Checks an operator against its data (input 0) and puts it into the arena:
// how every prepare function of one input ends. Check() is the operator's own.
template <typename Op>
Result<const Layer*> KeepUnary(const LayerContext& context, const Op& op) {
  CAI_TRY_ASSIGN(const auto from, context.InputData(0));
  CAI_TRY_ASSIGN(const auto to, context.OutputData());
  CAI_TRY(Check(op, from.size(), to.size()));
  return context.Keep(UnaryLayer(op, from, to));
}

// Zero points and clamp of an operator that requantises sums of products;
// `activation_field` is where its options name the fused activation.
template <typename Op>
Status ReadOffsets(const LayerContext& context, int activation_field,
                   const Tensor& input, const Tensor& output, Op& op) {
  CAI_TRY_ASSIGN(const auto input_zero, input.ZeroPoint());
  op.input_offset = -input_zero;
  CAI_TRY_ASSIGN(op.output_offset, output.ZeroPoint());
  CAI_TRY_ASSIGN(const auto activation,
                 context.Option<std::int8_t>(activation_field, 0));
  CAI_TRY_ASSIGN(const float scale, output.Scale());
  CAI_TRY_ASSIGN(op.range,
                 ActivationRange(activation, scale, op.output_offset));
  return kDone;
}

// One operator of a build. Only what a table names is linked.
struct Kernel {
  OperatorCode code;
  Result<const Layer*> (*prepare)(const LayerContext&);
};

Result<const Layer*> PrepareAdd(const LayerContext&);
Result<const Layer*> PrepareAveragePool2d(const LayerContext&);
Result<const Layer*> PrepareConv2d(const LayerContext&);
Result<const Layer*> PrepareDepthwiseConv2d(const LayerContext&);
Result<const Layer*> PrepareFullyConnected(const LayerContext&);
Result<const Layer*> PrepareReshape(const LayerContext&);
Result<const Layer*> PrepareSoftmax(const LayerContext&);

}  // namespace cai::nn
