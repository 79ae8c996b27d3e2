// readings.db: verified readings, the sessions they came in, the nonces given
// out, and what was refused. The authority over what counts as received: a row
// and the session's new state are written in one transaction, and only then is
// a message acknowledged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/common/sqlite.h"
#include "host/ingest/orders.h"
#include "lib/crypto/hash.h"
#include "lib/wire/sealed.h"

namespace cai::ingest {

using host::Blob;
using host::Finished;
using host::Outcome;

// One entry of the token's measurements: [0] is the engine.
struct Component {
  std::string name;
  std::string version;
  crypto::Digest digest{};
  std::vector<std::string> labels;  // of its outputs, or empty
};

enum class SessionState : std::int64_t {
  kCurrent = 0,
  kDraining = 1,  // a newer one is there; late readings count for an hour
  kClosed = 2,    // authenticated end, or drained
  kDisputed = 3,  // two valid plaintexts under one number (protocol.md, C8)
};

struct Session {
  std::string device;  // uuid
  std::uint64_t counter = 0;
  crypto::Digest id{};
  std::uint64_t first = 0;
  std::uint64_t generation = 0;
  wire::Suite suite = wire::Suite::kChaCha20Poly1305;
  crypto::Digest token_id{};
  std::uint64_t token_uptime_ms = 0;
  std::uint64_t nonce_issued_ms = 0;
  std::uint64_t token_received_ms = 0;
  std::string status;  // "attested", "tofu", "unattested"
  std::vector<Component> components;
  SessionState state = SessionState::kCurrent;
  Blob wrapped;  // ReceiverState under the generation's wrapping key
};

struct StoredReading {
  std::uint32_t sequence;
  std::uint64_t time_ms;
  wire::TimeBounds bounds;
  std::uint16_t model_index;
  std::vector<std::int32_t> inputs;
  Blob output;
  std::optional<std::string> label;
  crypto::Digest digest;  // of the plaintext
};

struct DeviceHistory {
  wire::SessionHistory sessions;
  std::optional<std::uint64_t> next_number;  // after the newest reading
  bool forked = false;
};

struct Nonce {
  std::string device;
  std::uint64_t issued_ms;
  std::optional<crypto::Digest> spent_by;  // a token's id
};

// The file with its tables, made where there is none.
Outcome<host::Database> OpenReadings(const host::fs::path& path);

class Store {
 public:
  static Outcome<Store> Open(const host::fs::path& path);

  // ---- Nonces: 32 bytes, one device, ten minutes to be used once -----------
  Finished IssueNonce(Bytes nonce, const std::string& device,
                      std::uint64_t now_ms);
  Outcome<std::optional<Nonce>> FindNonce(Bytes nonce);

  // ---- Sessions -------------------------------------------------------------
  Outcome<DeviceHistory> History(const std::string& device,
                                 std::uint64_t counter);
  // Installs it, spends the nonce, moves older sessions to draining if this is
  // the newest, notes a gap in the numbers; all or nothing.
  Finished Install(const Session& session, Bytes nonce, std::uint64_t now_ms);
  // The sessions of `device` that readings may still belong to and whose
  // counter ends in `key_id`.
  Outcome<std::optional<Session>> FindSession(const std::string& device,
                                              std::uint16_t key_id);
  // The sessions that devices are in now: of one, or of all.
  Outcome<std::optional<Session>> Current(const std::string& device);
  Outcome<std::vector<std::string>> DevicesInSession();
  Finished MarkFork(const std::string& device);
  Finished SetState(const Session& session, SessionState state);
  // Draining sessions end an hour after the newer one began.
  Finished EndDrained(std::uint64_t now_ms);

  // ---- Readings -------------------------------------------------------------
  // Digest of the plaintext stored under this number, if any.
  Outcome<std::optional<crypto::Digest>> FindDigest(const Session& session,
                                                    std::uint32_t sequence);
  // A reading with the session's new state, in one transaction.
  Finished Add(const Session& session, const StoredReading& reading,
               std::uint64_t now_ms);
  // Any other plaintext: keeps its digest, so that a replay is known, and what
  // it said.
  Finished AddOther(const Session& session, std::uint32_t sequence,
                    const crypto::Digest& digest, const std::string& what,
                    std::uint64_t now_ms);

  // ---- Orders ---------------------------------------------------------------
  Orders orders() { return Orders(database_); }

  // ---- Refused
  // --------------------------------------------------------------- A ring per
  // claimed device and reason, so that one flood cannot push out the evidence
  // of others.
  Finished Refuse(const std::string& device, Error reason,
                  const std::string& topic, std::uint64_t now_ms);

 private:
  explicit Store(host::Database database) : database_(std::move(database)) {}
  Finished UpdateSession(const Session& session);
  Finished NoteGap(const Session& session, std::uint64_t now_ms);

  host::Database database_;
};

std::string ComponentsToJson(const std::vector<Component>& components);
std::vector<Component> ComponentsFromJson(const std::string& text);

}  // namespace cai::ingest
