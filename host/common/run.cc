#include "host/common/run.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdlib>

namespace cai::host {
namespace {

constexpr std::size_t kLogSize = 4u << 20;
constexpr std::size_t kLogFiles = 2;
constexpr std::chrono::seconds kGrace{3};

spdlog::level::level_enum Level() {
  const char* wanted = std::getenv("CAI_LOG");
  return wanted == nullptr ? spdlog::level::info
                           : spdlog::level::from_str(wanted);
}

}  // namespace

void RunUntilSignal(boost::asio::io_context& io, std::function<void()> stop) {
  // A peer that went away is an error code of the write, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  boost::asio::steady_timer grace(io);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    stop();
    grace.expires_after(kGrace);
    grace.async_wait([&](const boost::system::error_code& cancelled) {
      if (!cancelled) io.stop();
    });
  });
  io.run();
}

Finished OpenLog(const State& state, const std::string& name) {
  CAI_TRY(MakeFolder(state.logs()));
  const fs::path path = state.logs() / (name + ".log");
  umask(077);
  try {
    auto file = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
        path.string(), kLogSize, kLogFiles);
    auto console = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    console->set_level(spdlog::level::warn);
    auto logger = std::make_shared<spdlog::logger>(
        name, spdlog::sinks_init_list{file, console});
    logger->set_level(Level());
    logger->flush_on(spdlog::level::info);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                        spdlog::pattern_time_type::utc);
    spdlog::set_default_logger(std::move(logger));
  } catch (const spdlog::spdlog_ex& problem) {
    return Problem(Error::kHostIo, problem.what());
  }
  return kDone;
}

}  // namespace cai::host
