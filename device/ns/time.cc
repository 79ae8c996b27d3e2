#include "device/ns/time.h"

#include "device/ns/platform/clock.h"
#include "device/ns/spe.h"

namespace cai::ns {
namespace {

constexpr std::uint64_t kAskAgainMs = 3'600'000;
// A clock below this (2024-01-01) was never set.
constexpr std::uint64_t kEarliest = 1'704'067'200;

std::uint64_t base_s = 0, asked_ms = 0;
bool valid = false;

void Ask(std::uint64_t now_ms) {
  const auto seconds = spe::UnixSeconds();
  if (!seconds.ok()) return;  // the last answer still holds
  valid = *seconds >= kEarliest;
  base_s = *seconds;
  asked_ms = now_ms;
}

}  // namespace

std::optional<std::uint64_t> UnixTime() {
  const std::uint64_t now_ms = clock::NowMs();
  if (!valid || now_ms - asked_ms >= kAskAgainMs) Ask(now_ms);
  if (!valid) return std::nullopt;
  return base_s + (now_ms - asked_ms) / 1000;
}

}  // namespace cai::ns
