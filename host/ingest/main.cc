// cai-ingest: verifies what devices sealed, and stores it.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "host/common/run.h"
#include "host/ingest/service.h"

namespace cai::ingest {
namespace {

host::Finished Run(const std::string& state_flag, ServiceOptions options) {
  CAI_TRY_ASSIGN(const host::State state, host::State::Open(state_flag));
  CAI_TRY(host::OpenLog(state, "ingest"));
  if (options.broker_port == 0)
    options.broker_port = state.SavedPort(state.broker()).value_or(8883);
  boost::asio::io_context io(1);
  CAI_TRY_ASSIGN(const auto service, Service::Open(state, options, io));
  service->Start();
  std::printf("cai-ingest listens to the broker on %s:%u\n",
              options.broker_address.c_str(), unsigned{options.broker_port});
  std::fflush(stdout);
  host::RunUntilSignal(io, [&] { service->Stop(); });
  if (service->failure()) return *service->failure();
  spdlog::info("stopped");
  return kDone;
}

int Main(int argc, char** argv) {
  CLI::App app("Verifies what devices sealed, and stores it", "cai-ingest");
  std::string state;
  ServiceOptions options;
  app.add_option("--state", state,
                 "state folder (else $CAI_STATE, else build/demo/state)");
  app.add_option("--broker-port", options.broker_port,
                 "the broker's port (default: the one in the state folder)");
  app.add_option("--broker-address", options.broker_address,
                 "the broker's address");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return host::Report({Error::kHostUsage, error.what(), "see --help"});
  }
  const host::Finished finished = Run(state, options);
  return finished.ok() ? 0 : host::Report(finished.error());
}

}  // namespace
}  // namespace cai::ingest

int main(int argc, char** argv) { return cai::ingest::Main(argc, argv); }
