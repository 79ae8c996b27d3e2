// What the dashboard and `cai readings` show: rows of readings.db and the
// registry, as JSON. Reads only; never holds a lock that ingest waits for.
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <memory>
#include <string>

#include "host/common/state.h"

namespace cai::dashboard {

using host::Finished;
using host::Outcome;

class View {
 public:
  // Also before anything was stored: it is empty then.
  static Outcome<View> Open(const host::State& state);
  View(View&&) noexcept;
  ~View();

  // Highest row of readings and of refusals.
  struct Mark {
    std::int64_t reading = 0;
    std::int64_t refusal = 0;
  };
  Outcome<Mark> Newest();
  // The mark with the last `count` readings behind it.
  Outcome<Mark> Before(std::int64_t count);

  // Rows after the mark, oldest first, at most `limit` of each; moves the mark.
  using Row = std::function<void(const boost::json::object&)>;
  Finished Readings(Mark& mark, std::int64_t limit, const Row& row);
  Finished Refusals(Mark& mark, std::int64_t limit, const Row& row);

  // {"devices": [...], "readings": [newest first], "refusals": [...]}.
  Outcome<std::string> Everything();

 private:
  struct State;
  explicit View(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cai::dashboard
