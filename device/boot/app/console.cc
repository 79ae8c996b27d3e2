#include "device/boot/app/console.h"

#include "device/boot/boot.h"
#include "device/platform/uart.h"
#include "lib/events/events.h"

namespace cai::boot {
namespace {

using events::EventId;

void Record(EventId id, std::uint32_t argument) {
  ByteArray<events::kMaxEncoded> out;
  const events::Record record{.ms = 0,
                              .source = events::kSourceBoot,
                              .id = static_cast<std::uint16_t>(id),
                              .argument = argument};
  const auto encoded = events::Encode(record, out);
  if (!encoded.ok()) return;  // kMaxEncoded holds every record
  for (const std::byte b : *encoded) platform::WriteSecureUart(b);
}

}  // namespace

void StartConsole() { platform::StartSecureUart(); }

void Note(Step step, std::uint32_t detail, Error error) {
  const auto reason = static_cast<std::uint32_t>(error);
  switch (step) {
    case Step::kStart:
      return;
    case Step::kCandidate:
      return Record(EventId::kBootCandidate, detail);
    case Step::kRefused:
      return Record(EventId::kImageRefused, reason);
    case Step::kAccepted:
      return Record(EventId::kBootAccepted, detail);
    case Step::kCounter:
      if (error == Error{}) return Record(EventId::kBootStarted, detail);
      return Record(EventId::kBootCounterFailed, reason);
    case Step::kIdentity:
      return Record(EventId::kBootIdentity, detail);
    case Step::kLaunch:
      return Record(EventId::kBootDone, detail);
    case Step::kHalted:
      return Record(EventId::kBootHalted, reason);
  }
}

}  // namespace cai::boot
