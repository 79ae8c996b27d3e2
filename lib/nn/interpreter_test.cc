#include "lib/nn/interpreter.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "lib/nn/all_kernels.h"

namespace cai::nn {
namespace {

std::vector<std::byte> MachineModel() {
  std::ifstream file("models/machine.tflite", std::ios::binary);
  const std::vector<char> chars(std::istreambuf_iterator<char>(file), {});
  std::vector<std::byte> bytes(chars.size());
  std::memcpy(bytes.data(), chars.data(), chars.size());
  return bytes;
}

Result<Interpreter> Prepare(Bytes model, MutableBytes arena) {
  return Interpreter::Prepare(model, kAllKernels, arena);
}

TEST(Interpreter, Prepare_RefusesEveryTruncation) {
  const auto model = MachineModel();
  std::vector<std::byte> arena(8192);
  // The file's root lies behind its buffers, so that less always misses some.
  for (std::size_t size = 0; size + 64 < model.size(); ++size) {
    const std::vector<std::byte> part(model.begin(),
                                      model.begin() + static_cast<long>(size));
    EXPECT_FALSE(Prepare(part, arena).ok()) << size;
  }
}

// What a changed byte makes of a model may run or not; it must not read or
// write outside (the sanitizers see to that).
TEST(Interpreter, Prepare_SurvivesEveryChangedByte) {
  const auto model = MachineModel();
  std::vector<std::byte> arena(8192);
  int refused = 0;
  for (std::size_t at = 0; at < model.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      auto changed = model;
      changed[at] ^= std::byte(flip);
      auto engine = Prepare(changed, arena);
      if (engine.ok())
        engine->Run();
      else
        ++refused;
    }
  }
  EXPECT_GT(refused, 500);
}

TEST(Interpreter, Prepare_RefusesEveryArenaTooSmall) {
  const auto model = MachineModel();
  alignas(16) std::byte memory[8192];
  auto engine = Prepare(model, memory);
  ASSERT_TRUE(engine.ok());
  const std::size_t needed = engine->arena_used();
  for (std::size_t size = 0; size < needed; ++size) {
    const auto starved = Prepare(model, MutableBytes(memory).first(size));
    ASSERT_FALSE(starved.ok()) << size;
    EXPECT_EQ(starved.error(), Error::kNnNoRoom) << size;
  }
}

TEST(Interpreter, Prepare_RefusesAnOperatorThatIsNotInTheTable) {
  const auto model = MachineModel();
  std::vector<std::byte> arena(8192);
  const auto engine = Interpreter::Prepare(
      model, std::span(kAllKernels).first(2), arena);  // add, average pool
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error(), Error::kNnUnsupported);
}

TEST(Interpreter, Prepare_RefusesAnotherIdentifierAndVersion) {
  std::vector<std::byte> arena(8192);
  auto model = MachineModel();
  model[4] = std::byte('X');
  EXPECT_EQ(Prepare(model, arena).error(), Error::kNnMalformed);
}

TEST(Interpreter, Run_TellsTheSameTwice) {
  const auto model = MachineModel();
  std::vector<std::byte> arena(8192);
  auto engine = Prepare(model, arena);
  ASSERT_TRUE(engine.ok());
  std::vector<std::int8_t> first;
  for (int round = 0; round < 2; ++round) {
    std::ranges::fill(engine->input(0), std::int8_t{17});
    engine->Run();
    const auto output = engine->output(0);
    if (round == 0) first.assign(output.begin(), output.end());
    EXPECT_TRUE(std::ranges::equal(first, output));
  }
}

TEST(Interpreter, Place_NeverOverlapsTensorsThatLiveTogether) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Placement> all(random() % 40 + 1);
    for (Placement& one : all) {
      one.used = random() % 4 != 0;
      one.size = random() % 300 + 1;
      one.first = static_cast<std::uint16_t>(random() % 30);
      one.last = static_cast<std::uint16_t>(one.first + random() % 6);
    }
    const std::uint32_t needed = Place(all);
    for (const Placement& a : all) {
      if (!a.used) continue;
      EXPECT_LE(a.offset + a.size, needed);
      for (const Placement& b : all) {
        if (&a == &b || !b.used || a.first > b.last || b.first > a.last)
          continue;
        EXPECT_TRUE(a.offset + a.size <= b.offset ||
                    b.offset + b.size <= a.offset);
      }
    }
  }
}

TEST(Interpreter, Place_ReusesMemoryOfTheDead) {
  Placement all[3];
  for (int i = 0; i < 3; ++i) {
    all[i].used = true;
    all[i].size = 64;
    all[i].first = static_cast<std::uint16_t>(i);
    all[i].last = static_cast<std::uint16_t>(i + 1);
  }
  EXPECT_EQ(Place(all), 128u);
}

}  // namespace
}  // namespace cai::nn
