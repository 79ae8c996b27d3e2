// A partition of the product's image that was taken over: it does what NS asks,
// with a partition's rights. The attack image alone has it.
#include <cstring>

#include "device/spm/partition.h"
#include "device/tests/partition/misbehave.h"
#include "device/tests/partition/ops.h"

namespace cai::test {
namespace {

using spm::Message;

// A call without vectors is refused or served before any vector is looked at.
psa_status_t CallService(Message& message) {
  const auto call = message.Read<PeerCall>(0);
  if (!call.ok()) return PSA_ERROR_INVALID_ARGUMENT;
  const psa_status_t status = spm::Call(static_cast<spm::Sid>(call->sid),
                                        call->op, nullptr, 0, nullptr, 0);
  return message.WriteValue(0, status).ok() ? PSA_SUCCESS
                                            : PSA_ERROR_BUFFER_TOO_SMALL;
}

// Bit n: privilege n was granted.
std::uint32_t GrantedPrivileges() {
  ByteArray<64> seed;
  ByteArray<32> key{};
  spm::BootData boot;
  const bool granted[] = {
      spm::TakeSpeRoot(key).ok(),
      spm::TakeSeed(seed).ok(),
      spm::TakeKey(key).ok(),
      spm::DepositKey(spm::PartitionId::kSeal, key).ok(),
      spm::GetBootData(boot).ok(),
      spm::ReadCounter(nv::Counter::kBoot).ok(),
      spm::AdvanceCounter(nv::Counter::kServiceGeneration, 7).ok(),
      spm::FlashRead(nv::kIts.offset, key).ok(),
      spm::FlashProgram(nv::kConfig.offset, Bytes(key).first(8)).ok(),
      spm::FlashErase(nv::kSecureSlotA.offset).ok(),
  };
  std::uint32_t bits = 0, n = 0;
  for (const bool one : granted) bits |= std::uint32_t{one} << n++;
  return bits;
}

psa_status_t Serve(Message& message) {
  const auto op = static_cast<Op>(message.op);
  if (op == Op::kCallPeer) return CallService(message);
  if (op == Op::kPrivileges)
    return message.WriteValue(0, GrantedPrivileges()).ok()
               ? PSA_SUCCESS
               : PSA_ERROR_BUFFER_TOO_SMALL;
  const auto address = message.Read<std::uint32_t>(0);
  return Misbehave(op, address.ok() ? *address : 0);
}

}  // namespace
}  // namespace cai::test

extern "C" psa_status_t cai_hostile_Start() { return PSA_SUCCESS; }

extern "C" psa_status_t cai_hostile_Serve(cai::spm::Message* message) {
  return cai::test::Serve(*message);
}
