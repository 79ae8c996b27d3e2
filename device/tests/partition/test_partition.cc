// The partition that misbehaves on request.
#include <cstring>

#include "device/images/memory_map.h"
#include "device/nv/layout.h"
#include "device/spm/partition.h"
#include "device/tests/partition/misbehave.h"
#include "device/tests/partition/ops.h"
#include "device/tests/partition/sender.h"

namespace cai::test {
namespace {

using spm::Message;

// Something in each kind of memory, so that the loader has work.
std::uint32_t initialised = 0x5EED0001;
std::uint32_t zeroed;
ByteArray<32> root;

psa_status_t Echo(Message& message) {
  for (std::size_t i = 0; i < message.in_count && i < message.out_count; ++i)
    message.out_size[i] = CopyInto(message.out[i], message.in[i]).size();
  return PSA_SUCCESS;
}

psa_status_t Describe(Message& message) {
  Description out{.client = message.client,
                  .sid = static_cast<std::uint32_t>(message.sid),
                  .op = message.op,
                  .in_count = message.in_count,
                  .out_count = message.out_count,
                  .in_sizes = {},
                  .out_sizes = {},
                  .unprivileged = 0};
  for (std::size_t i = 0; i < spm::kMaxVectors; ++i) {
    out.in_sizes[i] = message.in[i].size();
    out.out_sizes[i] = message.out[i].size();
  }
  __asm__ volatile("mrs %0, control" : "=r"(out.unprivileged));
  return message.WriteValue(0, out).ok() ? PSA_SUCCESS
                                         : PSA_ERROR_BUFFER_TOO_SMALL;
}

psa_status_t GiveStatus(Message& message) {
  const auto status = message.Read<std::int32_t>(0);
  if (!status.ok()) return PSA_ERROR_INVALID_ARGUMENT;
  (void)message.WriteValue(0, std::uint32_t{0xA5A5A5A5});
  return *status;
}

void SpinMs(std::uint32_t ms) {
  const std::uint64_t end = spm::UptimeMs() + ms;
  while (spm::UptimeMs() < end) {
  }
}

// One pointer at a time that is not this partition's own.
psa_status_t CallPeer(Message& message) {
  const auto call = message.Read<PeerCall>(0);
  if (!call.ok() || message.in_count < 2 || message.out_count < 2)
    return PSA_ERROR_INVALID_ARGUMENT;
  // Safety: addresses that the SPM must refuse; they are never followed here.
  auto* const foreign = reinterpret_cast<std::byte*>(memory::kSpmRam.base);
  auto* const nonsecure =
      reinterpret_cast<std::byte*>(memory::kNonsecureDataNs.base);
  spm::InVec in{message.in[1].data(), message.in[1].size()};
  spm::OutVec out{message.out[1].data(), message.out[1].size()};
  if (call->bad == 1) in.base = foreign;
  if (call->bad == 2) out.base = foreign;
  if (call->bad == 3) in.base = nonsecure;
  if (call->bad == 4) out.base = const_cast<char*>("read-only");
  if (call->bad == 5) in.len = ~std::size_t{0};
  const auto* in_vectors =
      call->bad == 6 ? reinterpret_cast<spm::InVec*>(foreign) : &in;
  auto* out_vectors =
      call->bad == 7 ? reinterpret_cast<spm::OutVec*>(foreign) : &out;
  const std::size_t outs = call->bad == 8 ? 4 : 1;
  const psa_status_t status =
      spm::Call(static_cast<spm::Sid>(call->sid), call->op, in_vectors, 1,
                out_vectors, outs);
  message.out_size[1] = status == PSA_SUCCESS ? out.len : 0;
  (void)message.WriteValue(0, PeerResult{status, out.len});
  return PSA_SUCCESS;
}

bool Is(const Status& status, Error error) {
  return !status.ok() && status.error() == error;
}

// The manifest grants: crash_log, counter reading, spe_root (taken at start),
// boot data, gives_to test_peer. Returns the number of the first wrong answer.
std::uint32_t CheckPrivileges() {
  ByteArray<8> data{};
  data[0] = std::byte{0x42};
  const std::uint32_t mine = nv::kCrashLog.offset;
  if (!spm::FlashErase(mine).ok()) return 1;
  if (!spm::FlashProgram(mine, data).ok()) return 2;
  ByteArray<8> back{};
  if (!spm::FlashRead(mine, back).ok() || back != data) return 3;
  if (!Is(spm::FlashRead(nv::kConfig.offset, back), Error::kIpcNotPermitted))
    return 4;
  const std::uint32_t end = nv::kCrashLog.offset + nv::kCrashLog.size;
  if (!Is(spm::FlashProgram(end - 4, data), Error::kIpcNotPermitted)) return 5;
  if (!Is(spm::FlashErase(nv::kIts.offset), Error::kIpcNotPermitted)) return 6;
  // Safety: an address of the SPM's, which it must refuse to write.
  auto* const spm_ram = reinterpret_cast<std::byte*>(memory::kSpmRam.base);
  if (!Is(spm::FlashRead(mine, {spm_ram, 8}), Error::kIpcBadRequest)) return 7;

  const auto before = spm::ReadCounter(nv::Counter::kReading);
  if (!before.ok()) return 10;
  if (!spm::AdvanceCounter(nv::Counter::kReading, *before + 1).ok()) return 11;
  const auto after = spm::ReadCounter(nv::Counter::kReading);
  if (!after.ok() || *after != *before + 1) return 12;
  if (!Is(spm::AdvanceCounter(nv::Counter::kReading, *before),
          Error::kCounterBackwards))
    return 13;
  if (!Is(spm::AdvanceCounter(nv::Counter::kBoot, 9), Error::kIpcNotPermitted))
    return 14;
  if (spm::ReadCounter(static_cast<nv::Counter>(200)).ok()) return 15;

  ByteArray<64> seed;
  ByteArray<32> key{};
  if (!Is(spm::TakeSpeRoot(key), Error::kIpcNotPermitted)) return 20;  // twice
  if (!Is(spm::TakeSeed(seed), Error::kIpcNotPermitted)) return 21;
  if (!Is(spm::TakeKey(key), Error::kIpcNotPermitted)) return 22;
  if (!Is(spm::DepositKey(spm::PartitionId::kTest, key),
          Error::kIpcNotPermitted))
    return 23;
  spm::BootData boot;
  if (!spm::GetBootData(boot).ok() || boot.boot_count != 1) return 24;
  if (boot.ueid[0] != std::byte{1} || boot.uuid[0] != std::byte{0xD1})
    return 25;
  if (root[0] != std::byte{0xD0} || root[31] != std::byte{0xD0}) return 26;
  return 0;
}

psa_status_t Hold(Message& message) {
  // The whole area, whatever the caller offers: all calls before were wiped.
  std::uint32_t dirty = 0;
  for (const std::byte b : message.out[0])
    dirty += std::to_integer<std::uint32_t>(b);
  (void)message.WriteValue(0, dirty);
  return PSA_SUCCESS;
}

psa_status_t Misdirect(Message& message) {
  message.out[0] = MutableBytes(root);
  message.out_size[0] = 4;
  return PSA_SUCCESS;
}

psa_status_t Serve(Message& message) {
  switch (static_cast<Op>(message.op)) {
    case Op::kEcho:
      return Echo(message);
    case Op::kDescribe:
      return Describe(message);
    case Op::kStatus:
      return GiveStatus(message);
    case Op::kSpin: {
      const auto ms = message.Read<std::uint32_t>(0);
      if (ms.ok()) SpinMs(*ms);
      return PSA_SUCCESS;
    }
    case Op::kUptime:
      (void)message.WriteValue(0, spm::UptimeMs());
      return PSA_SUCCESS;
    case Op::kCallPeer:
      return CallPeer(message);
    case Op::kPrivileges:
      (void)message.WriteValue(0, CheckPrivileges());
      return PSA_SUCCESS;
    case Op::kHold:
      return Hold(message);
    case Op::kRaise: {
      const auto bytes = message.Read<std::uint32_t>(0);
      if (bytes.ok()) Raise(*bytes);
      return PSA_SUCCESS;
    }
    case Op::kInterrupts:
      (void)message.WriteValue(0, Seen());
      return PSA_SUCCESS;
    case Op::kFaultOnInterrupt:
      RaiseAndFault();
      return PSA_SUCCESS;
    case Op::kOverstate:
      message.out_size[0] = 1 << 20;
      return PSA_SUCCESS;
    case Op::kMisdirect:
      return Misdirect(message);
    default: {
      const auto address = message.Read<std::uint32_t>(0);
      return Misbehave(static_cast<Op>(message.op),
                       address.ok() ? *address : 0);
    }
  }
}

}  // namespace
}  // namespace cai::test

extern "C" psa_status_t cai_test_Start() {
  using namespace cai;
  using namespace cai::test;
  if (initialised != 0x5EED0001 || zeroed != 0) return PSA_ERROR_GENERIC_ERROR;
  zeroed = 1;
  if (!spm::TakeSpeRoot(root).ok()) return PSA_ERROR_GENERIC_ERROR;
  const ByteArray<32> key{std::byte{0x77}};
  if (!spm::DepositKey(spm::PartitionId{8}, key).ok())
    return PSA_ERROR_GENERIC_ERROR;
  return PSA_SUCCESS;
}

extern "C" psa_status_t cai_test_Serve(cai::spm::Message* message) {
  return cai::test::Serve(*message);
}
