// `cai demo sensor`: what the emulated sensors measure, set through QMP.
#include <charconv>
#include <cmath>
#include <cstdio>

#include "host/common/json.h"
#include "host/device/device.h"
#include "host/device/qmp.h"
#include "tools/cai/commands.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

struct Quantity {
  std::string_view name;
  std::string_view object;  // of QEMU's machine
  std::string_view property;
  double scale;  // one unit of ours in units of the property
  double least, most;
  std::string_view unit;
};

// tmp105 counts millidegrees, the magnetometer nanotesla (1 gauss = 1e5 nT);
// its model takes no negative field.
constexpr std::array<Quantity, 4> kQuantities = {{
    {"temperature", "temperature", "temperature", 1000, -55, 127.9,
     "degrees C"},
    {"field", "magnetometer", "mag-x", 100'000, 0, 1.8, "gauss"},
    {"field-y", "magnetometer", "mag-y", 100'000, 0, 1.8, "gauss"},
    {"field-z", "magnetometer", "mag-z", 100'000, 0, 1.8, "gauss"},
}};

struct Setting {
  const Quantity* quantity;
  double value;
};

Stop Usage(const std::string& text) {
  return {"sensor setting '" + text + "' is not understood",
          "temperature=72.5 (degrees C) or field=0.4, field-y=, field-z= "
          "(gauss)",
          kExitUsage};
}

std::string RangeOf(const Quantity& quantity) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "from %g to %g %s", quantity.least,
                quantity.most, std::string(quantity.unit).c_str());
  return text.data();
}

Setting ParseSetting(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) throw Usage(text);
  const std::string_view name = std::string_view(text).substr(0, equals);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] =
      std::from_chars(text.data() + equals + 1, end, value);
  if (error != std::errc() || at != end || !std::isfinite(value))
    throw Usage(text);
  for (const Quantity& quantity : kQuantities) {
    if (quantity.name != name) continue;
    if (value < quantity.least || value > quantity.most)
      throw Stop(text + " is beyond what the sensor measures",
                 RangeOf(quantity), kExitUsage);
    return {&quantity, value};
  }
  throw Usage(text);
}

void Apply(const device::Device& device, const std::vector<Setting>& settings) {
  auto qmp = Or(device::Qmp::Open(device.folder() / "qmp.sock"));
  for (const Setting& setting : settings)
    Or(qmp.Execute(
        "qom-set",
        {{"path",
          "/machine/peripheral/" + std::string(setting.quantity->object)},
         {"property", setting.quantity->property},
         {"value", std::llround(setting.value * setting.quantity->scale)}}));
}

// The device of that name, or all that run.
std::vector<device::Device> Targets(const std::string& name) {
  const auto state = Or(host::State::Open(common().StateDir().string()));
  std::vector<device::Device> targets;
  if (!name.empty()) {
    targets.push_back(Or(device::Device::Open(state, name)));
  } else {
    for (auto& device : Or(device::Device::List(state)))
      if (device.running()) targets.push_back(std::move(device));
  }
  if (targets.empty()) throw Stop("no device runs", "./run demo starts two");
  return targets;
}

// `cai demo sensor [NAME] temperature=72.5 field=0.4`
void SetSensors(std::vector<std::string> words) {
  std::string name;
  if (!words.empty() && words[0].find('=') == std::string::npos) {
    name = words[0];
    words.erase(words.begin());
  }
  std::vector<Setting> settings;
  for (const auto& word : words) settings.push_back(ParseSetting(word));
  if (settings.empty()) throw Usage("");
  boost::json::array names;
  for (const auto& device : Targets(name)) {
    if (!device.running())
      throw Stop(device.name() + " does not run",
                 "cai device run " + device.name());
    Apply(device, settings);
    names.push_back(boost::json::string(device.name()));
    for (const Setting& setting : settings)
      if (!common().json)
        std::printf("%s: %s is now %g %s\n", device.name().c_str(),
                    std::string(setting.quantity->name).c_str(), setting.value,
                    std::string(setting.quantity->unit).c_str());
  }
  if (common().json)
    std::puts(
        boost::json::serialize(boost::json::object{{"set", names}}).c_str());
}

}  // namespace

void RegisterDemo(CLI::App& app) {
  auto* const group = app.add_subcommand("demo", "play with the running demo");
  group->require_subcommand(1);
  auto* const sensor =
      group->add_subcommand("sensor", "set what the emulated sensors measure");
  auto words = std::make_shared<std::vector<std::string>>();
  sensor
      ->add_option("settings", *words, "[NAME] temperature=72.5 field=0.4 ...")
      ->required();
  sensor->callback([words] { SetSensors(*words); });
}

}  // namespace cai::cli
