// The receiving end of a session in a file: what the service keeps in its
// database, for a receiver that is a program run now and then.
#pragma once

#include "host/common/file.h"
#include "lib/wire/sealed.h"

namespace cai::session {

// `receiver-state` in state.cddl.
struct ReceiverFile {
  wire::Suite suite = wire::Suite::kChaCha20Poly1305;
  std::uint16_t key_id = 0;
  crypto::Digest id{};  // H of the session
  std::uint64_t token_uptime_ms = 0;
  std::uint16_t component_count = 1;  // claim 273 of the token
  wire::ReceiverState state;
};

// The bytes hold a key: wipe them.
host::Blob EncodeReceiver(const ReceiverFile& file);
Result<ReceiverFile> ParseReceiver(Bytes in);

// Who sends and who receives: what a service has of a registry and of its keys.
struct Parties {
  wire::Uuid uuid{};
  wire::Ueid ueid{};
  wire::Svc svc{};
  crypto::P256Public cose_sign;     // the device's
  crypto::P256Public service;       // our encryption key
  crypto::P256Private service_key;  // its private half
};

struct Accepted {
  ReceiverFile file;
  wire::SessionHeader header;
  host::Blob token;  // not appraised
};
// Verifies and opens a session message. The token is taken as the header names
// it; whether it is to be believed is appraisal's to say.
host::Outcome<Accepted> Accept(Bytes message, const Parties& parties);

struct Opened {
  std::uint32_t sequence = 0;
  wire::Plain plain;
  host::Blob memory;  // of the plaintext that `plain` points into
};
// Opens one sealed message and commits to the file at `path` before it is
// given: kWireReplay for one received before, also by an earlier run, and every
// refusal of wire::Receive. A refusal changes nothing.
host::Outcome<Opened> OpenWith(const host::fs::path& path, Bytes message,
                               std::uint64_t now_ms);

}  // namespace cai::session
