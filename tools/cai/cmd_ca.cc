// cai ca: the certificate authority. cai broker: Mosquitto's configuration.
#include <cstdio>

#include "host/ca/authority.h"
#include "host/ca/broker.h"
#include "tools/cai/commands.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

host::State OpenState() {
  return Or(host::State::Open(common().StateDir().string()));
}

void Init() {
  const host::State state = OpenState();
  Or(ca::Authority::Init(state, host::NowSeconds()));
  if (common().json) {
    std::printf("{\"ca\":%s}\n",
                host::JsonString((state.ca() / "ca.crt").string()).c_str());
  } else {
    std::printf("the CA and its credentials are in %s\n", state.root().c_str());
  }
}

void ShowOne(const char* name, const host::fs::path& path) {
  const auto certificate = Or(host::ReadCertificate(path));
  const auto serial = host::SerialText(certificate.get());
  const auto until = host::UtcText(host::NotAfter(certificate.get()));
  if (common().json) {
    std::printf("{\"name\":\"%s\",\"serial\":\"%s\",\"not_after\":\"%s\"}\n",
                name, serial.c_str(), until.c_str());
  } else {
    std::printf("%-20s serial %-20s valid until %s\n", name, serial.c_str(),
                until.c_str());
  }
}

void Show() {
  const host::State state = OpenState();
  Or(ca::Authority::Open(state));
  ShowOne("ca", state.ca() / "ca.crt");
  ShowOne("bootstrap-server", ca::BootstrapTls(state).certificate);
  ShowOne("bootstrap-class", ca::BootstrapCredential(state).certificate);
  ShowOne("broker-server", ca::BrokerTls(state).certificate);
  ShowOne("ingest", ca::IngestTls(state).certificate);
}

void WriteBroker(std::uint16_t wanted) {
  const host::State state = OpenState();
  const auto port = Or(state.ChoosePort(state.broker(), wanted));
  const auto path = Or(ca::WriteBrokerConfig(state, port));
  if (common().json) {
    std::printf("{\"config\":%s,\"port\":%u}\n",
                host::JsonString(path.string()).c_str(), unsigned{port});
  } else {
    std::printf("%s for 127.0.0.1:%u; `mosquitto -c` takes it\n", path.c_str(),
                unsigned{port});
  }
}

}  // namespace

void RegisterCa(CLI::App& app) {
  auto* group = app.add_subcommand("ca", "the certificate authority");
  group->require_subcommand(1);
  group
      ->add_subcommand("init",
                       "make the CA, the servers' certificates and the "
                       "bootstrap credential; keeps what is there")
      ->callback([] { Init(); });
  group->add_subcommand("show", "show its certificates")->callback([] {
    Show();
  });
}

void RegisterBroker(CLI::App& app) {
  auto* group = app.add_subcommand("broker", "the MQTT broker");
  group->require_subcommand(1);
  static std::uint16_t port = 0;
  auto* config = group->add_subcommand(
      "config", "write mosquitto.conf and its access list");
  config->add_option("--port", port,
                     "port (else the one used before, else a free one)");
  config->callback([] { WriteBroker(port); });
}

}  // namespace cai::cli
