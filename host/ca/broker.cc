#include "host/ca/broker.h"

#include <pwd.h>
#include <unistd.h>

#include "host/ca/authority.h"

namespace cai::ca {
namespace {

using host::Problem;
using host::State;
namespace fs = host::fs;

// Mosquitto's configuration has no quoting: a line break in a path would begin
// another option.
bool IsPlain(const fs::path& path) {
  const std::string text = path.string();
  return text.find_first_of("\r\n") == std::string::npos;
}

// Started by root, Mosquitto would become a user who cannot read the state
// folder; by anybody else it ignores this.
std::string OwnName() {
  const passwd* entry = getpwuid(geteuid());
  return entry == nullptr ? "root" : entry->pw_name;
}

std::string Configuration(const State& state, std::uint16_t port) {
  const host::TlsFiles tls = BrokerTls(state);
  const auto line = [](std::string_view name, const std::string& value) {
    return std::string(name) + " " + value + "\n";
  };
  std::string text = "# Written by `cai broker config`.\n";
  text += line("user", OwnName());
  text += "per_listener_settings false\n";
  text += line("listener", std::to_string(port) + " 127.0.0.1");
  text += line("cafile", tls.ca.string());
  text += line("certfile", tls.certificate.string());
  text += line("keyfile", tls.key.string());
  text += "require_certificate true\n";
  text += "use_identity_as_username true\n";
  text += "allow_anonymous false\n";
  // In Mosquitto 2 this is a minimum.
  text += "tls_version tlsv1.2\n";
  text += line("acl_file", (state.broker() / "acl").string());
  // What is queued for an ingest that is away survives a restart of the broker.
  text += "persistence true\n";
  text += line("persistence_location", state.broker().string() + "/");
  text += "autosave_interval 30\n";
  text += "persistent_client_expiration 7d\n";
  // No message of ours exceeds 4 KB and its topic.
  text += "max_packet_size 5000\n";
  text += "max_keepalive 600\n";
  text += "max_connections 1000\n";
  text += "max_inflight_messages 64\n";
  text += "max_queued_messages 100000\n";
  text += "max_queued_bytes 67108864\n";
  text += "set_tcp_nodelay true\n";
  text += "log_dest stderr\n";
  text += "log_type error\nlog_type warning\nlog_type notice\n";
  text += "connection_messages true\n";
  return text;
}

std::string AccessList() {
  std::string text = "# Written by `cai broker config`.\n";
  text += "user " + std::string(kIngestName) + "\n";
  text += "topic readwrite cai/#\n\n";
  // For every user: %u is the common name of its certificate.
  text += "pattern readwrite cai/%u/#\n";
  return text;
}

}  // namespace

host::Outcome<fs::path> WriteBrokerConfig(const State& state,
                                          std::uint16_t port) {
  if (!IsPlain(state.root()))
    return Problem(Error::kHostUsage,
                   "the state folder's name has a line break");
  if (!fs::exists(BrokerTls(state).certificate))
    return Problem(Error::kHostNotFound, BrokerTls(state).certificate.string(),
                   "make it with `cai ca init`");
  CAI_TRY(host::WriteFile(state.broker() / "acl", AccessList()));
  const fs::path path = state.broker() / "mosquitto.conf";
  CAI_TRY(host::WriteFile(path, Configuration(state, port)));
  return path;
}

}  // namespace cai::ca
