// The engine of the partition: the built-in models, measured and made ready
// once, then run on quantities. It has no idea that it is in a partition.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "device/partitions/infer/api.h"
#include "device/partitions/infer/catalogue.h"
#include "device/partitions/infer/features.h"
#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/crypto/hash.h"
#include "lib/nn/interpreter.h"

namespace cai::infer {

class Inference {
 public:
  // Measures engine and models over the bytes that run, then prepares the
  // models; refuses one whose input and output are not what features.h and
  // api.h say.
  Status Start();
  bool ready() const { return measure_gen_ != 0; }

  // Require ready().
  InferenceResult RunMachine(const MachineInputs& inputs, std::uint64_t t_ms);
  InferenceResult RunSine(std::uint64_t t_ms);
  InferenceSizes Largest();

  // The CBOR of api.h, in `out`, or kCborNoRoom. Require ready().
  Result<Bytes> Measurements(MutableBytes out) const;
  Result<Bytes> Models(MutableBytes out) const;

 private:
  static constexpr std::size_t kArenaSize = 2048;

  struct Slot {
    std::optional<nn::Interpreter> engine;
    alignas(16) ByteArray<kArenaSize> arena{};
  };
  Slot& SlotOf(ModelIndex index) { return slots_[index - 1]; }
  Status Prepare(ModelIndex index, std::size_t inputs, std::size_t outputs);
  InferenceResult Run(ModelIndex index, std::uint64_t t_ms,
                      std::span<const std::int32_t> inputs,
                      std::span<const Scaling> scalings);

  std::uint32_t measure_gen_ = 0;
  crypto::Digest digests_[1 + kModelCount]{};
  Slot slots_[kModelCount];
};

}  // namespace cai::infer
