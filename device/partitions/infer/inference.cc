#include "device/partitions/infer/inference.h"

#include <algorithm>

#include "lib/cbor/writer.h"

namespace cai::infer {
namespace {

constexpr ModelIndex kModels[kModelCount] = {kMachine, kSine};
static_assert(kModelCount <= kMaxModels);

// What the built-in models need, and nothing else is linked.
constexpr nn::Kernel kKernels[] = {
    {nn::OperatorCode::kFullyConnected, nn::PrepareFullyConnected},
    {nn::OperatorCode::kSoftmax, nn::PrepareSoftmax},
};

void PutComponent(cbor::Writer& writer, std::string_view name,
                  std::string_view version, const crypto::Digest& digest) {
  writer.Array(3);
  writer.Text(name);
  writer.Text(version);
  writer.Bstr(digest);
}

void PutModels(cbor::Writer& writer, const crypto::Digest* digests) {
  for (const ModelIndex index : kModels)
    PutComponent(writer, Model(index).name, Model(index).version,
                 digests[index]);
}

}  // namespace

Status Inference::Start() {
  measure_gen_ = 0;
  // Measured before anything is parsed: the hash is of what will run, since
  // these bytes are read-only to this partition.
  digests_[kEngine] = crypto::Sha256::Of(EngineCode());
  for (const ModelIndex index : kModels)
    digests_[index] = crypto::Sha256::Of(Model(index).file);
  CAI_TRY(Prepare(kMachine, std::size(kMachineScaling), 3));
  CAI_TRY(Prepare(kSine, 1, 1));
  measure_gen_ = 1;
  return kDone;
}

Status Inference::Prepare(ModelIndex index, std::size_t inputs,
                          std::size_t outputs) {
  static_assert(std::size(kMachineScaling) <= kMaxInputs);
  Slot& slot = SlotOf(index);
  CAI_TRY_ASSIGN(auto engine, nn::Interpreter::Prepare(Model(index).file,
                                                       kKernels, slot.arena));
  if (engine.input_count() != 1 || engine.output_count() != 1 ||
      engine.input(0).size() != inputs || engine.output(0).size() != outputs)
    return Error::kInferBadModel;
  slot.engine = engine;
  return kDone;
}

InferenceResult Inference::Run(ModelIndex index, std::uint64_t t_ms,
                               std::span<const std::int32_t> inputs,
                               std::span<const Scaling> scalings) {
  nn::Interpreter& engine = *SlotOf(index).engine;
  InferenceResult result{};
  result.t_ms = t_ms;
  result.measure_gen = measure_gen_;
  result.model_index = index;
  result.input_count = static_cast<std::uint8_t>(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    result.inputs[i] = inputs[i];
    engine.input(0)[i] = Quantise(inputs[i], scalings[i]);
  }
  engine.Run();
  const auto output = engine.output(0);
  result.output_size = static_cast<std::uint8_t>(output.size());
  std::ranges::copy(output, result.output);
  return result;
}

InferenceResult Inference::RunMachine(const MachineInputs& inputs,
                                      std::uint64_t t_ms) {
  const std::int32_t values[] = {inputs.temperature_milli_c,
                                 inputs.warming_milli_c, inputs.field_nt,
                                 inputs.field_change_nt};
  static_assert(std::size(values) == std::size(kMachineScaling));
  return Run(kMachine, t_ms, values, kMachineScaling);
}

InferenceResult Inference::RunSine(std::uint64_t t_ms) {
  const std::int32_t phase = Phase(t_ms);
  return Run(kSine, t_ms, {&phase, 1}, {&kPhaseScaling, 1});
}

InferenceSizes Inference::Largest() {
  InferenceSizes largest{};
  for (Slot& slot : slots_) {
    const auto inputs =
        static_cast<std::uint32_t>(slot.engine->input(0).size());
    const auto output =
        static_cast<std::uint32_t>(slot.engine->output(0).size());
    largest = {std::max(largest.inputs, inputs),
               std::max(largest.output, output)};
  }
  return largest;
}

Result<Bytes> Inference::Measurements(MutableBytes out) const {
  cbor::Writer writer(out);
  writer.Array(2);
  writer.Uint(measure_gen_);
  writer.Array(1 + kModelCount);
  PutComponent(writer, kEngineName, kEngineVersion, digests_[kEngine]);
  PutModels(writer, digests_);
  return writer.Finish();
}

Result<Bytes> Inference::Models(MutableBytes out) const {
  cbor::Writer writer(out);
  writer.Array(kModelCount);
  PutModels(writer, digests_);
  return writer.Finish();
}

}  // namespace cai::infer
