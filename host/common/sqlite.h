// SQLite with RAII: a database in WAL mode, statements, transactions.
//
// One Database belongs to one thread. Several processes may open one file: a
// writer waits up to ten seconds for another (BEGIN IMMEDIATE), so nobody sees
// "database is locked" in the middle of a transaction.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "host/common/file.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cai::host {

class Statement {
 public:
  // Starts over and binds the parameters from the first on: integers, text,
  // Bytes or Blob, double, std::nullopt and optionals of these. Text and bytes
  // are copied.
  template <typename... Args>
  Statement& Bind(const Args&... args) {
    Reset();
    int index = 0;
    (BindOne(++index, args), ...);
    return *this;
  }

  // True if there is a row; its columns stay until the next call.
  Outcome<bool> Step();
  // To the end, ignoring rows.
  Finished Run();
  // Back to the start; what a reader holds of the database is let go.
  void Reset();

  std::int64_t Int(int column) const;
  double Real(int column) const;
  std::string Text(int column) const;
  Blob Bytes(int column) const;
  bool IsNull(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  void BindOne(int index, std::int64_t value);
  void BindOne(int index, double value);
  void BindOne(int index, std::string_view value);
  void BindOne(int index, cai::Bytes value);
  void BindOne(int index, std::nullopt_t);
  template <typename T>
    requires std::is_integral_v<T>
  void BindOne(int index, T value) {
    BindOne(index, static_cast<std::int64_t>(value));
  }
  void BindOne(int index, const std::string& value) {
    BindOne(index, std::string_view(value));
  }
  void BindOne(int index, const char* value) {
    BindOne(index, std::string_view(value));
  }
  void BindOne(int index, const Blob& value) {
    BindOne(index, cai::Bytes(value));
  }
  template <std::size_t N>
  void BindOne(int index, const ByteArray<N>& value) {
    BindOne(index, cai::Bytes(value));
  }
  template <typename T>
  void BindOne(int index, const std::optional<T>& value) {
    value ? BindOne(index, *value) : BindOne(index, std::nullopt);
  }

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  // Opens or makes the file (0600). `migrations[i]` is SQL that lifts the
  // schema from version i to i + 1; all that are missing run in one
  // transaction. kHostDamaged if the file is no database, or newer than this.
  static Outcome<Database> Open(const fs::path& path,
                                std::span<const char* const> migrations);

  Outcome<Statement> Prepare(std::string_view sql);
  // One statement, once.
  template <typename... Args>
  Finished Run(std::string_view sql, const Args&... args) {
    CAI_TRY_ASSIGN(Statement statement, Prepare(sql));
    return statement.Bind(args...).Run();
  }
  // Several statements, no parameters.
  Finished Script(const char* sql);

  std::int64_t last_row() const;
  // Rows that the last insert, update or delete touched.
  std::int64_t changes() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}
  Finished Configure(const fs::path& path);
  Finished Migrate(const fs::path& path,
                   std::span<const char* const> migrations);
  Outcome<std::int64_t> Version();

  std::unique_ptr<sqlite3, Close> database_;
};

// Takes the write lock at once; rolls back unless committed. Not nested.
class Transaction {
 public:
  static Outcome<Transaction> Begin(Database& database);
  Finished Commit();
  Transaction(Transaction&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace cai::host
