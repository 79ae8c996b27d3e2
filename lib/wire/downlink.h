// What the service tells a device on cai/<uuid>/d, and the device's hello on
// cai/<uuid>/s: downlink.cddl.
#pragma once

#include <optional>

#include "lib/crypto/hash.h"
#include "lib/wire/types.h"

namespace cai::wire {

// Unauthenticated, device -> service: "I hold no key or nonce of yours".
struct Hello {
  static constexpr std::size_t kEncoded = 1 + 1 + 9;
  Svc svc{};
};
Result<Bytes> EncodeHello(const Hello& hello, MutableBytes out);
Result<Hello> ParseHello(Bytes in);

// Unauthenticated: NS publishes its cached session message again.
struct Need {
  static constexpr std::size_t kEncoded = 3;
};
Result<Bytes> EncodeNeed(MutableBytes out);

// Unauthenticated: a nonce for a token. The service accepts only its own.
struct Challenge {
  static constexpr std::size_t kEncoded = 1 + 1 + 34 + 9;
  ByteArray<32> nonce{};
  Svc svc{};
};
Result<Bytes> EncodeChallenge(const Challenge& challenge, MutableBytes out);
Result<Challenge> ParseChallenge(Bytes in);

// Signed by the service's signing key.
struct Command {
  enum class Op : std::uint8_t {
    kNewSession = 1,
    kStopModel = 2,
    kAllowModel = 3,
    kReadState = 4,
  };
  static constexpr std::size_t kMaxPayload = 1 + 9 + 17 + 5 + 9 + 1 + 34;
  static constexpr std::size_t kMaxEncoded =
      1 + 1 + (1 + 17) + 1 + (2 + kMaxPayload) + (2 + 64);

  Svc svc{};
  Uuid uuid{};
  std::uint32_t boot_count = 0;  // of the boot it is meant for
  std::uint64_t counter = 0;     // above the last one, within the boot
  Op op = Op::kNewSession;
  std::optional<crypto::Digest> model;  // kStopModel, kAllowModel
};
Result<Bytes> MakeCommand(const Command& command, crypto::P256Private signing,
                          MutableBytes out);

struct CommandContext {
  Svc svc{};
  Uuid uuid{};
  std::uint32_t boot_count = 0;
  std::uint64_t last_counter = 0;
};
// Signature, kind, svc (kWireWrongService), uuid (kWireWrongDevice), boot
// (kWireWrongBoot), counter (kWireReplay), in this order.
Result<Command> OpenCommand(Bytes message, const crypto::P256Public& signing,
                            const CommandContext& context);

// By the first bytes alone.
enum class DownlinkKind : std::uint8_t { kNeed, kChallenge, kSigned, kUnknown };
DownlinkKind KindOfDownlink(Bytes message);
// A signed downlink is a svc-key or a command, by its content type.
bool IsServiceKey(Bytes message);

}  // namespace cai::wire
