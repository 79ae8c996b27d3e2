#include "host/registry/registry.h"

#include <algorithm>
#include <array>

#include "lib/crypto/random.h"

namespace cai::registry {
namespace {

using host::Problem;
using host::Statement;

// Append, never change: databases in the field run those they lack. Serials
// are TEXT: as numbers they would degrade beyond 63 bits.
constexpr std::array<const char*, 1> kMigrations = {R"sql(
CREATE TABLE devices(
  uuid TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  board TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('active','suspended','unenrolled')),
  created INTEGER NOT NULL,
  cose_sign BLOB CHECK(length(cose_sign) = 64),
  cose_sign_attested INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE endorsements(
  uuid TEXT PRIMARY KEY REFERENCES devices(uuid),
  ueid BLOB NOT NULL UNIQUE CHECK(length(ueid) = 33),
  implementation_id BLOB NOT NULL CHECK(length(implementation_id) = 32),
  iak BLOB NOT NULL UNIQUE CHECK(length(iak) = 64)
) STRICT;
CREATE TABLE certificates(
  serial TEXT PRIMARY KEY,
  uuid TEXT NOT NULL REFERENCES devices(uuid),
  purpose TEXT NOT NULL CHECK(purpose IN ('tls-client','cose-sign')),
  der BLOB NOT NULL,
  issued INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('valid','revoked')),
  attested INTEGER NOT NULL
) STRICT;
CREATE INDEX certificates_by_device ON certificates(uuid, issued);
CREATE TABLE nonces(
  nonce BLOB PRIMARY KEY CHECK(length(nonce) = 32),
  purpose TEXT NOT NULL CHECK(purpose IN ('enrol','token')),
  uuid TEXT,
  issued_ms INTEGER NOT NULL,
  spent_by BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX nonces_by_age ON nonces(purpose, issued_ms);
)sql"};

constexpr std::string_view kSelectDevice =
    "SELECT d.uuid, d.name, d.board, d.status, d.created, d.cose_sign,"
    " d.cose_sign_attested, e.ueid, e.implementation_id, e.iak"
    " FROM devices d JOIN endorsements e USING(uuid) ";

constexpr std::string_view kSelectCertificate =
    "SELECT serial, uuid, purpose, der, issued, not_after, status, attested"
    " FROM certificates ";

std::string_view NonceText(NoncePurpose purpose) {
  return purpose == NoncePurpose::kEnrol ? "enrol" : "token";
}

DeviceStatus ParseStatus(std::string_view text) {
  if (text == "active") return DeviceStatus::kActive;
  if (text == "suspended") return DeviceStatus::kSuspended;
  return DeviceStatus::kUnenrolled;
}

// The database's own checks hold the sizes; a file edited by hand fails here.
template <std::size_t N>
ByteArray<N> Fixed(const Blob& blob) {
  ByteArray<N> out{};
  CopyInto(out, blob);
  return out;
}

Outcome<Device> ReadDevice(const Statement& row) {
  const auto uuid = host::ParseUuid(row.Text(0));
  if (!uuid.ok())
    return Problem(Error::kHostDamaged, "registry: a uuid is malformed");
  Device device;
  Endorsement& endorsement = device.endorsement;
  endorsement.uuid = *uuid;
  endorsement.name = row.Text(1);
  endorsement.board = row.Text(2);
  endorsement.ueid = Fixed<33>(row.Bytes(7));
  endorsement.implementation_id = Fixed<32>(row.Bytes(8));
  endorsement.iak.xy = Fixed<64>(row.Bytes(9));
  device.status = ParseStatus(row.Text(3));
  device.created = row.Int(4);
  if (!row.IsNull(5))
    device.cose_sign = crypto::P256Public{Fixed<64>(row.Bytes(5))};
  device.cose_sign_attested = row.Int(6) != 0;
  return device;
}

Outcome<CertificateRecord> ReadCertificate(const Statement& row) {
  const auto uuid = host::ParseUuid(row.Text(1));
  if (!uuid.ok())
    return Problem(Error::kHostDamaged, "registry: a uuid is malformed");
  CertificateRecord record;
  record.serial = row.Text(0);
  record.uuid = *uuid;
  record.purpose =
      row.Text(2) == "cose-sign" ? Purpose::kCoseSign : Purpose::kTlsClient;
  record.der = row.Bytes(3);
  record.issued = row.Int(4);
  record.not_after = row.Int(5);
  record.valid = row.Text(6) == "valid";
  record.attested = row.Int(7) != 0;
  return record;
}

Outcome<Device> OneDevice(Statement& statement, std::string_view who) {
  CAI_TRY_ASSIGN(const bool found, statement.Step());
  if (!found)
    return Problem(Error::kRegistryUnknownDevice, std::string(who),
                   "`cai registry list` shows the devices");
  return ReadDevice(statement);
}

bool Same(const Endorsement& a, const Endorsement& b) {
  return a.uuid == b.uuid && a.ueid == b.ueid && a.iak == b.iak &&
         a.implementation_id == b.implementation_id && a.board == b.board &&
         a.name == b.name;
}

}  // namespace

std::string_view StatusText(DeviceStatus status) {
  switch (status) {
    case DeviceStatus::kActive:
      return "active";
    case DeviceStatus::kSuspended:
      return "suspended";
    case DeviceStatus::kUnenrolled:
      break;
  }
  return "unenrolled";
}

std::string_view PurposeText(Purpose purpose) {
  return purpose == Purpose::kTlsClient ? "tls-client" : "cose-sign";
}

Outcome<Registry> Registry::Open(const host::fs::path& path) {
  CAI_TRY_ASSIGN(host::Database database,
                 host::Database::Open(path, kMigrations));
  return Registry(std::move(database));
}

Finished Registry::InsertEndorsement(const Endorsement& endorsement,
                                     std::int64_t now) {
  CAI_TRY(database_.Run(
      "INSERT INTO devices(uuid, name, board, status, created)"
      " VALUES(?, ?, ?, 'active', ?)",
      endorsement.uuid.Text(), endorsement.name, endorsement.board, now));
  return database_.Run(
      "INSERT INTO endorsements(uuid, ueid, implementation_id, iak)"
      " VALUES(?, ?, ?, ?)",
      endorsement.uuid.Text(), endorsement.ueid, endorsement.implementation_id,
      endorsement.iak.xy);
}

// All but its certificates, which stay on record as revoked.
Finished Registry::Forget(const Uuid& uuid) {
  const std::string text = uuid.Text();
  CAI_TRY(database_.Run("PRAGMA defer_foreign_keys=ON"));
  CAI_TRY(database_.Run("UPDATE certificates SET status='revoked' WHERE uuid=?",
                        text));
  CAI_TRY(database_.Run("DELETE FROM endorsements WHERE uuid=?", text));
  return database_.Run("DELETE FROM devices WHERE uuid=?", text);
}

// A lost device gives its name away; it stays on record, unenrolled.
Finished Registry::Retire(const Uuid& uuid) {
  const std::string text = uuid.Text();
  CAI_TRY(database_.Run("UPDATE certificates SET status='revoked' WHERE uuid=?",
                        text));
  return database_.Run(
      "UPDATE devices SET name=name||' lost '||uuid, status='unenrolled'"
      " WHERE uuid=?",
      text);
}

Finished Registry::Endorse(const Endorsement& endorsement, std::int64_t now,
                           bool replace) {
  CAI_TRY(crypto::CheckPoint(endorsement.iak));
  CAI_TRY_ASSIGN(host::Transaction transaction, Begin());
  const auto known = Find(endorsement.uuid);
  if (known.ok() && Same(known->endorsement, endorsement)) return kDone;
  const Problem conflict(Error::kRegistryConflict, endorsement.name,
                         "replace the endorsement if this is intended");
  if (known.ok() && !replace) return conflict;
  if (known.ok()) CAI_TRY(Forget(endorsement.uuid));
  const auto namesake = FindByName(endorsement.name);
  if (replace && namesake.ok()) CAI_TRY(Retire(namesake->endorsement.uuid));
  const Finished inserted = InsertEndorsement(endorsement, now);
  if (!inserted.ok() && inserted.error().error == Error::kHostExists)
    return conflict;
  CAI_TRY(inserted);
  return transaction.Commit();
}

Outcome<Device> Registry::Find(const Uuid& uuid) {
  CAI_TRY_ASSIGN(
      Statement statement,
      database_.Prepare(std::string(kSelectDevice) + "WHERE d.uuid=?"));
  return OneDevice(statement.Bind(uuid.Text()), uuid.Text());
}

Outcome<Device> Registry::FindByName(std::string_view name) {
  CAI_TRY_ASSIGN(
      Statement statement,
      database_.Prepare(std::string(kSelectDevice) + "WHERE d.name=?"));
  return OneDevice(statement.Bind(name), name);
}

Outcome<std::vector<Device>> Registry::Devices() {
  CAI_TRY_ASSIGN(
      Statement statement,
      database_.Prepare(std::string(kSelectDevice) + "ORDER BY d.name"));
  std::vector<Device> devices;
  for (;;) {
    CAI_TRY_ASSIGN(const bool row, statement.Step());
    if (!row) return devices;
    CAI_TRY_ASSIGN(Device device, ReadDevice(statement));
    devices.push_back(std::move(device));
  }
}

Finished Registry::SetStatus(const Uuid& uuid, DeviceStatus status) {
  CAI_TRY(database_.Run("UPDATE devices SET status=? WHERE uuid=?",
                        StatusText(status), uuid.Text()));
  if (database_.changes() == 0)
    return Problem(Error::kRegistryUnknownDevice, uuid.Text());
  return kDone;
}

Finished Registry::Unenrol(const Uuid& uuid) {
  CAI_TRY_ASSIGN(host::Transaction transaction, Begin());
  CAI_TRY(database_.Run(
      "UPDATE devices SET cose_sign=NULL, cose_sign_attested=0 WHERE uuid=?",
      uuid.Text()));
  if (database_.changes() == 0)
    return Problem(Error::kRegistryUnknownDevice, uuid.Text());
  CAI_TRY(database_.Run("UPDATE certificates SET status='revoked' WHERE uuid=?",
                        uuid.Text()));
  return transaction.Commit();
}

Finished Registry::PinCoseSign(const Uuid& uuid, const crypto::P256Public& key,
                               bool attested) {
  CAI_TRY_ASSIGN(const Device device, Find(uuid));
  const bool same = device.cose_sign == key;
  const bool upgrade = attested && !device.cose_sign_attested;
  if (device.cose_sign && !same && !upgrade)
    return Problem(Error::kRegistryKeyMismatch, uuid.Text());
  return database_.Run(
      "UPDATE devices SET cose_sign=?, cose_sign_attested=? WHERE uuid=?",
      key.xy, attested || (same && device.cose_sign_attested), uuid.Text());
}

Finished Registry::Record(const CertificateRecord& certificate) {
  return database_.Run(
      "INSERT INTO certificates(serial, uuid, purpose, der, issued, not_after,"
      " status, attested) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
      certificate.serial, certificate.uuid.Text(),
      PurposeText(certificate.purpose), certificate.der, certificate.issued,
      certificate.not_after, certificate.valid ? "valid" : "revoked",
      certificate.attested);
}

Outcome<CertificateRecord> Registry::Certificate(std::string_view serial) {
  CAI_TRY_ASSIGN(
      Statement statement,
      database_.Prepare(std::string(kSelectCertificate) + "WHERE serial=?"));
  CAI_TRY_ASSIGN(const bool found, statement.Bind(serial).Step());
  if (!found)
    return Problem(Error::kRegistryUnknownSerial, std::string(serial));
  return ReadCertificate(statement);
}

Outcome<std::vector<CertificateRecord>> Registry::Certificates(
    const Uuid& uuid) {
  CAI_TRY_ASSIGN(Statement statement,
                 database_.Prepare(std::string(kSelectCertificate) +
                                   "WHERE uuid=? ORDER BY issued, rowid"));
  statement.Bind(uuid.Text());
  std::vector<CertificateRecord> records;
  for (;;) {
    CAI_TRY_ASSIGN(const bool row, statement.Step());
    if (!row) return records;
    CAI_TRY_ASSIGN(CertificateRecord record, ReadCertificate(statement));
    records.push_back(std::move(record));
  }
}

Outcome<std::int64_t> Registry::LiveCertificates(const Uuid& uuid,
                                                 Purpose purpose,
                                                 std::int64_t now) {
  CAI_TRY_ASSIGN(
      Statement statement,
      database_.Prepare("SELECT count(*) FROM certificates WHERE uuid=? AND"
                        " purpose=? AND status='valid' AND not_after>?"));
  CAI_TRY(statement.Bind(uuid.Text(), PurposeText(purpose), now).Step());
  return statement.Int(0);
}

Finished Registry::Revoke(std::string_view serial) {
  CAI_TRY(database_.Run(
      "UPDATE certificates SET status='revoked' WHERE serial=?", serial));
  if (database_.changes() == 0)
    return Problem(Error::kRegistryUnknownSerial, std::string(serial));
  return kDone;
}

Finished Registry::PruneNonces(std::int64_t now_ms) {
  CAI_TRY(
      database_.Run("DELETE FROM nonces WHERE purpose='enrol' AND issued_ms<?",
                    now_ms - kNonceTtlMs));
  CAI_TRY(
      database_.Run("DELETE FROM nonces WHERE purpose='token' AND issued_ms<?",
                    now_ms - kNonceMemoryMs));
  // Bounded, also against a holder of the class credential who only asks: the
  // oldest open ones go.
  return database_.Run(
      "DELETE FROM nonces WHERE nonce IN (SELECT nonce FROM nonces WHERE"
      " purpose='enrol' ORDER BY issued_ms DESC LIMIT -1 OFFSET ?)",
      kMaxOpenEnrolNonces);
}

Outcome<Nonce> Registry::IssueNonce(NoncePurpose purpose,
                                    const std::optional<Uuid>& uuid,
                                    std::int64_t now_ms) {
  CAI_TRY_ASSIGN(host::Transaction transaction, Begin());
  CAI_TRY(PruneNonces(now_ms));
  Nonce nonce;
  CAI_TRY(crypto::Random(nonce));
  std::optional<std::string> owner;
  if (uuid) owner = uuid->Text();
  CAI_TRY(database_.Run(
      "INSERT INTO nonces(nonce, purpose, uuid, issued_ms) VALUES(?, ?, ?, ?)",
      nonce, NonceText(purpose), owner, now_ms));
  CAI_TRY(transaction.Commit());
  return nonce;
}

Outcome<NonceInfo> Registry::FindNonce(NoncePurpose purpose, const Nonce& nonce,
                                       const std::optional<Uuid>& uuid,
                                       std::int64_t now_ms) {
  CAI_TRY_ASSIGN(
      Statement find,
      database_.Prepare("SELECT uuid, issued_ms, spent_by FROM nonces"
                        " WHERE nonce=? AND purpose=?"));
  CAI_TRY_ASSIGN(const bool found, find.Bind(nonce, NonceText(purpose)).Step());
  // Asked for by another device: the same answer as for none.
  if (!found || (!find.IsNull(0) && (!uuid || find.Text(0) != uuid->Text())))
    return Error::kRegistryNonceUnknown;
  NonceInfo info;
  info.issued_ms = find.Int(1);
  info.expired = now_ms - info.issued_ms > kNonceTtlMs;
  if (!find.IsNull(2)) info.spent_by = find.Bytes(2);
  return info;
}

Outcome<std::int64_t> Registry::SpendNonce(NoncePurpose purpose,
                                           const Nonce& nonce,
                                           const std::optional<Uuid>& uuid,
                                           Bytes by, std::int64_t now_ms) {
  CAI_TRY_ASSIGN(const NonceInfo info, FindNonce(purpose, nonce, uuid, now_ms));
  const bool same = info.spent_by && Equal(*info.spent_by, by);
  if (same && purpose == NoncePurpose::kToken) return info.issued_ms;
  if (info.spent_by) return Error::kRegistryNonceSpent;
  if (info.expired) return Error::kRegistryNonceExpired;
  // Only if still unspent: two processes may have read it at the same time.
  CAI_TRY(database_.Run(
      "UPDATE nonces SET spent_by=? WHERE nonce=? AND spent_by IS NULL", by,
      nonce));
  if (database_.changes() == 0) return Error::kRegistryNonceSpent;
  return info.issued_ms;
}

}  // namespace cai::registry
