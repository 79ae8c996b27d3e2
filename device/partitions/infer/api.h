// What the infer partition tells its callers (spm::InferOp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace cai::infer {

constexpr std::size_t kMaxInputs = 16;
constexpr std::size_t kMaxOutput = 64;

// One inference (InferOp::kRun, to seal alone). No padding: the bytes are the
// value. What inputs and outputs mean, per model: docs/guide/models.md.
struct InferenceResult {
  std::uint64_t t_ms;               // SPE uptime when the inputs were taken
  std::uint32_t measure_gen;        // of the measurements it was made under
  std::uint16_t model_index;        // into the measured components: 0 is the
                                    // engine, so a result has 1 or more
  std::uint8_t input_count;         // of `inputs`
  std::uint8_t output_size;         // of `output`
  std::int32_t inputs[kMaxInputs];  // real-world, in thousandths of the unit;
                                    // zero past input_count
  std::int8_t output[kMaxOutput];   // the model's output tensor as it is; zero
                                    // past output_size
};
static_assert(sizeof(InferenceResult) == 144);
static_assert(offsetof(InferenceResult, inputs) == 16);
static_assert(std::has_unique_object_representations_v<InferenceResult>);

// InferOp::kLargest (seal): no result of any model that is installed has more
// of either. What is sealed is padded to it.
struct InferenceSizes {
  std::uint32_t inputs;
  std::uint32_t output;  // bytes
};
static_assert(sizeof(InferenceSizes) == 8);
static_assert(std::has_unique_object_representations_v<InferenceSizes>);

// InferOp::kMeasurements (attest), deterministic CBOR:
//   [measure_gen: uint, [+ [name: tstr, version: tstr, sha256: bstr .size 32]]]
// Component 0 is the engine: SHA-256 over the partition's code and constants
// as they lie in memory, from __part_infer_code_start to __part_infer_code_end
// (the models lie in that range too). Components 1.. are the models: SHA-256
// over the .tflite bytes that run. `measure_gen` is 1 after the start and grows
// by one with every load or unload.
//
// InferOp::kModels (NS, seal), deterministic CBOR, the models alone:
//   [* [name: tstr, version: tstr, sha256: bstr .size 32]]
constexpr std::size_t kMaxModels = 4;
constexpr std::size_t kMaxName = 24;  // of name and of version, UTF-8 bytes
constexpr std::size_t kMaxComponent = 1 + 2 * (2 + kMaxName) + 2 + 32;
constexpr std::size_t kMaxMeasurements =
    1 + 5 + 1 + (kMaxModels + 1) * kMaxComponent;

// How kRun fails: as SensorOp::kRead does (its status is passed on), and
//   PSA_ERROR_DOES_NOT_EXIST    a sensor that this model needs did not answer
//   PSA_ERROR_BAD_STATE         the models were refused at start
// A failed sensor never yields a result.

}  // namespace cai::infer
