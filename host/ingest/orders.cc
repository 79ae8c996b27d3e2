#include "host/ingest/orders.h"

namespace cai::ingest {

using host::Problem;
using Op = wire::Command::Op;

const char* const kOrderTables = R"sql(
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, device TEXT,   -- null: every device
  op INTEGER NOT NULL, model BLOB, placed_ms INTEGER NOT NULL,
  lifted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE given (
  id INTEGER NOT NULL, device TEXT NOT NULL, sc INTEGER NOT NULL,
  counter INTEGER NOT NULL, given_ms INTEGER NOT NULL,
  PRIMARY KEY (id, device)               -- the last time of each
) STRICT;
CREATE TABLE command_counters (
  device TEXT PRIMARY KEY, counter INTEGER NOT NULL
) STRICT;
)sql";

namespace {

bool TakesModel(Op op) { return op == Op::kStopModel || op == Op::kAllowModel; }

Order OrderOf(const host::Statement& row) {
  Order order;
  order.id = row.Int(0);
  if (!row.IsNull(1)) order.device = row.Text(1);
  order.op = static_cast<Op>(row.Int(2));
  if (!row.IsNull(3)) CopyInto(order.model.emplace(), row.Bytes(3));
  order.placed_ms = static_cast<std::uint64_t>(row.Int(4));
  order.lifted = row.Int(5) != 0;
  return order;
}

}  // namespace

Outcome<std::int64_t> Orders::Place(const Order& order, std::uint64_t now_ms) {
  if (TakesModel(order.op) != order.model.has_value())
    return Problem(Error::kHostUsage,
                   "stop and allow name a model, others none");
  if (!order.device && !TakesModel(order.op))
    return Problem(Error::kHostUsage, "this command is for one device");
  CAI_TRY_ASSIGN(host::Transaction transaction,
                 host::Transaction::Begin(database_));
  if (order.op == Op::kAllowModel)
    CAI_TRY(database_.Run(
        "UPDATE orders SET lifted = 1 WHERE op = 2 AND model = ?1 AND "
        "(?2 IS NULL OR device = ?2)",
        *order.model, order.device));
  CAI_TRY(database_.Run(
      "INSERT INTO orders (device, op, model, placed_ms) VALUES (?, ?, ?, ?)",
      order.device, static_cast<std::int64_t>(order.op), order.model, now_ms));
  const std::int64_t id = database_.last_row();
  CAI_TRY(transaction.Commit());
  return id;
}

Outcome<std::vector<Order>> Orders::List() {
  CAI_TRY_ASSIGN(
      host::Statement row,
      database_.Prepare(
          "SELECT o.id, o.device, o.op, o.model, o.placed_ms, o.lifted, "
          "count(g.device), coalesce(max(g.given_ms), 0) FROM orders o LEFT "
          "JOIN given g ON g.id = o.id GROUP BY o.id ORDER BY o.id DESC"));
  std::vector<Order> orders;
  for (;;) {
    CAI_TRY_ASSIGN(const bool more, row.Step());
    if (!more) return orders;
    orders.push_back(OrderOf(row));
    orders.back().given = row.Int(6);
    orders.back().last_ms = static_cast<std::uint64_t>(row.Int(7));
  }
}

Outcome<std::int64_t> Orders::Newest() {
  CAI_TRY_ASSIGN(host::Statement row,
                 database_.Prepare("SELECT coalesce(max(id), 0) FROM orders"));
  CAI_TRY(row.Step());
  return row.Int(0);
}

Outcome<std::vector<Order>> Orders::Due(const std::string& device,
                                        std::uint64_t counter) {
  CAI_TRY_ASSIGN(
      host::Statement row,
      database_.Prepare(
          "SELECT o.id, o.device, o.op, o.model, o.placed_ms, o.lifted FROM "
          "orders o LEFT JOIN given g ON g.id = o.id AND g.device = ?1 WHERE "
          "(o.device = ?1 OR o.device IS NULL) AND o.lifted = 0 AND (g.sc IS "
          "NULL OR (o.op = 2 AND g.sc <> ?2)) ORDER BY o.id"));
  row.Bind(device, counter);
  std::vector<Order> orders;
  for (;;) {
    CAI_TRY_ASSIGN(const bool more, row.Step());
    if (!more) return orders;
    orders.push_back(OrderOf(row));
  }
}

Outcome<std::uint64_t> Orders::Give(const Order& order,
                                    const std::string& device,
                                    std::uint64_t counter,
                                    std::uint64_t now_ms) {
  CAI_TRY_ASSIGN(host::Transaction transaction,
                 host::Transaction::Begin(database_));
  CAI_TRY(
      database_.Run("INSERT INTO command_counters (device, counter) VALUES (?, "
                    "1) ON CONFLICT "
                    "(device) DO UPDATE SET counter = counter + 1",
                    device));
  CAI_TRY_ASSIGN(host::Statement row,
                 database_.Prepare(
                     "SELECT counter FROM command_counters WHERE device = ?"));
  CAI_TRY(row.Bind(device).Step());
  const std::int64_t number = row.Int(0);
  row.Reset();
  CAI_TRY(database_.Run(
      "INSERT INTO given (id, device, sc, counter, given_ms) VALUES (?1, ?2, "
      "?3, ?4, ?5) ON CONFLICT (id, device) DO UPDATE SET sc = ?3, counter = "
      "?4, given_ms = ?5",
      order.id, device, counter, number, now_ms));
  CAI_TRY(transaction.Commit());
  return static_cast<std::uint64_t>(number);
}

}  // namespace cai::ingest
