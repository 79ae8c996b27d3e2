// cai-bootstrap: gives devices their certificates.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "host/bootstrap/api.h"
#include "host/common/run.h"

namespace cai::bootstrap {
namespace {

struct Options {
  std::string state;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  Config config{std::string(ca::kBrokerHost), 0, false};
};

host::Finished Run(Options options) {
  CAI_TRY_ASSIGN(const host::State state, host::State::Open(options.state));
  CAI_TRY(host::OpenLog(state, "bootstrap"));
  CAI_TRY_ASSIGN(ca::Authority authority, ca::Authority::Open(state));
  CAI_TRY_ASSIGN(const host::FileLock lock,
                 host::FileLock::Take(state.bootstrap() / "lock",
                                      "another cai-bootstrap"));
  CAI_TRY_ASSIGN(registry::Registry registry,
                 registry::Registry::Open(state.registry_db()));
  CAI_TRY_ASSIGN(host::TlsContextPtr tls,
                 host::ServerTls(ca::BootstrapTls(state)));
  if (options.config.broker_port == 0)
    options.config.broker_port = state.SavedPort(state.broker()).value_or(8883);

  Api api(options.config, std::move(authority), std::move(registry));
  boost::asio::io_context io(1);
  host::HttpServer server(
      io,
      [&api](const host::HttpRequest& request) {
        return api.Handle(request, host::NowMilliseconds());
      },
      host::HttpLimits{.body_bytes = 4096}, std::move(tls),
      [&api](const host::TlsPeer& peer) { return api.Accepts(peer); });
  CAI_TRY_ASSIGN(const std::uint16_t chosen,
                 state.ChoosePort(state.bootstrap(), options.port));
  CAI_TRY_ASSIGN(const std::uint16_t port,
                 server.Listen(options.address, chosen));
  std::printf("cai-bootstrap listens on %s:%u\n", options.address.c_str(),
              unsigned{port});
  std::fflush(stdout);
  spdlog::info("listening on {}:{}", options.address, port);
  host::RunUntilSignal(io, [&server] { server.Stop(); });
  spdlog::info("stopped");
  return kDone;
}

int Main(int argc, char** argv) {
  CLI::App app("Gives devices their certificates", "cai-bootstrap");
  Options options;
  app.add_option("--state", options.state,
                 "state folder (else $CAI_STATE, else build/demo/state)");
  app.add_option("--port", options.port,
                 "port (else the one used before, else a free one)");
  app.add_option("--address", options.address, "address to listen on");
  app.add_option("--broker-host", options.config.broker_host,
                 "what /ccs names (default broker.cai.local)");
  app.add_option("--broker-port", options.config.broker_port,
                 "what /ccs names (default: the broker's in the state folder)");
  app.add_flag("--class-reads", options.config.class_reads,
               "let the class credential read every device's certificates, as "
               "LITE does");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return host::Report({Error::kHostUsage, error.what(), "see --help"});
  }
  const host::Finished finished = Run(std::move(options));
  return finished.ok() ? 0 : host::Report(finished.error());
}

}  // namespace
}  // namespace cai::bootstrap

int main(int argc, char** argv) { return cai::bootstrap::Main(argc, argv); }
