// The boot loader, but for its first and last instructions: chooses, loads and
// verifies the two images, derives the root of all keys, and says it all to the
// SPE in the hand-off block. README.md has the order and the reasons.
#pragma once

#include "device/boot/handoff.h"
#include "device/nv/layout.h"
#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/image/image.h"

namespace cai::boot {

constexpr char kBootVersion[] = "0.1.0+0";

// Where one image runs. `memory` is how boot writes it; a NS image is written
// through the secure alias and linked for the other.
struct ImagePlace {
  MutableBytes memory;
  std::uint32_t link_address;
};

struct Board {
  std::span<std::byte, otp::kPageSize> otp_page;  // wiped
  std::span<std::byte, otp::kSeedSize> seed;      // raw; wiped
  ImagePlace secure;
  ImagePlace nonsecure;
  Bytes boot_code;  // measured as component "BL"
  Handoff* handoff;
};

enum class Step : std::uint32_t {
  kStart = 0,
  kCandidate = 1,  // an image is tried: detail = image << 8 | slot
  kRefused = 2,    // ... or refused, maybe untried: error
  kAccepted = 3,   // ... and taken
  kCounter = 4,    // boot counter: detail = b, or error
  kIdentity = 5,   // the device's keys are derived: detail = key generation
  kLaunch = 6,     // detail = security counter of the S image
  kHalted = 7,     // error
};

// The two images and their slots, as events name them.
constexpr std::uint32_t kSecure = image::kSecureImage;
constexpr std::uint32_t kNonSecure = image::kNonSecureImage;

// Told about each step; Error{} if there is none. Defined by the application:
// UART1 on a board, a list in tests.
void Note(Step step, std::uint32_t detail, Error error);

// Address of the secure image's vector table (its initial stack pointer, then
// its reset handler). Whether it succeeds or not, the HUK, the OTP page and the
// seed are gone from memory afterwards; if it fails, so is the hand-off.
Result<std::uint32_t> Boot(const Board& board);

}  // namespace cai::boot
