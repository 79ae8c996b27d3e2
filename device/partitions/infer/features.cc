#include "device/partitions/infer/features.h"

#include <algorithm>

namespace cai::infer {
namespace {

std::int32_t Mean(std::span<const std::int32_t> values) {
  std::int64_t sum = 0;
  for (const std::int32_t value : values) sum += value;
  return static_cast<std::int32_t>(sum /
                                   static_cast<std::int64_t>(values.size()));
}

}  // namespace

std::int8_t Quantise(std::int32_t value, const Scaling& scaling) {
  const std::int64_t scaled =
      (static_cast<std::int64_t>(value) - scaling.centre) * scaling.numerator;
  const std::int64_t half = scaling.denominator / 2;
  const std::int64_t rounded =
      (scaled < 0 ? scaled - half : scaled + half) / scaling.denominator;
  return static_cast<std::int8_t>(
      std::clamp<std::int64_t>(rounded + scaling.offset, -128, 127));
}

std::int32_t Phase(std::uint64_t uptime_ms) {
  // Below 60000 * 6283 < 2^31.
  const auto in_turn = static_cast<std::int32_t>(uptime_ms % kTurnMs);
  return in_turn * kTurnMilliradian / static_cast<std::int32_t>(kTurnMs);
}

void Window::Add(const sensor::SensorSample& sample) {
  if (count_ == 0) next_ = 0;
  temperature_[next_] = sample.temperature_milli_c;
  field_[next_] = Magnitude(sample.magnetic_nt);
  next_ = (next_ + 1) % kSize;
  count_ = std::min(count_ + 1, kSize);
}

MachineInputs Window::Inputs() const {
  const std::size_t newest = (next_ + kSize - 1) % kSize;
  const auto temperature = std::span(temperature_).first(count_);
  const auto field = std::span(field_).first(count_);
  return {temperature_[newest], temperature_[newest] - Mean(temperature),
          field_[newest], field_[newest] - Mean(field)};
}

std::int32_t Magnitude(const std::int32_t (&vector)[3]) {
  std::uint64_t square = 0;
  for (const std::int64_t part : vector)
    square += static_cast<std::uint64_t>(part * part);  // 3 * 2^62 < 2^64
  // The root bit by bit; it is below 2^32, and what a sensor can say far below.
  std::uint64_t root = 0;
  for (int bit = 31; bit >= 0; --bit) {
    const std::uint64_t larger = root | 1ull << bit;
    if (larger * larger <= square) root = larger;
  }
  return static_cast<std::int32_t>(std::min<std::uint64_t>(root, 0x7fffffff));
}

}  // namespace cai::infer
