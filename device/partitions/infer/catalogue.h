// The models that are built into this partition, and the operators they need.
#pragma once

#include <string_view>

#include "lib/base/bytes.h"

namespace cai::infer {

struct BuiltIn {
  std::string_view name;
  std::string_view version;
  Bytes file;  // .tflite, at a multiple of 16
};

// Component i + 1 of the measurements is built-in i. The names and versions
// are those of models/manifest.json (a test compares).
enum ModelIndex : std::uint16_t { kEngine = 0, kMachine = 1, kSine = 2 };
constexpr std::size_t kModelCount = 2;
BuiltIn Model(ModelIndex index);  // kMachine or kSine

constexpr std::string_view kEngineName = "cai-nn-reference";
constexpr std::string_view kEngineVersion = "1.0.0";

// The partition's code and constants as they lie in memory.
Bytes EngineCode();

}  // namespace cai::infer
