#include "device/spm/console.h"

#include "device/platform/uart.h"
#include "device/spm/time.h"

namespace cai::spm {

void StartConsole() { platform::StartSecureUart(); }

void Record(std::int32_t source, std::uint16_t id, std::uint32_t argument) {
  ByteArray<events::kMaxEncoded> out;
  const auto encoded = events::Encode({Uptime(), source, id, argument}, out);
  if (!encoded.ok()) return;  // kMaxEncoded holds every record
  for (const std::byte b : *encoded) platform::WriteSecureUart(b);
}

}  // namespace cai::spm
