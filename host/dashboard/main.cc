// cai-dashboard: the page that shows the fleet and its verified readings.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "host/common/run.h"
#include "host/dashboard/dashboard.h"

namespace {

using namespace cai;

host::Finished Run(const std::string& state_flag, std::uint16_t port) {
  CAI_TRY_ASSIGN(const host::State state, host::State::Open(state_flag));
  CAI_TRY(host::OpenLog(state, "dashboard"));
  CAI_TRY_ASSIGN(dashboard::View view, dashboard::View::Open(state));
  boost::asio::io_context io;
  host::HttpServer server(
      io, dashboard::MakeHandler(
              std::make_shared<dashboard::View>(std::move(view))));
  CAI_TRY_ASSIGN(const std::uint16_t taken, server.Listen("127.0.0.1", port));
  std::printf("dashboard: http://127.0.0.1:%u/\n", taken);
  std::fflush(stdout);
  host::RunUntilSignal(io, [&] { server.Stop(); });
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Shows verified readings in a browser on this machine",
               "cai-dashboard");
  std::string state;
  std::uint16_t port = 0;
  app.add_option("--state", state, "state folder");
  app.add_option("--port", port, "port on 127.0.0.1 (0: a free one)");
  CLI11_PARSE(app, argc, argv);
  const auto done = Run(state, port);
  return done.ok() ? 0 : host::Report(done.error());
}
