// What one device is told at its making, signed by the service root:
// `configuration` in configuration.cddl. In NV at kConfig: u32 little-endian
// length, then the message.
#pragma once

#include <optional>

#include "lib/wire/types.h"

namespace cai::wire {

// Texts and byte strings point into what was parsed.
struct Configuration {
  static constexpr std::size_t kMaxHost = 64;
  static constexpr std::size_t kMaxCertificate = 1024;
  static constexpr std::size_t kMaxPayload =
      1 + 2 * (1 + 2 + kMaxHost + 1 + 5 + 1 + 3) +
      2 * (1 + 3 + kMaxCertificate) + (1 + 9) + (1 + 5) + (1 + 34) + (1 + 17) +
      (1 + 9) + (1 + 66);
  static constexpr std::size_t kMaxEncoded =
      1 + 1 + (1 + 17) + 1 + (3 + kMaxPayload) + (2 + 64);

  struct Server {
    std::string_view host;
    ByteArray<4> ipv4{};
    std::uint16_t port = 0;
  };
  Server bootstrap;               // 1, 2, 3
  Server broker;                  // 4, 5, 6
  Bytes ca_certificate;           // 7, DER
  Svc svc{};                      // 8
  std::uint32_t interval_ms = 0;  // 9, between readings
  Bytes bootstrap_certificate;    // 10, DER
  Bytes bootstrap_scalar;         // 11, 32 bytes; empty outside SPE
  Uuid uuid{};                    // 12
  std::uint64_t issued_at = 0;    // 13, Unix seconds
  crypto::P256Public root;        // 14
};

// The map alone: with label 11 if the scalar is there, else as identity.kConfig
// gives it.
Result<Bytes> EncodeConfiguration(const Configuration& configuration,
                                  MutableBytes out);
Result<Configuration> ParseConfiguration(Bytes in);

// The whole message, by the root whose public half is `configuration.root`.
// `scratch` holds the payload meanwhile and is wiped.
Result<Bytes> MakeConfiguration(const Configuration& configuration,
                                crypto::P256Private root, MutableBytes scratch,
                                MutableBytes out);

// Root key by its hash from OTP (kWireWrongRoot), its signature, this device
// (kWireWrongDevice).
Result<Configuration> OpenConfiguration(
    Bytes message, std::span<const ByteArray<32>> root_hashes,
    const Uuid& uuid);

}  // namespace cai::wire
