// cai registry: the devices that this host knows.
#include <cstdio>

#include "host/common/state.h"
#include "host/registry/registry.h"
#include "tools/cai/commands.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

using registry::Device;
using registry::DeviceStatus;
using registry::Registry;

Registry OpenRegistry() {
  const auto state = Or(host::State::Open(common().StateDir().string()));
  return Or(Registry::Open(state.registry_db()));
}

// By name or uuid.
Device Find(Registry& registry, const std::string& who) {
  const auto uuid = host::ParseAnyUuid(who);
  return Or(uuid.ok() ? registry.Find(*uuid) : registry.FindByName(who));
}

const char* PinText(const Device& device) {
  if (!device.cose_sign) return "not enrolled";
  return device.cose_sign_attested ? "attested" : "tofu";
}

void PrintDevice(const Device& device) {
  const auto& [uuid, ueid, implementation, iak, board, name] =
      device.endorsement;
  if (common().json) {
    std::printf(
        "{\"name\":%s,\"uuid\":\"%s\",\"board\":%s,\"status\":\"%s\","
        "\"cose_sign\":\"%s\",\"ueid\":\"%s\"}\n",
        host::JsonString(name).c_str(), uuid.Text().c_str(),
        host::JsonString(board).c_str(),
        std::string(StatusText(device.status)).c_str(), PinText(device),
        host::Hex(ueid).c_str());
    return;
  }
  std::printf("%-16s %s  %-6s %-11s %s\n", name.c_str(), uuid.Text().c_str(),
              board.c_str(), std::string(StatusText(device.status)).c_str(),
              PinText(device));
}

void List() {
  Registry registry = OpenRegistry();
  for (const Device& device : Or(registry.Devices())) PrintDevice(device);
}

void PrintCertificate(const registry::CertificateRecord& record) {
  const std::string purpose(PurposeText(record.purpose));
  const std::string until = host::UtcText(record.not_after);
  if (common().json) {
    std::printf(
        "{\"serial\":\"%s\",\"purpose\":\"%s\",\"not_after\":\"%s\","
        "\"valid\":%s,\"attested\":%s}\n",
        record.serial.c_str(), purpose.c_str(), until.c_str(),
        record.valid ? "true" : "false", record.attested ? "true" : "false");
    return;
  }
  std::printf("  %-20s %-10s until %s %s%s\n", record.serial.c_str(),
              purpose.c_str(), until.c_str(),
              record.valid ? "valid" : "revoked",
              record.attested ? ", attested" : "");
}

void Show(const std::string& who) {
  Registry registry = OpenRegistry();
  const Device device = Find(registry, who);
  PrintDevice(device);
  for (const auto& record : Or(registry.Certificates(device.endorsement.uuid)))
    PrintCertificate(record);
}

void SetStatus(const std::string& who, DeviceStatus status) {
  Registry registry = OpenRegistry();
  const host::Uuid uuid = Find(registry, who).endorsement.uuid;
  Or(registry.SetStatus(uuid, status));
  PrintDevice(Or(registry.Find(uuid)));
}

void Revoke(const std::string& serial) {
  Registry registry = OpenRegistry();
  Or(registry.Revoke(serial));
  PrintCertificate(Or(registry.Certificate(serial)));
}

}  // namespace

void RegisterRegistry(CLI::App& app) {
  auto* group = app.add_subcommand("registry", "the devices this host knows");
  group->require_subcommand(1);
  static std::string who;
  const auto add = [group](const char* name, const char* help,
                           const char* argument, auto action) {
    auto* command = group->add_subcommand(name, help);
    command->add_option(argument, who)->required();
    command->callback([action] { action(who); });
  };
  group->add_subcommand("list", "all devices")->callback([] { List(); });
  add("show", "a device and its certificates", "device", Show);
  add("suspend", "refuse its readings until `activate`", "device",
      [](const std::string& d) { SetStatus(d, DeviceStatus::kSuspended); });
  add("activate", "take its readings again", "device",
      [](const std::string& d) { SetStatus(d, DeviceStatus::kActive); });
  add("unenrol", "no certificates and no readings any more", "device",
      [](const std::string& d) { SetStatus(d, DeviceStatus::kUnenrolled); });
  add("revoke", "a certificate by its serial number", "serial", Revoke);
}

}  // namespace cai::cli
