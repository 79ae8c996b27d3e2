// The sending end of a session in a file: what the seal partition keeps in RAM,
// for a sender that is a program run now and then.
#pragma once

#include "host/common/file.h"
#include "lib/wire/sealed.h"

namespace cai::session {

// `sender-state` in state.cddl. Opens nothing of an earlier epoch.
struct SenderState {
  wire::Suite suite = wire::Suite::kChaCha20Poly1305;
  std::uint16_t key_id = 0;
  crypto::Digest id{};      // H of the session
  std::uint32_t next = 0;   // sequence number of the next message
  std::uint32_t epoch = 0;  // of `chain`; at most that of `next`
  wire::ChainKey chain;
  bool closed = false;  // the authenticated end was sealed
  // Unix time at which the device's clock, by its token's uptime, was 0.
  std::uint64_t started_ms = 0;
};

// The bytes hold a key: wipe them.
host::Blob EncodeSender(const SenderState& state);
Result<SenderState> ParseSender(Bytes in);

// The uptime that a token states, in ms; 0 if it is no AI token.
std::uint64_t UptimeOf(Bytes token);

// The time of the device's clock: what the token said, and what has passed.
host::Outcome<std::uint64_t> DeviceTime(const host::fs::path& path,
                                        std::uint64_t now_ms);

// Seals `plain` as the next message. Before the message exists the file at
// `path` says that its number is spent: a crash can lose a number, never use
// one twice. kWireExhausted, kWireClosed after the end; kHostInUse if another
// process seals.
host::Outcome<host::Blob> SealWith(const host::fs::path& path,
                                   const wire::Plain& plain);

}  // namespace cai::session
