#include "lib/nn/layer.h"

namespace cai::nn {
namespace {

// Safety: int8_t may view bytes.
std::span<const std::int8_t> AsInt8(Bytes bytes) {
  return {reinterpret_cast<const std::int8_t*>(bytes.data()), bytes.size()};
}

}  // namespace

Status LayerContext::CheckArity(std::uint32_t least, std::uint32_t most) const {
  if (op_.inputs.size() < least || op_.inputs.size() > most ||
      op_.outputs.size() != 1)
    return Error::kNnMalformed;
  return kDone;
}

bool LayerContext::HasInput(std::uint32_t i) const {
  return i < op_.inputs.size() && op_.inputs.Get<std::int32_t>(i) >= 0;
}

Result<Tensor> LayerContext::Input(std::uint32_t i) const {
  if (!HasInput(i)) return Error::kNnMalformed;
  return model_.ReadTensor(op_.inputs.Get<std::uint32_t>(i));
}

Result<Tensor> LayerContext::Output() const {
  return model_.ReadTensor(op_.outputs.Get<std::uint32_t>(0));
}

Result<std::span<const std::int8_t>> LayerContext::InputData(
    std::uint32_t i) const {
  CAI_TRY_ASSIGN(const Tensor tensor, Input(i));
  if (tensor.type != TensorType::kInt8) return Error::kNnUnsupported;
  if (!tensor.data.empty()) return AsInt8(tensor.data);
  const Placement& at = placements_[op_.inputs.Get<std::uint32_t>(i)];
  return AsInt8({planned_ + at.offset, at.size});
}

Result<std::span<std::int8_t>> LayerContext::OutputData() const {
  CAI_TRY_ASSIGN(const Tensor tensor, Output());
  if (tensor.type != TensorType::kInt8) return Error::kNnUnsupported;
  const Placement& at = placements_[op_.outputs.Get<std::uint32_t>(0)];
  // Safety: int8_t may view bytes.
  return std::span(reinterpret_cast<std::int8_t*>(planned_ + at.offset),
                   at.size);
}

Result<std::span<const std::int8_t>> LayerContext::Weights(
    std::uint32_t i) const {
  CAI_TRY_ASSIGN(const Tensor tensor, Input(i));
  if (tensor.type != TensorType::kInt8 || tensor.data.empty())
    return Error::kNnUnsupported;
  for (std::uint32_t k = 0; k < tensor.zero_points.size(); ++k)
    if (tensor.zero_points.Get<std::int64_t>(k) != 0)
      return Error::kNnUnsupported;
  return AsInt8(tensor.data);
}

Result<std::span<const std::int32_t>> LayerContext::Bias(
    std::uint32_t i, std::int32_t count) const {
  const auto size = static_cast<std::size_t>(count);
  if (!HasInput(i)) {
    CAI_TRY_ASSIGN(const auto zeros, arena_.Make<std::int32_t>(size));
    return std::span<const std::int32_t>(zeros);
  }
  CAI_TRY_ASSIGN(const Tensor tensor, Input(i));
  if (tensor.type != TensorType::kInt32 || tensor.data.empty())
    return Error::kNnUnsupported;
  if (tensor.shape.elements() != count) return Error::kNnBadShape;
  // Safety: the alignment is checked on the line before the cast is used;
  // FlatBuffers aligns buffers, a hostile file need not.
  if (reinterpret_cast<std::uintptr_t>(tensor.data.data()) % 4 != 0)
    return Error::kNnMalformed;
  const std::span<const std::int32_t> bias(
      reinterpret_cast<const std::int32_t*>(tensor.data.data()), size);
  return bias;
}

Result<std::span<const Multiplier>> LayerContext::ChannelMultipliers(
    const Tensor& input, const Tensor& filter, const Tensor& output,
    std::int32_t channels) const {
  const auto count = static_cast<std::uint32_t>(channels);
  CAI_TRY_ASSIGN(const float from, input.Scale());
  CAI_TRY_ASSIGN(const float to, output.Scale());
  if (filter.scale_count() != 1 && filter.scale_count() != count)
    return Error::kNnBadScale;
  CAI_TRY_ASSIGN(const auto made, arena_.Make<Multiplier>(count));
  for (std::uint32_t c = 0; c < count; ++c) {
    const float scale = filter.scale(filter.scale_count() == 1 ? 0 : c);
    if (!ValidScale(scale)) return Error::kNnBadScale;
    CAI_TRY_ASSIGN(made[c], ToMultiplier(static_cast<double>(from) *
                                         static_cast<double>(scale) /
                                         static_cast<double>(to)));
  }
  return std::span<const Multiplier>(made);
}

Result<std::span<const Multiplier>> LayerContext::LayerMultiplier(
    const Tensor& input, const Tensor& filter, const Tensor& output,
    std::int32_t channels) const {
  CAI_TRY_ASSIGN(const float from, input.Scale());
  CAI_TRY_ASSIGN(const float scale, filter.Scale());
  CAI_TRY_ASSIGN(const float to, output.Scale());
  const float product = from * scale;
  CAI_TRY_ASSIGN(
      const Multiplier one,
      ToMultiplier(static_cast<double>(product) / static_cast<double>(to)));
  CAI_TRY_ASSIGN(const auto made,
                 arena_.Make<Multiplier>(static_cast<std::size_t>(channels)));
  std::ranges::fill(made, one);
  return std::span<const Multiplier>(made);
}

}  // namespace cai::nn
