// Multipart operations in progress: a fixed number of slots, of which each
// client may hold so many. A handle carries the slot's generation, so that one
// kept too long names nothing.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "device/partitions/crypto/clients.h"
#include "lib/base/bytes.h"
#include "psa/crypto.h"

namespace cai::crypto_partition {

// T is trivially copyable; all zero is inactive, as for every PSA operation.
template <typename T, std::size_t kSlots, std::size_t kNonSecureLimit,
          std::size_t kSecureLimit>
class Operations {
  static_assert(kNonSecureLimit < kSlots, "NS may not hold every slot");
  static_assert(kSlots < 255);
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  struct Opened {
    T* operation;  // nullptr: the client has all that it may have
    std::uint32_t handle;
  };

  Opened Open(Client client) {
    const std::size_t limit =
        client == kNonSecure ? kNonSecureLimit : kSecureLimit;
    if (Held(client, [](const T&) { return true; }) >= limit)
      return {nullptr, 0};
    for (std::size_t i = 0; i < kSlots; ++i) {
      Slot& slot = slots_[i];
      if (slot.used) continue;
      slot.used = true;
      slot.client = client;
      slot.generation = (slot.generation + 1) & 0xffffff;
      // Not T{}: that need not reach every member of a union.
      std::memset(&slot.operation, 0, sizeof(T));
      return {&slot.operation, Handle(i)};
    }
    return {nullptr, 0};
  }

  // nullptr unless it is a live handle of this client.
  T* Find(Client client, std::uint32_t handle) {
    const std::size_t i = (handle & 0xff) - 1;
    if (i >= kSlots || !slots_[i].used || slots_[i].client != client ||
        Handle(i) != handle)
      return nullptr;
    return &slots_[i].operation;
  }

  // The operation was aborted or finished; the memory is the slot's again.
  void Close(T* operation) {
    for (Slot& slot : slots_)
      if (&slot.operation == operation) slot.used = false;
  }

  // How many that a client holds are so.
  template <typename Predicate>
  std::size_t Held(Client client, Predicate is_so) const {
    std::size_t held = 0;
    for (const Slot& slot : slots_)
      held += slot.used && slot.client == client && is_so(slot.operation);
    return held;
  }

 private:
  struct Slot {
    T operation;
    std::uint32_t generation;
    Client client;
    bool used;
  };

  std::uint32_t Handle(std::size_t i) const {
    return slots_[i].generation << 8 | static_cast<std::uint32_t>(i + 1);
  }

  Slot slots_[kSlots] = {};
};

// The operations with keys take turns in the same slots: few are open at once,
// and an AEAD's state is large.
struct KeyedOperation {
  enum class Kind : std::uint8_t { kNone, kMac, kAead, kDerivation };

  union {
    psa_mac_operation_t mac;
    psa_aead_operation_t aead;
    psa_key_derivation_operation_t derivation;
  };
  Kind kind;
  // Of a derivation: bytes of its inputs that the core keeps in the pool.
  std::uint16_t kept;
};

}  // namespace cai::crypto_partition
