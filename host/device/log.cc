#include <cstdio>
#include <fstream>
#include <thread>

#include "host/device/run.h"

namespace cai::device {
namespace {

std::string SourceText(std::int32_t source) {
  switch (source) {
    case events::kSourceBoot:
      return "boot";
    case events::kSourceSpm:
      return "spm";
    case 1:
      return "crypto";
    case 2:
      return "storage";
    case 3:
      return "attest";
    case 4:
      return "seal";
    case 5:
      return "infer";
    case 6:
      return "sensor";
    case 10:
      return "update";
    default:
      return "partition " + std::to_string(source);
  }
}

bool CarriesError(std::uint16_t id) {
  using events::EventId;
  const auto event = EventId(id);
  return event == EventId::kImageRefused || event == EventId::kBootHalted ||
         event == EventId::kBootCounterFailed || event == EventId::kFlashFailed;
}

std::string ArgumentText(const events::Record& record) {
  const std::string_view name = ErrorName(Error(record.argument));
  if (CarriesError(record.id) && !name.empty())
    return std::string(name) + ": " +
           std::string(ErrorWords(Error(record.argument)));
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%u (0x%x)", record.argument,
                record.argument);
  return text.data();
}

}  // namespace

std::string EventText(const events::Record& record) {
  std::array<char, 64> head;
  std::snprintf(head.data(), head.size(), "%8.3f s  %-8s ",
                static_cast<double>(record.ms) / 1000.0,
                SourceText(record.source).c_str());
  std::string name(events::EventName(record.id));
  std::string words(events::EventWords(record.id));
  if (name.empty()) {
    std::array<char, 16> number;
    std::snprintf(number.data(), number.size(), "0x%04x", record.id);
    name = "Event " + std::string(number.data());
  }
  std::string text = head.data() + name;
  if (record.is_error()) text += " ERROR";
  if (!words.empty()) text += ": " + words;
  return text + " = " + ArgumentText(record);
}

Finished ReadLog(const Device& device, bool follow,
                 const std::function<bool()>& go_on,
                 const std::function<void(const events::Record&)>& on_event) {
  const fs::path path = device.folder() / "uart1.bin";
  std::ifstream file(path, std::ios::binary);
  if (!file && !follow)
    return host::Problem(Error::kHostNotFound, "the log of " + device.name(),
                         "cai device run " + device.name());
  events::Decoder decoder;
  for (;;) {
    if (!file.is_open()) file.open(path, std::ios::binary);
    char c;
    while (file.get(c))
      if (const auto record = decoder.Push(std::byte(c))) on_event(*record);
    if (!follow || !go_on()) return kDone;
    file.clear();  // at the end of what there is so far
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace cai::device
