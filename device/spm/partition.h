// What a partition sees of the SPM: its messages, its calls, its few
// privileges. Everything here is usable from unprivileged secure threads only;
// the host's test double is device/spm/sim.
//
// A partition is two C functions, run to completion on its own stack:
//   extern "C" psa_status_t cai_<name>_Start();                 once, at boot
//   extern "C" psa_status_t cai_<name>_Serve(cai::spm::Message*);
// and, if the manifest gives it interrupts, a third that quiets the device:
//   extern "C" psa_status_t cai_<name>_Interrupt(std::uint32_t irq);
// It runs like a call, between others and never inside one of this partition;
// its line is masked until it has returned.
// It is stopped for good if it faults; its caller then gets
// PSA_ERROR_COMMUNICATION_FAILURE, later callers PSA_ERROR_CONNECTION_REFUSED.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "device/nv/layout.h"
#include "device/spm/services.h"
#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "psa/error.h"

namespace cai::spm {

constexpr std::size_t kMaxVectors = 4;  // FF-M: in + out together at most 4

// One request. The SPM has checked every caller buffer, copied the inputs into
// this partition's own iovec area (manifest: iovec = [in, out]) and will copy
// back the first `out_size[i]` bytes of each output after Serve returns
// PSA_SUCCESS (or, for psa_call semantics, also on errors only if flagged by
// out_size). A request whose inputs or outputs exceed the area never gets here:
// the caller saw PSA_ERROR_INSUFFICIENT_MEMORY. No length in a Message was
// ever used to size memory.
struct Message {
  std::int32_t client;  // < 0: NS; > 0: PartitionId of the caller
  Sid sid;
  std::int32_t op;  // psa_call's `type`, >= 0; authority already checked
  std::uint8_t in_count, out_count;
  Bytes in[kMaxVectors];
  MutableBytes out[kMaxVectors];      // whole capacity the caller offers
  std::size_t out_size[kMaxVectors];  // set by Serve; starts at 0

  bool from_nonsecure() const { return client < 0; }

  // The value in in[i] if its size is exactly T's; T is trivially copyable.
  template <typename T>
  Result<T> Read(std::size_t i) const;

  // The outputs; refuse with kIpcNoRoom if the caller's is too small.
  Status Write(std::size_t i, Bytes data);
  template <typename T>
  Status WriteValue(std::size_t i, const T& value);
};

template <typename T>
Result<T> Message::Read(std::size_t i) const {
  static_assert(std::is_trivially_copyable_v<T>);
  if (i >= in_count || in[i].size() != sizeof(T)) return Error::kIpcBadRequest;
  T value;
  std::memcpy(&value, in[i].data(), sizeof(T));
  return value;
}

template <typename T>
Status Message::WriteValue(std::size_t i, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  // Safety: T is trivially copyable; its bytes are its value.
  return Write(i, {reinterpret_cast<const std::byte*>(&value), sizeof(T)});
}

// psa_call to another partition from a partition: static handles, one service
// per Sid. Blocks until the callee has returned. The callee never sees our
// memory; the SPM copies. (Outputs: sizes updated in place.)
struct InVec {
  const void* base;
  std::size_t len;
};
struct OutVec {
  void* base;
  std::size_t len;
};
psa_status_t Call(Sid sid, std::int32_t op, const InVec* in, std::size_t ins,
                  OutVec* out, std::size_t outs);

// What Call() hands to the SPM; nobody else's business.
struct CallArguments {
  std::uint32_t sid;
  std::int32_t op;
  const InVec* in;
  std::size_t ins;
  OutVec* out;
  std::size_t outs;
};

// ---- Privileged services, each granted by name in the manifest -------------

// Flash within the regions that the manifest grants (`flash = ["carry"]`).
// Reading is free; program: 8 B aligned, 8..256 B, each unit once per erase.
Status FlashRead(std::uint32_t offset, MutableBytes out);
Status FlashProgram(std::uint32_t offset, Bytes data);
Status FlashErase(std::uint32_t offset);  // one sector

// OTP counters (`counters = ["boot", ...]`).
Result<std::uint32_t> ReadCounter(nv::Counter counter);
Status AdvanceCounter(nv::Counter counter, std::uint32_t to);

// What boot handed over, less its secrets (`boot_data = true`).
struct BootData {
  std::uint32_t boot_count;
  std::uint32_t key_generation;
  std::uint16_t lifecycle;
  std::uint16_t component_count;
  // 0 or 1 each: where the S and the NS image were started from.
  std::array<std::uint8_t, 2> slots;
  ByteArray<16> uuid;
  ByteArray<33> ueid;
  ByteArray<32> implementation_id;
  ByteArray<32> service_roots[2];
  ByteArray<32> model_owners[2];
  struct {
    char type[8];
    ByteArray<32> measurement;
    ByteArray<32> signer;
    char version[24];
  } components[4];
};
Status GetBootData(BootData& out);

// Once each, to the crypto partition alone (`takes = ["spe_root", "seed"]`):
// the SPM wipes its copy.
Status TakeSpeRoot(std::span<std::byte, 32> out);
Status TakeSeed(std::span<std::byte, 64> out);

// A key handed from crypto to another partition at start (`gives_to`):
// crypto deposits, the receiver takes once, the SPM wipes.
Status DepositKey(PartitionId to, std::span<const std::byte, 32> key);
Status TakeKey(std::span<std::byte, 32> out);

// Milliseconds since the SPE started, from a secure timer.
std::uint64_t UptimeMs();

// A typed event on the secure console (UART1): CBOR [ms, partition, id, arg]
// with CRC, decoded by `cai device log` by way of events.h.
void Event(std::uint16_t id, std::uint32_t argument = 0);

}  // namespace cai::spm
