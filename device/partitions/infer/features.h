// From sensor samples and uptime to a model's int8 inputs. models/train.py has
// the same definitions (class Feature); docs/guide/models.md explains them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "device/partitions/sensor/api.h"

namespace cai::infer {

// q = clamp(round((value - centre) * numerator / denominator) + offset), half
// away from zero.
struct Scaling {
  std::int32_t centre;
  std::int32_t numerator;
  std::int32_t denominator;
  std::int32_t offset = 0;
};
std::int8_t Quantise(std::int32_t value, const Scaling& scaling);

// The machine classifier's inputs, in this order.
struct MachineInputs {
  std::int32_t temperature_milli_c;  // the newest sample
  std::int32_t warming_milli_c;      // newest minus the window's mean
  std::int32_t field_nt;             // magnitude of the newest sample
  std::int32_t field_change_nt;      // newest minus the window's mean
};
inline constexpr Scaling kMachineScaling[] = {
    {42500, 128, 85000},
    {0, 128, 64000},
    {100000, 128, 100000},
    {0, 128, 128000},
};

// The sine's input: a phase in thousandths of a radian that goes once round in
// a minute of uptime.
constexpr std::uint32_t kTurnMs = 60000;
constexpr std::int32_t kTurnMilliradian = 6283;
inline constexpr Scaling kPhaseScaling{0, 255, kTurnMilliradian, -128};
std::int32_t Phase(std::uint64_t uptime_ms);

// The last samples; what is missing at the start is not made up, the means are
// over what there is.
class Window {
 public:
  static constexpr std::size_t kSize = 8;

  // Requires both readings in `sample`.
  void Add(const sensor::SensorSample& sample);
  // Forgets all: after a gap the mean would say nothing about a trend.
  void Clear() { count_ = 0; }
  // Requires an Add() since the start or the last Clear().
  MachineInputs Inputs() const;

 private:
  std::array<std::int32_t, kSize> temperature_{};
  std::array<std::int32_t, kSize> field_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

// The length of a vector, rounded down.
std::int32_t Magnitude(const std::int32_t (&vector)[3]);

}  // namespace cai::infer
