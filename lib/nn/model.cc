#include "lib/nn/model.h"

#include "lib/nn/quantize.h"

namespace cai::nn {
namespace {

constexpr std::string_view kIdentifier = "TFL3";
constexpr std::uint32_t kSchemaVersion = 3;
constexpr std::size_t kOffset = sizeof(std::uint32_t);

Result<Shape> ReadShape(const FlatVector& dims) {
  if (dims.size() > kMaxRank) return Error::kNnUnsupported;
  Shape shape;
  shape.rank = static_cast<int>(dims.size());
  std::int64_t elements = 1;
  for (std::uint32_t i = 0; i < dims.size(); ++i) {
    shape.dims[i] = dims.Get<std::int32_t>(i);
    if (shape.dims[i] < 1 || shape.dims[i] > kMaxElements)
      return Error::kNnBadShape;
    elements *= shape.dims[i];  // below 2^48: checked after each factor
    if (elements > kMaxElements) return Error::kNnTooLarge;
  }
  return shape;
}

}  // namespace

std::int32_t Shape::elements() const {
  std::int32_t product = 1;
  for (int i = 0; i < rank; ++i) product *= dims[i];
  return product;
}

Result<float> Tensor::Scale() const {
  if (scale_count() != 1 || !ValidScale(scale(0))) return Error::kNnBadScale;
  return scale(0);
}

Result<std::int32_t> Tensor::ZeroPoint() const {
  if (zero_points.size() == 0) return 0;
  const auto value = zero_points.Get<std::int64_t>(0);
  if (zero_points.size() != 1 || value < -128 || value > 127)
    return Error::kNnBadScale;
  return static_cast<std::int32_t>(value);
}

Result<Model> Model::Parse(Bytes file) {
  if (file.size() < 8 || AsText(file.subspan(4, 4)) != kIdentifier)
    return Error::kNnMalformed;
  CAI_TRY_ASSIGN(const FlatTable root, FlatTable::Root(file));
  CAI_TRY_ASSIGN(const auto version, root.Scalar<std::uint32_t>(0, 0));
  if (version != kSchemaVersion) return Error::kNnUnsupported;

  Model model;
  CAI_TRY_ASSIGN(model.codes_, root.Vector(1, kOffset));
  CAI_TRY_ASSIGN(const FlatVector graphs, root.Vector(2, kOffset));
  CAI_TRY_ASSIGN(model.buffers_, root.Vector(4, kOffset));
  if (graphs.size() != 1) return Error::kNnUnsupported;
  CAI_TRY_ASSIGN(const FlatTable graph, graphs.Table(0));
  CAI_TRY_ASSIGN(model.tensors_, graph.Vector(0, kOffset));
  CAI_TRY_ASSIGN(model.inputs_, graph.Vector(1, sizeof(std::int32_t)));
  CAI_TRY_ASSIGN(model.outputs_, graph.Vector(2, sizeof(std::int32_t)));
  CAI_TRY_ASSIGN(model.operators_, graph.Vector(3, kOffset));
  if (model.tensor_count() > kMaxTensors ||
      model.operator_count() > kMaxOperators)
    return Error::kNnTooLarge;
  if (model.inputs_.size() == 0 || model.outputs_.size() == 0)
    return Error::kNnMalformed;
  CAI_TRY(model.CheckIndices(model.inputs_, 0));
  CAI_TRY(model.CheckIndices(model.outputs_, 0));
  return model;
}

std::uint32_t Model::input(std::uint32_t i) const {
  return inputs_.Get<std::uint32_t>(i);
}

std::uint32_t Model::output(std::uint32_t i) const {
  return outputs_.Get<std::uint32_t>(i);
}

Status Model::CheckIndices(const FlatVector& indices,
                           std::int32_t least) const {
  for (std::uint32_t i = 0; i < indices.size(); ++i) {
    const auto index = indices.Get<std::int32_t>(i);
    if (index < least || index >= static_cast<std::int32_t>(tensor_count()))
      return Error::kNnMalformed;
  }
  return kDone;
}

Result<Bytes> Model::BufferOf(const FlatTable& tensor) const {
  CAI_TRY_ASSIGN(const auto index, tensor.Scalar<std::uint32_t>(2, 0));
  if (index >= buffers_.size()) return Error::kNnMalformed;
  CAI_TRY_ASSIGN(const FlatTable buffer, buffers_.Table(index));
  // Data outside of the FlatBuffer (files above 2 GB) is not for us.
  CAI_TRY_ASSIGN(const auto outside, buffer.Scalar<std::uint64_t>(1, 0));
  if (outside > 1) return Error::kNnUnsupported;
  CAI_TRY_ASSIGN(const FlatVector data, buffer.Vector(0, 1));
  return data.bytes();
}

Result<Tensor> Model::ReadTensor(std::uint32_t index) const {
  if (index >= tensor_count()) return Error::kNnMalformed;
  CAI_TRY_ASSIGN(const FlatTable table, tensors_.Table(index));
  CAI_TRY_ASSIGN(const auto type, table.Scalar<std::int8_t>(1, 0));
  CAI_TRY_ASSIGN(const FlatVector dims, table.Vector(0, sizeof(std::int32_t)));
  Tensor tensor;
  tensor.type = static_cast<TensorType>(type);
  if (tensor.type != TensorType::kInt8 && tensor.type != TensorType::kInt32)
    return Error::kNnUnsupported;
  CAI_TRY_ASSIGN(tensor.shape, ReadShape(dims));
  CAI_TRY_ASSIGN(tensor.data, BufferOf(table));
  const std::size_t element = tensor.type == TensorType::kInt8 ? 1 : 4;
  if (!tensor.data.empty() &&
      tensor.data.size() !=
          element * static_cast<std::size_t>(tensor.shape.elements()))
    return Error::kNnBadShape;

  CAI_TRY_ASSIGN(const auto quantization, table.Table(4));
  if (!quantization) return tensor;
  CAI_TRY_ASSIGN(tensor.scales, quantization->Vector(2, sizeof(float)));
  CAI_TRY_ASSIGN(tensor.zero_points,
                 quantization->Vector(3, sizeof(std::int64_t)));
  CAI_TRY_ASSIGN(tensor.axis, quantization->Scalar<std::int32_t>(6, 0));
  return tensor;
}

Result<Operator> Model::ReadOperator(std::uint32_t index) const {
  if (index >= operator_count()) return Error::kNnMalformed;
  CAI_TRY_ASSIGN(const FlatTable table, operators_.Table(index));
  CAI_TRY_ASSIGN(const auto code_index, table.Scalar<std::uint32_t>(0, 0));
  if (code_index >= codes_.size()) return Error::kNnMalformed;
  CAI_TRY_ASSIGN(const FlatTable code, codes_.Table(code_index));
  // Codes below 127 are in the older, one-byte field; later writers fill both.
  CAI_TRY_ASSIGN(const auto old_code, code.Scalar<std::int8_t>(0, 0));
  CAI_TRY_ASSIGN(const auto new_code, code.Scalar<std::int32_t>(3, 0));

  Operator op;
  op.code =
      static_cast<OperatorCode>(std::max<std::int32_t>(old_code, new_code));
  CAI_TRY_ASSIGN(op.inputs, table.Vector(1, sizeof(std::int32_t)));
  CAI_TRY_ASSIGN(op.outputs, table.Vector(2, sizeof(std::int32_t)));
  CAI_TRY_ASSIGN(op.options, table.Table(4));
  if (op.outputs.size() == 0) return Error::kNnMalformed;
  CAI_TRY(CheckIndices(op.inputs, -1));
  CAI_TRY(CheckIndices(op.outputs, 0));
  return op;
}

}  // namespace cai::nn
