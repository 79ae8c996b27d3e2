// The device's two certificates and the broker's name, in Protected Storage.
#pragma once

#include <cstdint>
#include <string_view>

#include "device/spm/services.h"
#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::ns {

constexpr std::size_t kMaxCertificate = 1024;

// Lower case, with hyphens (RFC 9562, 4): the certificates' CN, the MQTT client
// id, part of the topics.
struct UuidText {
  char text[36];
  std::string_view view() const { return {text, sizeof(text)}; }
};
UuidText FormatUuid(std::span<const std::byte, 16> uuid);

// What the bootstrap server said of the cloud (`ccs`): shown, not followed; the
// broker that the device dials is the signed configuration's.
struct CloudSettings {
  std::string_view host;
  std::uint16_t port = 0;
};

class Certificates {
 public:
  // Takes what storage has. Certificates that are not this device's, or do not
  // parse, count as missing.
  void Load(std::string_view uuid);

  // In memory only until Save().
  Status Set(spm::Purpose purpose, Bytes der, std::string_view uuid);
  Status SetCloud(Bytes ccs);  // CBOR {1: host, 2: port}
  Status Save();

  // Empty if missing. Valid until the next call that changes it.
  Bytes Get(spm::Purpose purpose) const;
  Bytes cloud() const { return Bytes(cloud_).first(cloud_size_); }

  // Both there, and the TLS certificate valid at `unix_s`.
  bool Usable(std::int64_t unix_s) const;

 private:
  struct One {
    ByteArray<kMaxCertificate> der{};
    std::size_t size = 0;
  };
  One& Of(spm::Purpose purpose) {
    return purpose == spm::Purpose::kTlsClient ? tls_ : cose_;
  }
  One tls_, cose_;
  ByteArray<128> cloud_{};
  std::size_t cloud_size_ = 0;
};

Result<CloudSettings> ParseCloudSettings(Bytes ccs);

}  // namespace cai::ns
