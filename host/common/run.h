// The life of a service process: signals, log.
#pragma once

#include <functional>
#include <string>

#include "host/common/state.h"

namespace boost::asio {
class io_context;
}

namespace cai::host {

// Runs `io` until SIGTERM or SIGINT; then calls `stop` once and returns when
// nothing is left to do, at the latest after three seconds.
void RunUntilSignal(boost::asio::io_context& io, std::function<void()> stop);

// spdlog's default logger writes to logs/<name>.log (rotated: 3 x 4 MB) and,
// from warnings on, to standard error. Level from $CAI_LOG (default info).
// No secret and no payload goes into a log.
Finished OpenLog(const State& state, const std::string& name);

}  // namespace cai::host
