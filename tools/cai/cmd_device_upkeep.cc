// `cai device show`, `reset`, `unenrol`: how a device stands, and starting
// over.
#include <cstdio>

#include "host/common/json.h"
#include "host/device/upkeep.h"
#include "tools/cai/commands.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

host::State OpenState() {
  return Or(host::State::Open(common().StateDir().string()));
}

device::Device OpenDevice(const std::string& name) {
  return Or(device::Device::Open(OpenState(), name));
}

std::string_view LifecycleText(std::uint8_t lifecycle) {
  switch (lifecycle) {  // RFC 9783, 4.3.1
    case 0:
    case 1:
      return "assembly-and-test";
    case 2:
      return "psa-rot-provisioning";
    case 3:
      return "secured";
    case 4:
      return "non-psa-rot-debug";
    case 5:
      return "recoverable-psa-rot-debug";
    case 6:
      return "decommissioned";
  }
  return "unknown";
}

std::string_view EnrolmentText(const device::Facts& facts) {
  if (!facts.record) return "unknown to the registry";
  if (!facts.record->cose_sign) return "not enrolled";
  return facts.record->cose_sign_attested ? "attested" : "tofu";
}

boost::json::object FactsJson(const device::Device& device,
                              const device::Facts& facts) {
  return {{"name", device.name()},
          {"board", device.board().name},
          {"uuid", device.uuid().Text()},
          {"running", facts.running},
          {"lifecycle", LifecycleText(facts.lifecycle)},
          {"status", facts.record ? registry::StatusText(facts.record->status)
                                  : "unknown"},
          {"enrolment", EnrolmentText(facts)},
          {"boots", facts.boots},
          {"boots_left", facts.boots_left},
          {"reading_ranges_left", facts.reading_ranges_left},
          {"its_versions_left", facts.its_versions_left},
          {"ps_versions_left", facts.ps_versions_left},
          {"secure_floor", facts.secure_floor},
          {"nonsecure_floor", facts.nonsecure_floor}};
}

void Show(const std::string& name) {
  const auto device = OpenDevice(name);
  const auto rows = FactsJson(device, Or(Look(OpenState(), device)));
  if (common().json) {
    std::puts(boost::json::serialize(rows).c_str());
    return;
  }
  for (const auto& [key, value] : rows) {
    const std::string text = value.is_string() ? std::string(value.as_string())
                                               : boost::json::serialize(value);
    std::printf("%-20s %s\n", std::string(key).c_str(), text.c_str());
  }
}

void Say(const device::Device& device, const char* what) {
  if (!common().json)
    std::printf("%s: %s\n", device.name().c_str(), what);
  else
    std::puts(boost::json::serialize(
                  boost::json::object{{"name", device.name()}, {"done", what}})
                  .c_str());
}

void Reset(const std::string& name, bool storage) {
  const auto device = OpenDevice(name);
  Or(storage ? device::EraseStorage(device) : device::Reset(device));
  Say(device, storage ? "storage erased" : "reset");
}

void Unenrol(const std::string& name) {
  const auto device = OpenDevice(name);
  Or(device::Unenrol(OpenState(), device));
  Say(device, "unenrolled; it enrols anew at its next start");
}

}  // namespace

void RegisterDeviceUpkeep(CLI::App& group) {
  auto name = std::make_shared<std::string>();
  const auto add = [&group, name](const char* command, const char* words) {
    auto* const app = group.add_subcommand(command, words);
    app->add_option("name", *name, "name of the device")->required();
    return app;
  };
  add("show", "lifecycle, counters and enrolment of a device")
      ->callback([name] { Show(*name); });
  auto* const reset = add("reset", "reset a running device");
  auto storage = std::make_shared<bool>(false);
  reset->add_flag("--storage", *storage,
                  "instead erase what a stopped one stored");
  reset->callback([=] { Reset(*name, *storage); });
  add("unenrol",
      "erase what a stopped device stored and revoke its certificates; it "
      "must enrol anew")
      ->callback([name] { Unenrol(*name); });
}

}  // namespace cai::cli
