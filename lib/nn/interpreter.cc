#include "lib/nn/interpreter.h"

namespace cai::nn {
namespace {

constexpr std::uint32_t kAlignment = 16;

constexpr std::uint32_t Aligned(std::uint32_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

bool LiveTogether(const Placement& a, const Placement& b) {
  return a.first <= b.last && b.first <= a.last;
}

// The lowest offset at which `one` collides with nothing placed so far. Every
// round moves it behind a collision, so there are at most placements.size().
std::uint32_t LowestFree(std::span<const Placement> placements,
                         const Placement& one) {
  std::uint32_t offset = 0;
  for (std::size_t i = 0; i < placements.size();) {
    const Placement& other = placements[i++];
    if (!other.placed || !LiveTogether(one, other)) continue;
    if (other.offset >= offset + one.size ||
        offset >= other.offset + other.size)
      continue;
    offset = Aligned(other.offset + other.size);
    i = 0;
  }
  return offset;
}

// Records that `tensor` comes into being at `step`: once, and not a constant.
Status Define(const Model& model, std::span<Placement> placements,
              std::uint32_t tensor, std::uint16_t step) {
  Placement& at = placements[tensor];
  CAI_TRY_ASSIGN(const Tensor read, model.ReadTensor(tensor));
  if (at.used || !read.data.empty()) return Error::kNnMalformed;
  if (read.type != TensorType::kInt8) return Error::kNnUnsupported;
  at.used = true;
  at.size = static_cast<std::uint32_t>(read.shape.elements());
  at.first = at.last = step;
  return kDone;
}

// Records that `tensor` is read at `step`: it is a constant, or defined.
Status Use(const Model& model, std::span<Placement> placements,
           std::uint32_t tensor, std::uint16_t step) {
  Placement& at = placements[tensor];
  if (!at.used) {
    CAI_TRY_ASSIGN(const Tensor read, model.ReadTensor(tensor));
    if (read.data.empty()) return Error::kNnMalformed;
  }
  at.last = step;
  return kDone;
}

Status FindLifetimes(const Model& model, std::span<Placement> placements) {
  for (std::uint32_t i = 0; i < model.input_count(); ++i)
    CAI_TRY(Define(model, placements, model.input(i), 0));
  for (std::uint32_t i = 0; i < model.operator_count(); ++i) {
    const auto step = static_cast<std::uint16_t>(i + 1);
    CAI_TRY_ASSIGN(const Operator op, model.ReadOperator(i));
    for (std::uint32_t k = 0; k < op.inputs.size(); ++k)
      if (op.inputs.Get<std::int32_t>(k) >= 0)
        CAI_TRY(Use(model, placements, op.inputs.Get<std::uint32_t>(k), step));
    for (std::uint32_t k = 0; k < op.outputs.size(); ++k)
      CAI_TRY(
          Define(model, placements, op.outputs.Get<std::uint32_t>(k), step));
  }
  const auto end = static_cast<std::uint16_t>(model.operator_count() + 1);
  for (std::uint32_t i = 0; i < model.output_count(); ++i) {
    if (!placements[model.output(i)].used) return Error::kNnMalformed;
    placements[model.output(i)].last = end;
  }
  return kDone;
}

const Kernel* Find(std::span<const Kernel> kernels, OperatorCode code) {
  for (const Kernel& kernel : kernels)
    if (kernel.code == code) return &kernel;
  return nullptr;
}

}  // namespace

std::uint32_t Place(std::span<Placement> placements) {
  std::uint32_t needed = 0;
  while (true) {
    Placement* largest = nullptr;
    for (Placement& one : placements)
      if (one.used && !one.placed && (!largest || one.size > largest->size))
        largest = &one;
    if (largest == nullptr) return needed;
    largest->offset = LowestFree(placements, *largest);
    largest->placed = true;
    needed = std::max(needed, largest->offset + Aligned(largest->size));
  }
}

Result<Interpreter> Interpreter::Prepare(Bytes file,
                                         std::span<const Kernel> kernels,
                                         MutableBytes memory) {
  CAI_TRY_ASSIGN(const Model model, Model::Parse(file));
  Interpreter made(model);
  Arena arena(memory);
  CAI_TRY_ASSIGN(const std::span<Placement> placements,
                 arena.Make<Placement>(model.tensor_count()));
  CAI_TRY(FindLifetimes(model, placements));
  made.placements_ = placements;
  made.planned_ = memory.data();
  made.planned_size_ = Place(placements);
  CAI_TRY(arena.KeepFront(made.planned_size_));
  CAI_TRY(made.Build(kernels, arena));
  made.arena_used_ = memory.size() - arena.rest().size();
  return made;
}

Status Interpreter::Build(std::span<const Kernel> kernels, Arena& arena) {
  CAI_TRY_ASSIGN(layers_, arena.Make<const Layer*>(model_.operator_count()));
  for (std::uint32_t i = 0; i < model_.operator_count(); ++i) {
    CAI_TRY_ASSIGN(const Operator op, model_.ReadOperator(i));
    const Kernel* const kernel = Find(kernels, op.code);
    if (kernel == nullptr) return Error::kNnUnsupported;
    const LayerContext context(model_, op, arena, placements_, planned_);
    CAI_TRY_ASSIGN(layers_[i], kernel->prepare(context));
  }
  return kDone;
}

std::span<std::int8_t> Interpreter::Activation(std::uint32_t tensor) const {
  const Placement& at = placements_[tensor];
  // Safety: int8_t may view bytes.
  return {reinterpret_cast<std::int8_t*>(planned_ + at.offset), at.size};
}

std::span<std::int8_t> Interpreter::input(std::uint32_t i) {
  return Activation(model_.input(i));
}

std::span<const std::int8_t> Interpreter::output(std::uint32_t i) const {
  return Activation(model_.output(i));
}

void Interpreter::Run() const {
  for (const Layer* layer : layers_) layer->Run();
}

std::span<const std::int8_t> Interpreter::LayerOutput(std::size_t i) const {
  // Prepare() has read this operator, so it reads again.
  const auto op = model_.ReadOperator(static_cast<std::uint32_t>(i));
  return Activation(op->outputs.Get<std::uint32_t>(0));
}

}  // namespace cai::nn
