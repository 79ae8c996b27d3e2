// What a sealed message says once it is open: `padded-plain` in sealed.cddl.
#pragma once

#include <variant>

#include "lib/wire/types.h"

namespace cai::wire {

// One inference. `inputs` is what the model saw, in the sensor's units times
// 1000; `output` points into the decoded bytes.
struct Reading {
  static constexpr std::size_t kMaxInputs = 16;
  static constexpr std::size_t kMaxOutput = 64;
  static constexpr std::size_t kMaxEncoded =
      1 + 1 + 3 + 9 + (1 + 5 * kMaxInputs) + (2 + kMaxOutput);

  std::uint16_t model_index = 0;  // of claim 273: 0 is the engine
  std::uint64_t time_ms = 0;      // SPE milliseconds since boot
  std::array<std::int32_t, kMaxInputs> inputs{};
  std::size_t input_count = 0;
  Bytes output{};
};

// Something the SPE wants known: dropped results, a stopped model.
struct Event {
  static constexpr std::size_t kMaxEncoded = 1 + 1 + 9 + 3 + 5;
  // Answer to read-state; argument: results dropped in this boot.
  static constexpr std::uint16_t kState = 1;

  std::uint64_t time_ms = 0;
  std::uint16_t id = 0;
  std::uint32_t argument = 0;
};

// The session's authenticated end: `last` is the sequence number of this very
// message, nothing follows it.
struct Close {
  static constexpr std::size_t kMaxEncoded = 1 + 1 + 5 + 2;

  enum class Reason : std::uint8_t {
    kCommand = 1,
    kServiceKey = 2,
    kModels = 3,
    kExhausted = 4,
    kAge = 5,
    kChallenge = 6,
  };
  std::uint32_t last = 0;
  Reason reason = Reason::kCommand;
};

// For non-repudiation, if switched on: ES256 by cose-sign over the running
// SHA-256 of the whole sealed messages up to and with `upto`.
struct Checkpoint {
  static constexpr std::size_t kMaxEncoded = 1 + 1 + 5 + 2 + 64;

  std::uint32_t upto = 0;
  crypto::Signature signature{};
};

using Plain = std::variant<Reading, Event, Close, Checkpoint>;

// ---- Padding (docs/design/0013-padding.md) ----------------------------------

// What is sealed is as long as the longest thing that might have stood there,
// in steps of 64: a length says nothing of values, and a device that pads to
// its largest model says nothing of models either.
constexpr std::size_t kPaddingStep = 64;
constexpr std::size_t Padded(std::size_t size) {
  return (size + kPaddingStep - 1) / kPaddingStep * kPaddingStep;
}

// Holds each reading of at most so many inputs and output bytes, and events and
// ends; not checkpoints.
constexpr std::size_t PaddedReading(std::size_t inputs, std::size_t output) {
  constexpr std::size_t kFixed = 1 + 1 + 3 + 9;
  const std::size_t heads = 1 + (output < 24 ? 1 : 2);
  return Padded(kFixed + heads + 5 * inputs + output);
}
constexpr std::size_t kMaxPlain =
    PaddedReading(Reading::kMaxInputs, Reading::kMaxOutput);
static_assert(kMaxPlain == Padded(Reading::kMaxEncoded));
static_assert(Event::kMaxEncoded <= kPaddingStep &&
              Close::kMaxEncoded <= kPaddingStep &&
              Checkpoint::kMaxEncoded <= kMaxPlain);

// `plain` and zeros, up to `padded` bytes, or what its kind and its counts need
// if that is more. `padded` is a multiple of the step, at most kMaxPlain:
// kWireTooLarge.
Result<Bytes> EncodePlain(const Plain& plain, MutableBytes out,
                          std::size_t padded = kPaddingStep);
// Strict and whole; kWireMalformed for an unknown type, or for padding that is
// not zeros or shorter than EncodePlain() makes it.
Result<Plain> ParsePlain(Bytes in);

}  // namespace cai::wire
