// The engine against outputs that another implementation made, byte by byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "lib/nn/all_kernels.h"
#include "lib/nn/interpreter.h"

namespace cai::nn {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  const std::vector<char> chars(std::istreambuf_iterator<char>(file), {});
  std::vector<std::byte> bytes(chars.size());
  std::ranges::transform(chars, bytes.begin(),
                         [](char c) { return std::byte(c); });
  return bytes;
}

std::vector<int> Ints(std::span<const std::int8_t> values) {
  return {values.begin(), values.end()};
}

std::vector<int> Ints(const std::vector<std::byte>& bytes) {
  std::vector<int> out;
  for (const std::byte b : bytes) out.push_back(static_cast<std::int8_t>(b));
  return out;
}

void SetInput(Interpreter& engine, const std::vector<std::byte>& bytes) {
  const auto input = engine.input(0);
  ASSERT_EQ(input.size(), bytes.size());
  std::ranges::transform(bytes, input.begin(), [](std::byte b) {
    return static_cast<std::int8_t>(b);
  });
}

std::vector<fs::path> Sorted(const fs::path& folder, std::string_view prefix) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder)) return found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().starts_with(prefix))
      found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

// Every in_*.bin of `folder` gives out_*.bin, and every operator of in_00 its
// file in layers_in_00.
void CheckFolder(const fs::path& folder, const fs::path& file) {
  SCOPED_TRACE(folder);
  const auto model = ReadFile(file);
  std::vector<std::byte> arena(1 << 18);
  auto engine = Interpreter::Prepare(model, kAllKernels, arena);
  ASSERT_TRUE(engine.ok()) << ErrorName(engine.error());

  const auto inputs = Sorted(folder, "in_");
  ASSERT_FALSE(inputs.empty());
  for (const fs::path& path : inputs) {
    std::string name = path.filename();
    SetInput(*engine, ReadFile(path));
    engine->Run();
    EXPECT_EQ(Ints(engine->output(0)),
              Ints(ReadFile(folder / name.replace(0, 2, "out"))))
        << path;
  }

  const auto layers = Sorted(folder / "layers_in_00", "op_");
  if (layers.empty()) return;
  ASSERT_EQ(layers.size(), engine->layer_count());
  SetInput(*engine, ReadFile(inputs[0]));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    engine->RunLayer(i);
    ASSERT_EQ(Ints(engine->LayerOutput(i)), Ints(ReadFile(layers[i])))
        << layers[i];
  }
}

TEST(Golden, EveryProjectModel_GivesTheBytesOfTheOtherImplementation) {
  int checked = 0;
  for (const auto& entry : fs::directory_iterator("models/testdata")) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename();
    CheckFolder(entry.path(), fs::path("models") / (name + ".tflite"));
    ++checked;
  }
  EXPECT_GE(checked, 2);
}

TEST(Golden, EverySharedModel_GivesTheReferenceBytesOperatorByOperator) {
  const fs::path shared = "../shared/models";
  if (!fs::is_directory(shared))
    GTEST_SKIP() << "no ../shared/models here: only the project's own models "
                    "were checked";
  int checked = 0;
  for (const auto& entry : fs::directory_iterator(shared)) {
    if (!entry.is_directory()) continue;
    CheckFolder(entry.path(), entry.path() / "model.tflite");
    ++checked;
  }
  EXPECT_GE(checked, 5);
}

}  // namespace
}  // namespace cai::nn
