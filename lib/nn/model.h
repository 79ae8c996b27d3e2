// A .tflite model as a view: tensors and operators of its one subgraph. The
// file is hostile input; nothing here trusts a byte of it. Field numbers are
// those of TFLite's public schema (models/tflite.fbs has the part we write).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/nn/flatbuffer.h"

namespace cai::nn {

constexpr int kMaxRank = 4;
constexpr std::uint32_t kMaxTensors = 256;
constexpr std::uint32_t kMaxOperators = 256;
constexpr std::int64_t kMaxElements = 1 << 23;
// So all tensors side by side, alignment included, have 32-bit offsets.
static_assert(kMaxTensors * (kMaxElements + 16) < 1ll << 32);

enum class TensorType : std::int8_t { kInt32 = 2, kInt8 = 9 };

// BuiltinOperator of the schema; the ones this library has.
enum class OperatorCode : std::int32_t {
  kAdd = 0,
  kAveragePool2d = 1,
  kConv2d = 3,
  kDepthwiseConv2d = 4,
  kFullyConnected = 9,
  kReshape = 22,
  kSoftmax = 25,
};

struct Shape {
  int rank = 0;
  std::int32_t dims[kMaxRank] = {1, 1, 1, 1};

  // Product of all dimensions, at most kMaxElements (checked when read).
  std::int32_t elements() const;
  friend bool operator==(const Shape&, const Shape&) = default;
};

// One tensor. `data` is empty for one that is computed.
struct Tensor {
  TensorType type;
  Shape shape;
  Bytes data;

  // Number of scales: 0, 1 (per tensor) or one for each index of `axis`.
  std::uint32_t scale_count() const { return scales.size(); }
  float scale(std::uint32_t i) const { return scales.Get<float>(i); }

  // Of per-tensor quantisation: one valid scale, zero point within int8.
  Result<float> Scale() const;
  Result<std::int32_t> ZeroPoint() const;

  FlatVector scales;       // float
  FlatVector zero_points;  // int64
  std::int32_t axis = 0;
};

// One operator: indices into the tensors; -1 is an optional input left out.
struct Operator {
  OperatorCode code;
  FlatVector inputs;   // int32
  FlatVector outputs;  // int32
  std::optional<FlatTable> options;
};

class Model {
 public:
  // Checks the frame: identifier, version 3, one subgraph, the bounds above.
  // Views into `file`, which must outlive it.
  static Result<Model> Parse(Bytes file);

  std::uint32_t tensor_count() const { return tensors_.size(); }
  std::uint32_t operator_count() const { return operators_.size(); }
  std::uint32_t input_count() const { return inputs_.size(); }
  std::uint32_t output_count() const { return outputs_.size(); }

  // Tensor indices, checked to be in range. Require i below the count.
  std::uint32_t input(std::uint32_t i) const;
  std::uint32_t output(std::uint32_t i) const;

  // Read and checked at each call. A type that is neither int8 nor int32, or
  // constants that do not fill the shape, are refused.
  Result<Tensor> ReadTensor(std::uint32_t index) const;
  // Tensor indices are checked; at least one output.
  Result<Operator> ReadOperator(std::uint32_t index) const;

 private:
  Model() = default;
  Status CheckIndices(const FlatVector& indices, std::int32_t least) const;
  Result<Bytes> BufferOf(const FlatTable& tensor) const;

  FlatVector codes_, buffers_, tensors_, operators_, inputs_, outputs_;
};

}  // namespace cai::nn
