// The clients of the crypto partition by a small index: quotas, DRBGs and
// operation slots are per client, so that no client can starve another. All NS
// client ids are one client, the NSPE: inside of it there is no border.
#pragma once

#include <cstdint>
#include <optional>

#include "device/spm/services.h"

namespace cai::crypto_partition {

// Index 0 is the NSPE, else the PartitionId.
using Client = std::uint8_t;
constexpr Client kNonSecure = 0;
constexpr std::size_t kClients = 8;

constexpr std::optional<Client> ClientOf(std::int32_t id) {
  if (id < 0) return kNonSecure;
  if (id == 0 || id >= static_cast<std::int32_t>(kClients)) return std::nullopt;
  return static_cast<Client>(id);
}

// The owner that a client's keys carry inside of the PSA core.
constexpr std::int32_t OwnerOf(Client client) {
  return client == kNonSecure ? -1 : client;
}

}  // namespace cai::crypto_partition
