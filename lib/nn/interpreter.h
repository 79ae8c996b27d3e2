// Runs an int8 .tflite model. All that can be wrong with a model is found in
// Prepare(); after that Run() cannot fail and does not branch on the model.
//
//   alignas(16) std::byte arena[4096];
//   CAI_TRY_ASSIGN(Interpreter engine,
//                  Interpreter::Prepare(file, kernels, arena));
//   std::ranges::copy(quantised, engine.input(0).begin());
//   engine.Run();
//   use(engine.output(0));
//
// Memory has three names: the model (read in place, never written), the front
// of the arena (planned activations, which share memory when their lifetimes
// do not overlap), the back of the arena (layers, multipliers). No heap.
#pragma once

#include <cstdint>
#include <span>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/nn/layer.h"
#include "lib/nn/model.h"

namespace cai::nn {

class Interpreter {
 public:
  // `model` and `arena` must outlive the interpreter; `kernels` only this
  // call. The model's int32 constants must be aligned to 4 bytes in memory: a
  // file put at a multiple of 16 is.
  static Result<Interpreter> Prepare(Bytes model,
                                     std::span<const Kernel> kernels,
                                     MutableBytes arena);

  std::uint32_t input_count() const { return model_.input_count(); }
  std::uint32_t output_count() const { return model_.output_count(); }

  // Filled by the caller before each Run(), which may overwrite it.
  std::span<std::int8_t> input(std::uint32_t i);
  // Valid after Run() until the next, or until an input is written.
  std::span<const std::int8_t> output(std::uint32_t i) const;

  Result<Tensor> input_tensor(std::uint32_t i) const {
    return model_.ReadTensor(model_.input(i));
  }
  Result<Tensor> output_tensor(std::uint32_t i) const {
    return model_.ReadTensor(model_.output(i));
  }

  void Run() const;

  // One layer at a time, for tests that compare operator by operator: run in
  // order, and look at its output before the next.
  std::size_t layer_count() const { return layers_.size(); }
  void RunLayer(std::size_t i) const { layers_[i]->Run(); }
  std::span<const std::int8_t> LayerOutput(std::size_t i) const;

  // Arena bytes that were needed: activations and all.
  std::size_t arena_used() const { return arena_used_; }
  std::size_t planned_size() const { return planned_size_; }

 private:
  explicit Interpreter(const Model& model) : model_(model) {}
  Status Build(std::span<const Kernel> kernels, Arena& arena);
  std::span<std::int8_t> Activation(std::uint32_t tensor) const;

  Model model_;
  std::span<const Placement> placements_;
  std::span<const Layer*> layers_;
  std::byte* planned_ = nullptr;
  std::size_t planned_size_ = 0;
  std::size_t arena_used_ = 0;
};

// Exposed for its test: gives every used placement an offset so that no two
// with overlapping lifetimes overlap in memory; returns the bytes needed.
// Largest first, each at the lowest offset that is free for its lifetime.
std::uint32_t Place(std::span<Placement> placements);

}  // namespace cai::nn
