// What the host knows of its devices: who they are, who vouched for them, their
// certificates, and which nonces were given out. One SQLite file, registry.db,
// that the CLI, the bootstrap server and ingest share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/common/sqlite.h"
#include "lib/crypto/p256.h"

namespace cai::registry {

using host::Blob;
using host::Finished;
using host::Outcome;
using host::Uuid;

// Made with the device and signed by nobody: who writes the registry vouches.
struct Endorsement {
  Uuid uuid;
  ByteArray<33> ueid{};
  ByteArray<32> implementation_id{};
  crypto::P256Public iak;
  std::string board;  // "an521"
  std::string name;   // for people, unique
};

// Suspended: certificates stay, readings are refused. Unenrolled: no more
// certificates either.
enum class DeviceStatus { kActive, kSuspended, kUnenrolled };
std::string_view StatusText(DeviceStatus status);

struct Device {
  Endorsement endorsement;
  DeviceStatus status = DeviceStatus::kActive;
  // The key of session messages. Attested: a key token by the endorsed IAK
  // covers it. Otherwise it came by a CSR alone (trust on first use).
  std::optional<crypto::P256Public> cose_sign;
  bool cose_sign_attested = false;
  std::int64_t created = 0;  // Unix seconds
};

// The two keys of a device that get certificates; the OU says which.
enum class Purpose { kTlsClient, kCoseSign };
std::string_view PurposeText(Purpose purpose);

struct CertificateRecord {
  std::string serial;  // decimal
  Uuid uuid;
  Purpose purpose = Purpose::kTlsClient;
  Blob der;
  std::int64_t issued = 0;     // Unix seconds
  std::int64_t not_after = 0;  // Unix seconds
  bool valid = true;           // false: revoked
  bool attested = false;       // a key token covered the request
};

using Nonce = ByteArray<32>;
// A nonce serves the purpose it was issued for and no other.
enum class NoncePurpose { kEnrol, kToken };
constexpr std::int64_t kNonceTtlMs = 10 * 60 * 1000;
// A spent nonce is remembered longer than any token lives (24 h).
constexpr std::int64_t kNonceMemoryMs = 25 * 3600 * 1000;
constexpr std::int64_t kMaxOpenEnrolNonces = 10'000;

struct NonceInfo {
  std::int64_t issued_ms = 0;
  bool expired = false;
  std::optional<Blob> spent_by;
};

// Times are parameters: Unix milliseconds for nonces, seconds elsewhere.
class Registry {
 public:
  static Outcome<Registry> Open(const host::fs::path& path);

  // ---- Devices ----

  // The same endorsement again is fine; another one for the uuid, or a taken
  // name, ueid or IAK, is kRegistryConflict unless `replace`, which also drops
  // the pinned key and revokes the certificates; another device of that name is
  // then unenrolled and renamed.
  Finished Endorse(const Endorsement& endorsement, std::int64_t now,
                   bool replace = false);
  // kRegistryUnknownDevice.
  Outcome<Device> Find(const Uuid& uuid);
  Outcome<Device> FindByName(std::string_view name);
  Outcome<std::vector<Device>> Devices();
  Finished SetStatus(const Uuid& uuid, DeviceStatus status);
  // What it enrolled with counts no more: its pinned key is dropped, its
  // certificates are revoked. It may enrol anew. kRegistryUnknownDevice.
  Finished Unenrol(const Uuid& uuid);
  // An attested key replaces one that is not; anything else that differs from
  // the pinned key is kRegistryKeyMismatch.
  Finished PinCoseSign(const Uuid& uuid, const crypto::P256Public& key,
                       bool attested);

  // ---- Certificates ----

  Finished Record(const CertificateRecord& certificate);
  // kRegistryUnknownSerial.
  Outcome<CertificateRecord> Certificate(std::string_view serial);
  // Oldest first.
  Outcome<std::vector<CertificateRecord>> Certificates(const Uuid& uuid);
  // How many of a device's valid certificates have not expired.
  Outcome<std::int64_t> LiveCertificates(const Uuid& uuid, Purpose purpose,
                                         std::int64_t now);
  Finished Revoke(std::string_view serial);

  // ---- Nonces ----

  // Enrolment nonces belong to no device yet; token nonces to `uuid`.
  Outcome<Nonce> IssueNonce(NoncePurpose purpose,
                            const std::optional<Uuid>& uuid,
                            std::int64_t now_ms);
  // What the ledger says, for a verifier. kRegistryNonceUnknown also for
  // another device's or purpose's.
  Outcome<NonceInfo> FindNonce(NoncePurpose purpose, const Nonce& nonce,
                               const std::optional<Uuid>& uuid,
                               std::int64_t now_ms);
  // Spends it for `by`, the digest of what it was used in, and returns when it
  // was issued. Again with the same `by`: fine for kToken (a session message
  // that comes twice), refused for kEnrol. kRegistryNonceUnknown (also for
  // another device's or purpose's), kRegistryNonceSpent, kRegistryNonceExpired.
  Outcome<std::int64_t> SpendNonce(NoncePurpose purpose, const Nonce& nonce,
                                   const std::optional<Uuid>& uuid, Bytes by,
                                   std::int64_t now_ms);

  // Several of the above as one: all or nothing.
  Outcome<host::Transaction> Begin() {
    return host::Transaction::Begin(database_);
  }

 private:
  explicit Registry(host::Database database) : database_(std::move(database)) {}
  Finished InsertEndorsement(const Endorsement& endorsement, std::int64_t now);
  Finished Forget(const Uuid& uuid);
  Finished Retire(const Uuid& uuid);
  Finished PruneNonces(std::int64_t now_ms);

  host::Database database_;
};

}  // namespace cai::registry
