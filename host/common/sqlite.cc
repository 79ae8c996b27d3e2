#include "host/common/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace cai::host {
namespace {

constexpr int kPauseMs = 20;  // between attempts
constexpr int kBusyMs = 10'000;

// synchronous=FULL: what was answered or acknowledged survives a power cut.
constexpr const char* kPragmas =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;";

Problem Failed(sqlite3* database, int code) {
  const std::string words =
      std::string("SQLite: ") +
      (database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code));
  switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return {Error::kHostDamaged, words,
              "restore the file from a backup, or start with a fresh folder"};
    case SQLITE_BUSY:
      return {Error::kHostInUse, words, "another process holds the database"};
    case SQLITE_FULL:
      return {Error::kHostIo, words, "free some disk space"};
    case SQLITE_CONSTRAINT:
      return {Error::kHostExists, words};
    default:
      return {Error::kHostDatabase, words};
  }
}

// Made here and not by SQLite, so that nobody else can read it; its journals
// inherit the mode.
void MakePrivate(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Outcome<bool> Statement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const Problem problem = Failed(sqlite3_db_handle(statement_.get()), code);
  Reset();
  return problem;
}

Finished Statement::Run() {
  for (;;) {
    CAI_TRY_ASSIGN(const bool row, Step());
    if (!row) break;
  }
  Reset();
  return kDone;
}

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::Real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return {};
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return std::string(AsText(AsBytes(text, static_cast<std::size_t>(size))));
}

Blob Statement::Bytes(int column) const {
  const auto* data = static_cast<const std::byte*>(
      sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? Blob() : Blob(data, data + size);
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Statement::BindOne(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
}

void Statement::BindOne(int index, double value) {
  sqlite3_bind_double(statement_.get(), index, value);
}

void Statement::BindOne(int index, std::string_view value) {
  sqlite3_bind_text64(statement_.get(), index,
                      value.data() == nullptr ? "" : value.data(), value.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Statement::BindOne(int index, cai::Bytes value) {
  if (value.empty()) {
    sqlite3_bind_zeroblob(statement_.get(), index, 0);
    return;
  }
  sqlite3_bind_blob64(statement_.get(), index, value.data(), value.size(),
                      SQLITE_TRANSIENT);
}

void Statement::BindOne(int index, std::nullopt_t) {
  sqlite3_bind_null(statement_.get(), index);
}

void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Outcome<Database> Database::Open(const fs::path& path,
                                 std::span<const char* const> migrations) {
  MakePrivate(path);
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &raw,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE,
      nullptr);
  Database database(raw);
  if (code != SQLITE_OK) {
    Problem problem = Failed(raw, code);
    problem.words = path.string() + ": " + problem.words;
    return problem;
  }
  CAI_TRY(database.Configure(path));
  CAI_TRY(database.Migrate(path, migrations));
  return database;
}

Finished Database::Configure(const fs::path& path) {
  sqlite3_busy_timeout(database_.get(), kBusyMs);
  Finished set = Script(kPragmas);
  // The change to WAL does not wait for another process that makes the same
  // change: SQLite answers at once that the file is busy, whatever the timeout.
  for (int waited = 0;
       !set.ok() && waited < kBusyMs && set.error().error == Error::kHostInUse;
       waited += kPauseMs) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs));
    set = Script(kPragmas);
  }
  if (set.ok()) return set;
  Problem problem = set.error();
  problem.words = path.string() + ": " + problem.words;
  return problem;
}

Outcome<std::int64_t> Database::Version() {
  CAI_TRY_ASSIGN(Statement version, Prepare("PRAGMA user_version"));
  CAI_TRY(version.Step());
  return version.Int(0);
}

Finished Database::Migrate(const fs::path& path,
                           std::span<const char* const> migrations) {
  const auto newest = static_cast<std::int64_t>(migrations.size());
  CAI_TRY_ASSIGN(const std::int64_t seen, Version());
  if (seen == newest) return kDone;
  CAI_TRY_ASSIGN(Transaction transaction, Transaction::Begin(*this));
  // Again: another process may have migrated while this one waited.
  CAI_TRY_ASSIGN(const std::int64_t version, Version());
  if (version > newest)
    return Problem(Error::kHostDamaged,
                   path.string() + " was written by a newer version",
                   "use the newer version, or another --state folder");
  for (auto i = version; i < newest; ++i)
    CAI_TRY(Script(migrations[static_cast<std::size_t>(i)]));
  CAI_TRY(Script(("PRAGMA user_version=" + std::to_string(newest)).c_str()));
  return transaction.Commit();
}

Outcome<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code =
      sqlite3_prepare_v3(database_.get(), sql.data(),
                         static_cast<int>(sql.size()), 0, &raw, nullptr);
  if (code != SQLITE_OK) return Failed(database_.get(), code);
  return Statement(raw);
}

Finished Database::Script(const char* sql) {
  const int code =
      sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failed(database_.get(), code);
  return kDone;
}

std::int64_t Database::last_row() const {
  return sqlite3_last_insert_rowid(database_.get());
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(database_.get());
}

Outcome<Transaction> Transaction::Begin(Database& database) {
  CAI_TRY(database.Script("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Finished Transaction::Commit() {
  CAI_TRY(database_->Script("COMMIT"));
  database_ = nullptr;
  return kDone;
}

Transaction::~Transaction() {
  // The only failure is "no transaction": SQLite has rolled back by itself.
  if (database_ != nullptr) (void)database_->Script("ROLLBACK");
}

}  // namespace cai::host
