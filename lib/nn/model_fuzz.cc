// Any bytes as a model: refused, or run within the arena.
#include <cstdint>
#include <cstring>
#include <vector>

#include "lib/nn/all_kernels.h"
#include "lib/nn/interpreter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai::nn;
  // Exactly as long as the input, and aligned as the device has it.
  std::vector<std::byte> model(size);
  if (size != 0) std::memcpy(model.data(), data, size);
  alignas(16) static std::byte arena[1 << 16];
  auto engine = Interpreter::Prepare(model, kAllKernels, arena);
  if (!engine.ok()) return 0;
  // Work is bounded by arena times file; small files keep a run short.
  if (size > 8192) return 0;
  for (std::uint32_t i = 0; i < engine->input_count(); ++i)
    std::ranges::fill(engine->input(i), std::int8_t{-77});
  engine->Run();
  return 0;
}
