// What an operator wants devices to do: rows of readings.db, written by
// `cai command`, given out by the running ingest (docs/design/0014).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/common/sqlite.h"
#include "lib/crypto/hash.h"
#include "lib/wire/downlink.h"

namespace cai::ingest {

using host::Finished;
using host::Outcome;

struct Order {
  std::int64_t id = 0;
  std::optional<std::string> device;  // uuid; none: every device
  wire::Command::Op op = wire::Command::Op::kNewSession;
  std::optional<crypto::Digest> model;  // stop, allow
  std::uint64_t placed_ms = 0;
  bool lifted = false;        // a stop that an allow ended
  std::int64_t given = 0;     // to how many devices
  std::uint64_t last_ms = 0;  // when last
};

// A view of a database that outlives it. An order that is placed is never
// deleted: it is the record of who was told what.
class Orders {
 public:
  explicit Orders(host::Database& database) : database_(database) {}

  // Its id. An allow lifts the stops of its model: for its device, or, without
  // one, for all. kHostUsage for a device-less op that is neither, and for a
  // model where none belongs.
  Outcome<std::int64_t> Place(const Order& order, std::uint64_t now_ms);
  // Newest first.
  Outcome<std::vector<Order>> List();
  // Changes when an order is placed.
  Outcome<std::int64_t> Newest();

  // What `device` is to be told in its session `counter`, in the order placed:
  // standing stops that this session was not told of, and all else that the
  // device never was. Whether the session names the model is the caller's
  // question.
  Outcome<std::vector<Order>> Due(const std::string& device,
                                  std::uint64_t counter);
  // Notes that it was given in this session; the number for the command, above
  // every earlier one of this device.
  Outcome<std::uint64_t> Give(const Order& order, const std::string& device,
                              std::uint64_t counter, std::uint64_t now_ms);

 private:
  host::Database& database_;
};

// The tables, as a migration of readings.db.
extern const char* const kOrderTables;

}  // namespace cai::ingest
