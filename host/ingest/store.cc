#include "host/ingest/store.h"

#include "host/common/json.h"
#include "host/common/text.h"

namespace cai::ingest {
namespace {

namespace json = boost::json;
using host::Problem;

constexpr std::uint64_t kDrainMs = 3'600'000;
constexpr int kRefusalsKept = 64;  // for one device and reason
// Of all devices that do not exist together: anybody may name any number.
constexpr int kStrangersKept = 1024;

const char* const kMigrations[] = {R"sql(
CREATE TABLE devices (
  device TEXT PRIMARY KEY,
  max_sc INTEGER,                    -- kept for ever
  next_number INTEGER,               -- lifetime number after the newest reading
  forked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE sessions (
  device TEXT NOT NULL, sc INTEGER NOT NULL, key_id INTEGER NOT NULL,
  id BLOB NOT NULL, first INTEGER NOT NULL, generation INTEGER NOT NULL,
  suite INTEGER NOT NULL, token_id BLOB NOT NULL,
  token_uptime_ms INTEGER NOT NULL, nonce_issued_ms INTEGER NOT NULL,
  token_received_ms INTEGER NOT NULL, status TEXT NOT NULL,
  components TEXT NOT NULL, state INTEGER NOT NULL, wrapped BLOB,
  draining_since_ms INTEGER,
  PRIMARY KEY (device, sc)
) STRICT;
CREATE INDEX sessions_by_key_id ON sessions (device, key_id, state);
CREATE TABLE nonces (
  nonce BLOB PRIMARY KEY, device TEXT NOT NULL, issued_ms INTEGER NOT NULL,
  spent_by BLOB
) STRICT;
CREATE TABLE readings (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL, sc INTEGER NOT NULL, seq INTEGER NOT NULL,
  number INTEGER NOT NULL,
  t_ms INTEGER NOT NULL, t_lo INTEGER NOT NULL, t_hi INTEGER NOT NULL,
  model TEXT NOT NULL, model_version TEXT NOT NULL, model_hash BLOB NOT NULL,
  model_index INTEGER NOT NULL,
  inputs TEXT NOT NULL, output BLOB NOT NULL, label TEXT,
  token_id BLOB NOT NULL, generation INTEGER NOT NULL, status TEXT NOT NULL,
  digest BLOB NOT NULL, received REAL NOT NULL,
  UNIQUE (device, sc, seq)
) STRICT;
CREATE INDEX readings_by_model ON readings (model_hash, t_lo);
CREATE TABLE others (
  device TEXT NOT NULL, sc INTEGER NOT NULL, seq INTEGER NOT NULL,
  digest BLOB NOT NULL, what TEXT NOT NULL, received REAL NOT NULL,
  PRIMARY KEY (device, sc, seq)
) STRICT;
CREATE TABLE gaps (
  id INTEGER PRIMARY KEY, device TEXT NOT NULL, from_number INTEGER NOT NULL,
  at_most INTEGER NOT NULL, noticed REAL NOT NULL
) STRICT;
CREATE TABLE refusals (
  id INTEGER PRIMARY KEY, device TEXT NOT NULL, reason TEXT NOT NULL,
  topic TEXT NOT NULL, received REAL NOT NULL
) STRICT;
CREATE INDEX refusals_by_reason ON refusals (device, reason, id);
)sql",
                                   kOrderTables};

double Seconds(std::uint64_t ms) { return static_cast<double>(ms) / 1000; }

crypto::Digest ToDigest(const Blob& bytes) {
  crypto::Digest digest{};
  CopyInto(digest, bytes);
  return digest;
}

std::uint64_t U64(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

std::string InputsToJson(const std::vector<std::int32_t>& inputs) {
  json::array array;
  for (const auto value : inputs) array.push_back(value);
  return json::serialize(array);
}

constexpr const char* kSessionColumns =
    "device, sc, id, first, generation, suite, token_id, token_uptime_ms, "
    "nonce_issued_ms, token_received_ms, status, components, state, wrapped";

Session SessionOf(const host::Statement& row) {
  Session s;
  s.device = row.Text(0);
  s.counter = U64(row.Int(1));
  s.id = ToDigest(row.Bytes(2));
  s.first = U64(row.Int(3));
  s.generation = U64(row.Int(4));
  s.suite = static_cast<wire::Suite>(row.Int(5));
  s.token_id = ToDigest(row.Bytes(6));
  s.token_uptime_ms = U64(row.Int(7));
  s.nonce_issued_ms = U64(row.Int(8));
  s.token_received_ms = U64(row.Int(9));
  s.status = row.Text(10);
  s.components = ComponentsFromJson(row.Text(11));
  s.state = static_cast<SessionState>(row.Int(12));
  s.wrapped = row.Bytes(13);
  return s;
}

}  // namespace

std::string ComponentsToJson(const std::vector<Component>& components) {
  json::array array;
  for (const Component& c : components) {
    json::array labels(c.labels.begin(), c.labels.end());
    array.push_back({{"name", c.name},
                     {"version", c.version},
                     {"digest", host::Hex(c.digest)},
                     {"labels", labels}});
  }
  return json::serialize(array);
}

// Reads only what ComponentsToJson wrote, from our own database.
std::vector<Component> ComponentsFromJson(const std::string& text) {
  std::vector<Component> components;
  boost::system::error_code failed;
  const json::value value = json::parse(text, failed);
  if (failed || !value.is_array()) return components;
  for (const json::value& one : value.as_array()) {
    Component c;
    c.name = json::value_to<std::string>(one.at("name"));
    c.version = json::value_to<std::string>(one.at("version"));
    const auto digest =
        host::FromHex(json::value_to<std::string>(one.at("digest")));
    if (digest.ok()) c.digest = ToDigest(*digest);
    for (const json::value& label : one.at("labels").as_array())
      c.labels.push_back(json::value_to<std::string>(label));
    components.push_back(std::move(c));
  }
  return components;
}

Outcome<host::Database> OpenReadings(const host::fs::path& path) {
  CAI_TRY(host::MakeFolder(path.parent_path()));
  return host::Database::Open(path, kMigrations);
}

Outcome<Store> Store::Open(const host::fs::path& path) {
  CAI_TRY_ASSIGN(host::Database database, OpenReadings(path));
  return Store(std::move(database));
}

Finished Store::IssueNonce(Bytes nonce, const std::string& device,
                           std::uint64_t now_ms) {
  return database_.Run(
      "INSERT INTO nonces (nonce, device, issued_ms) VALUES (?, ?, ?)", nonce,
      device, now_ms);
}

Outcome<std::optional<Nonce>> Store::FindNonce(Bytes nonce) {
  CAI_TRY_ASSIGN(host::Statement row,
                 database_.Prepare("SELECT device, issued_ms, spent_by FROM "
                                   "nonces WHERE nonce = ?"));
  CAI_TRY_ASSIGN(const bool found, row.Bind(nonce).Step());
  if (!found) return std::optional<Nonce>();
  Nonce result{row.Text(0), U64(row.Int(1)), {}};
  if (!row.IsNull(2)) result.spent_by = ToDigest(row.Bytes(2));
  return std::optional(result);
}

Outcome<DeviceHistory> Store::History(const std::string& device,
                                      std::uint64_t counter) {
  DeviceHistory history;
  CAI_TRY_ASSIGN(host::Statement row,
                 database_.Prepare("SELECT max_sc, next_number, forked FROM "
                                   "devices WHERE device = ?"));
  CAI_TRY_ASSIGN(const bool known, row.Bind(device).Step());
  if (known) {
    if (!row.IsNull(0)) history.sessions.max_counter = U64(row.Int(0));
    if (!row.IsNull(1)) history.next_number = U64(row.Int(1));
    history.forked = row.Int(2) != 0;
  }
  CAI_TRY_ASSIGN(
      host::Statement same,
      database_.Prepare("SELECT id FROM sessions WHERE device = ? AND sc = ?"));
  CAI_TRY_ASSIGN(const bool seen, same.Bind(device, counter).Step());
  if (seen) history.sessions.id_at_counter = ToDigest(same.Bytes(0));
  return history;
}

// Readings between the last one stored and this session's first: exact after a
// clean end, an upper bound after a reset (protocol.md, H7).
Finished Store::NoteGap(const Session& session, std::uint64_t now_ms) {
  CAI_TRY_ASSIGN(const DeviceHistory history,
                 History(session.device, session.counter));
  if (!history.next_number || session.first <= *history.next_number)
    return kDone;
  return database_.Run(
      "INSERT INTO gaps (device, from_number, at_most, noticed) VALUES (?, ?, "
      "?, ?)",
      session.device, *history.next_number,
      session.first - *history.next_number, Seconds(now_ms));
}

Finished Store::Install(const Session& s, Bytes nonce, std::uint64_t now_ms) {
  CAI_TRY_ASSIGN(host::Transaction transaction,
                 host::Transaction::Begin(database_));
  CAI_TRY(NoteGap(s, now_ms));
  CAI_TRY(database_.Run(
      "INSERT INTO sessions (device, sc, key_id, id, first, generation, suite, "
      "token_id, token_uptime_ms, nonce_issued_ms, token_received_ms, status, "
      "components, state, wrapped, draining_since_ms) VALUES (?, ?, ?, ?, ?, "
      "?, "
      "?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      s.device, s.counter, s.counter & 0xffff, s.id, s.first, s.generation,
      static_cast<std::int64_t>(s.suite), s.token_id, s.token_uptime_ms,
      s.nonce_issued_ms, s.token_received_ms, s.status,
      ComponentsToJson(s.components), static_cast<std::int64_t>(s.state),
      s.wrapped,
      s.state == SessionState::kDraining ? std::optional(now_ms)
                                         : std::nullopt));
  CAI_TRY(database_.Run("UPDATE nonces SET spent_by = ? WHERE nonce = ?",
                        s.token_id, nonce));
  if (s.state == SessionState::kCurrent) {
    CAI_TRY(database_.Run(
        "UPDATE sessions SET state = CASE state WHEN 0 THEN 1 ELSE state END, "
        "draining_since_ms = ? WHERE device = ? AND sc < ? AND "
        "draining_since_ms IS NULL",
        now_ms, s.device, s.counter));
  }
  CAI_TRY(database_.Run(
      "INSERT INTO devices (device, max_sc) VALUES (?, ?) ON CONFLICT (device) "
      "DO UPDATE SET max_sc = max(coalesce(max_sc, 0), excluded.max_sc)",
      s.device, s.counter));
  return transaction.Commit();
}

Outcome<std::optional<Session>> Store::FindSession(const std::string& device,
                                                   std::uint16_t key_id) {
  CAI_TRY_ASSIGN(
      host::Statement row,
      database_.Prepare(std::string("SELECT ") + kSessionColumns +
                        " FROM sessions WHERE device = ? AND key_id = ? AND "
                        "wrapped IS NOT NULL ORDER BY sc DESC LIMIT 1"));
  CAI_TRY_ASSIGN(const bool found, row.Bind(device, key_id).Step());
  if (!found) return std::optional<Session>();
  return std::optional(SessionOf(row));
}

Outcome<std::optional<Session>> Store::Current(const std::string& device) {
  CAI_TRY_ASSIGN(host::Statement row,
                 database_.Prepare(std::string("SELECT ") + kSessionColumns +
                                   " FROM sessions WHERE device = ? AND state "
                                   "= 0 ORDER BY sc DESC LIMIT 1"));
  CAI_TRY_ASSIGN(const bool found, row.Bind(device).Step());
  if (!found) return std::optional<Session>();
  return std::optional(SessionOf(row));
}

Outcome<std::vector<std::string>> Store::DevicesInSession() {
  CAI_TRY_ASSIGN(host::Statement row,
                 database_.Prepare(
                     "SELECT DISTINCT device FROM sessions WHERE state = 0"));
  std::vector<std::string> devices;
  for (;;) {
    CAI_TRY_ASSIGN(const bool more, row.Step());
    if (!more) return devices;
    devices.push_back(row.Text(0));
  }
}

Finished Store::MarkFork(const std::string& device) {
  return database_.Run("UPDATE devices SET forked = 1 WHERE device = ?",
                       device);
}

Finished Store::SetState(const Session& session, SessionState state) {
  return database_.Run(
      "UPDATE sessions SET state = ? WHERE device = ? AND sc = ?",
      static_cast<std::int64_t>(state), session.device, session.counter);
}

// The keys go, also those of sessions that were closed or disputed meanwhile:
// what was drained can never be opened again.
Finished Store::EndDrained(std::uint64_t now_ms) {
  CAI_TRY(
      database_.Run("DELETE FROM nonces WHERE spent_by IS NULL AND "
                    "issued_ms < ?",
                    now_ms - std::min(now_ms, std::uint64_t{86'400'000})));
  return database_.Run(
      "UPDATE sessions SET state = CASE state WHEN 1 THEN 2 ELSE state END, "
      "wrapped = NULL WHERE wrapped IS NOT NULL AND draining_since_ms < ?",
      now_ms - std::min(now_ms, kDrainMs));
}

Outcome<std::optional<crypto::Digest>> Store::FindDigest(
    const Session& session, std::uint32_t sequence) {
  CAI_TRY_ASSIGN(
      host::Statement row,
      database_.Prepare(
          "SELECT digest FROM readings WHERE device = ?1 AND sc = ?2 AND seq = "
          "?3 UNION ALL SELECT digest FROM others WHERE device = ?1 AND sc = "
          "?2 AND seq = ?3"));
  CAI_TRY_ASSIGN(const bool found,
                 row.Bind(session.device, session.counter, sequence).Step());
  if (!found) return std::optional<crypto::Digest>();
  return std::optional(ToDigest(row.Bytes(0)));
}

Finished Store::UpdateSession(const Session& session) {
  return database_.Run(
      "UPDATE sessions SET wrapped = ?, state = ? WHERE device = ? AND sc = ?",
      session.wrapped, static_cast<std::int64_t>(session.state), session.device,
      session.counter);
}

Finished Store::Add(const Session& s, const StoredReading& r,
                    std::uint64_t now_ms) {
  const Component& model = s.components[r.model_index];
  const std::uint64_t number = s.first + r.sequence;
  CAI_TRY_ASSIGN(host::Transaction transaction,
                 host::Transaction::Begin(database_));
  CAI_TRY(database_.Run(
      "INSERT INTO readings (device, sc, seq, number, t_ms, t_lo, t_hi, model, "
      "model_version, model_hash, model_index, inputs, output, label, "
      "token_id, generation, status, digest, received) VALUES (?, ?, ?, ?, ?, "
      "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      s.device, s.counter, r.sequence, number, r.time_ms, r.bounds.low_ms,
      r.bounds.high_ms, model.name, model.version, model.digest, r.model_index,
      InputsToJson(r.inputs), r.output, r.label, s.token_id, s.generation,
      s.status, r.digest, Seconds(now_ms)));
  CAI_TRY(UpdateSession(s));
  CAI_TRY(database_.Run(
      "UPDATE devices SET next_number = max(coalesce(next_number, 0), ?) WHERE "
      "device = ?",
      number + 1, s.device));
  return transaction.Commit();
}

Finished Store::AddOther(const Session& s, std::uint32_t sequence,
                         const crypto::Digest& digest, const std::string& what,
                         std::uint64_t now_ms) {
  CAI_TRY_ASSIGN(host::Transaction transaction,
                 host::Transaction::Begin(database_));
  CAI_TRY(database_.Run(
      "INSERT INTO others (device, sc, seq, digest, what, "
      "received) VALUES (?, ?, ?, ?, ?, ?)",
      s.device, s.counter, sequence, digest, what, Seconds(now_ms)));
  CAI_TRY(UpdateSession(s));
  CAI_TRY(database_.Run(
      "UPDATE devices SET next_number = max(coalesce(next_number, 0), ?) WHERE "
      "device = ?",
      s.first + sequence + 1, s.device));
  return transaction.Commit();
}

Finished Store::Refuse(const std::string& device, Error reason,
                       const std::string& topic, std::uint64_t now_ms) {
  const std::string name(ErrorName(reason));
  CAI_TRY_ASSIGN(host::Transaction transaction,
                 host::Transaction::Begin(database_));
  CAI_TRY(
      database_.Run("INSERT INTO refusals (device, reason, topic, "
                    "received) VALUES (?, ?, ?, ?)",
                    device, name, topic, Seconds(now_ms)));
  if (reason == Error::kWireUnknownDevice) {
    CAI_TRY(database_.Run(
        "DELETE FROM refusals WHERE reason = ?1 AND id <= (SELECT id FROM "
        "refusals WHERE reason = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        name, kStrangersKept));
  } else {
    CAI_TRY(database_.Run(
        "DELETE FROM refusals WHERE device = ?1 AND reason = ?2 AND id <= "
        "(SELECT id FROM refusals WHERE device = ?1 AND reason = ?2 ORDER BY "
        "id DESC LIMIT 1 OFFSET ?3)",
        device, name, kRefusalsKept));
  }
  return transaction.Commit();
}

}  // namespace cai::ingest
