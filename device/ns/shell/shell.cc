#include "device/ns/shell/shell.h"

#include <array>

#include "device/images/memory_map.h"
#include "device/ns/log.h"
#include "device/ns/net/network.h"
#include "device/ns/platform/clock.h"
#include "device/ns/platform/cpu.h"
#include "device/ns/platform/uart.h"
#include "device/ns/shell/cbor_text.h"
#include "device/ns/spe.h"
#include "device/ns/time.h"
#include "device/partitions/sensor/api.h"
#include "lib/cbor/reader.h"
#include "lib/x509/certificate.h"

namespace cai::ns {
namespace {

constexpr std::string_view kPrompt = "> ";

void Say(const Text& text) { Print(text); }

std::string_view Name(App::State state) {
  constexpr std::string_view kNames[] = {
      "waiting for the network", "waiting for the time",
      "waiting for a configuration", "enrolling", "running"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view Name(Link::State state) {
  constexpr std::string_view kNames[] = {"stopped",     "waiting to dial again",
                                         "dialling",    "greeting the broker",
                                         "subscribing", "ready"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view Name(spm::SealKind kind) {
  constexpr std::string_view kNames[] = {"nothing yet", "a session message",
                                         "a reading", "needs a service key"};
  const auto index = static_cast<std::size_t>(kind);
  return index < std::size(kNames) ? kNames[index] : "?";
}

// A secure service's CBOR answer, or why there is none.
void SayCbor(std::string_view label, const Result<Bytes>& answer) {
  Text text;
  text << label << ": ";
  if (answer.ok())
    AppendCbor(*answer, text);
  else
    text << "unavailable (status " << spe::LastStatus() << ')';
  Say(text);
}

void Status(App& app, std::string_view) {
  const std::uint64_t now = clock::NowMs();
  Say(Text() << "up " << now / 1000 << " s on " << memory::kBoardName << ", "
             << Name(app.state()));
  const auto time = UnixTime();
  Text text;
  text << "time: ";
  if (time)
    text.UtcTime(static_cast<std::int64_t>(*time));
  else
    text << "not valid";
  Say(text);
  const Uplink::Counters& c = app.uplink().counters();
  Say(Text() << "uplink: " << c.sessions << " sessions, " << c.readings
             << " readings, " << c.hellos << " hellos, " << c.repeats
             << " repeats");
  Say(Text() << "  acknowledged " << c.acknowledged << ", unheard " << c.unheard
             << ", refused " << c.refused << ", in flight "
             << (app.link() ? app.link()->in_flight() : 0));
  Say(Text() << "downlink: " << c.keys << " keys, " << c.challenges
             << " challenges, " << c.commands << " commands, " << c.needs
             << " needs, " << c.unknown << " unknown");
  Say(Text() << "seal: last answer " << Name(app.uplink().last_kind())
             << ", failures " << c.failures << " (status "
             << app.uplink().last_status() << ')');
  ByteArray<256> memory;
  SayCbor("seal status", spe::SealStatus(memory));
  const TlsMemory pool = tls_memory();
  Say(Text() << "memory: TLS pool " << pool.size << " B, peak " << pool.peak
             << " B; log lines lost " << log_lines_lost());
}

void Identity(App& app, std::string_view) {
  if (!app.configuration()) return Say(Text() << "not known yet");
  Say(Text() << "uuid: " << app.uuid());
  Text ueid;
  ueid << "ueid: ";
  Say(ueid.Hex(app.ueid()));
  Text service;
  service << "service: ";
  Say(service.Hex(app.configuration()->svc));
  Say(Text() << "bootstrap: " << app.configuration()->bootstrap.host << ':'
             << app.configuration()->bootstrap.port);
  Say(Text() << "broker: " << app.configuration()->broker.host << ':'
             << app.configuration()->broker.port);
  Say(Text() << "interval: " << app.configuration()->interval_ms << " ms");
}

void SayCertificate(std::string_view label, Bytes der) {
  const auto certificate = x509::ParseCertificate(der);
  if (der.empty() || !certificate.ok()) return Say(Text() << label << ": none");
  Text name;
  name << label << ": CN=";
  name.Foreign(certificate->subject.common_name) << " OU=";
  Say(name.Foreign(certificate->subject.unit));
  Text serial;
  serial << "  serial ";
  Say(serial.Hex(certificate->serial));
  Text validity;
  validity << "  valid ";
  validity.UtcTime(certificate->not_before) << " to ";
  Say(validity.UtcTime(certificate->not_after));
}

void CertificatesCommand(App& app, std::string_view argument) {
  if (argument == "renew") {
    app.Enrol(clock::NowMs());
    return Say(Text() << "enrolling again");
  }
  SayCertificate("TLS client",
                 app.certificates().Get(spm::Purpose::kTlsClient));
  SayCertificate("COSE sign", app.certificates().Get(spm::Purpose::kCoseSign));
  const auto cloud = ParseCloudSettings(app.certificates().cloud());
  if (!cloud.ok()) return;
  Text text;
  text << "cloud: ";
  Say(text.Foreign(cloud->host) << ':' << cloud->port);
}

void Net(App& app, std::string_view) {
  const network::State state = network::state();
  Text text;
  text << "interface: " << (state.up ? "up" : "down") << ", address ";
  text.Ipv4(state.address) << ", gateway ";
  text.Ipv4(state.gateway) << ", mac ";
  Say(text.Hex(state.mac));
  Say(Text() << "frames: " << state.received << " in, " << state.sent
             << " out, " << state.dropped << " dropped");
  if (const Link* link = app.link())
    Say(Text() << "link: " << Name(link->state()) << ", " << link->connections()
               << " connections, last end " << link->error());
  Say(Text() << "tls: handshake " << app.tls().handshake_ms()
             << " ms, last code " << app.tls().last_code() << ", verify flags "
             << app.tls().verify_flags());
}

void Sensor(App&, std::string_view) {
  const auto present = spe::SensorsPresent();
  if (!present.ok())
    return Say(Text() << "unavailable (status " << spe::LastStatus() << ')');
  const auto has = [&](std::uint32_t bit) {
    return (*present & bit) != 0 ? "present" : "absent";
  };
  Say(Text() << "temperature: " << has(sensor::kHasTemperature));
  Say(Text() << "magnetometer: " << has(sensor::kHasMagnetic));
  Say(Text() << "clock: " << has(sensor::kHasClock));
  Say(Text() << "values go sealed to the service, never here");
}

// [* [name, version, sha256]]
void Infer(App& app, std::string_view) {
  ByteArray<1024> memory;
  const auto models = spe::Models(memory);
  if (!models.ok()) return SayCbor("models", models);
  cbor::Reader reader(*models, cbor::Mode::kLenient);
  const auto count = reader.Array();
  for (std::uint64_t i = 0; count.ok() && i < *count; ++i) {
    const auto one = reader.Skip();
    if (!one.ok()) break;
    SayCbor("model", *one);
  }
  Say(Text() << "outputs taken: " << app.uplink().counters().readings
             << ", all sealed");
}

void LogCommand(App&, std::string_view argument) {
  constexpr LogLevel kLevels[] = {LogLevel::kError, LogLevel::kWarning,
                                  LogLevel::kInfo, LogLevel::kDebug};
  if (argument.starts_with("level")) argument.remove_prefix(5);
  while (argument.starts_with(' ')) argument.remove_prefix(1);
  for (const LogLevel level : kLevels)
    if (argument == LogLevelName(level)) SetLogLevel(level);
  Say(Text() << "log level: " << LogLevelName(log_level()));
}

void Reset(App&, std::string_view argument) {
  if (argument != "now")
    return Say(Text() << "`reset now` restarts the device");
  SystemReset();
}

void Help(App&, std::string_view);

struct Command {
  std::string_view name, words;
  void (*run)(App&, std::string_view argument);
};
constexpr Command kCommands[] = {
    {"help", "this list", Help},
    {"status", "what the device is doing", Status},
    {"identity", "who it is and whom it trusts to talk to", Identity},
    {"certificates", "what it holds; `certificates renew` enrols again",
     CertificatesCommand},
    {"net", "interface, link and TLS", Net},
    {"sensor", "which sensors answer", Sensor},
    {"infer", "which models run", Infer},
    {"log", "`log level error|warning|info|debug`", LogCommand},
    {"reset", "`reset now` restarts the device", Reset},
};

void Help(App&, std::string_view) {
  for (const Command& command : kCommands)
    Say(Text() << command.name << " - " << command.words);
}

}  // namespace

void Shell::Advance() {
  while (const auto c = uart::Read()) {
    const LineEditor::Result typed = editor_.Type(*c);
    (void)uart::Write(AsBytes(typed.echo));
    if (!typed.line) continue;
    Run(*typed.line);
    (void)uart::Write(AsBytes(kPrompt));
  }
}

void Shell::Run(std::string_view line) {
  while (line.starts_with(' ')) line.remove_prefix(1);
  while (line.ends_with(' ')) line.remove_suffix(1);
  if (line.empty()) return;
  const std::size_t space = line.find(' ');
  const std::string_view name = line.substr(0, space);
  std::string_view argument;
  if (space != std::string_view::npos) argument = line.substr(space + 1);
  while (argument.starts_with(' ')) argument.remove_prefix(1);
  for (const Command& command : kCommands)
    if (command.name == name) return command.run(app_, argument);
  Text text;
  text << "error: no command `";
  Print(text.Foreign(name) << '`');
  Print(Text() << "hint: `help` lists them");
}

}  // namespace cai::ns
