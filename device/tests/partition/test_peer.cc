// The partition next door: a callee of `test`, and a target it must not reach.
#include <algorithm>

#include "device/spm/partition.h"
#include "device/tests/partition/ops.h"

namespace cai::test {
namespace {

using spm::Message;

ByteArray<32> key;

psa_status_t Reverse(Message& message) {
  if (message.in_count != 1 || message.out_count != 1)
    return PSA_ERROR_INVALID_ARGUMENT;
  const MutableBytes filled = CopyInto(message.out[0], message.in[0]);
  std::ranges::reverse(filled);
  message.out_size[0] = filled.size();
  return PSA_SUCCESS;
}

psa_status_t Serve(Message& message) {
  switch (static_cast<PeerOp>(message.op)) {
    case PeerOp::kReverse:
      return Reverse(message);
    case PeerOp::kDescribe:
      (void)message.WriteValue(0, message.client);
      return PSA_SUCCESS;
    case PeerOp::kFault:
      __asm__ volatile("udf #2");
      return PSA_SUCCESS;
    case PeerOp::kHang:
      for (;;) __asm__ volatile("");
    case PeerOp::kWhere:
      // Safety: 32-bit machine; the tests aim at it.
      (void)message.WriteValue(0, reinterpret_cast<std::uint32_t>(&key));
      return PSA_SUCCESS;
  }
  return PSA_ERROR_NOT_SUPPORTED;
}

}  // namespace
}  // namespace cai::test

extern "C" psa_status_t cai_test_peer_Start() {
  using namespace cai;
  using namespace cai::test;
  if (!spm::TakeKey(key).ok() || key[0] != std::byte{0x77})
    return PSA_ERROR_GENERIC_ERROR;
  ByteArray<32> again;
  return spm::TakeKey(again).ok() ? PSA_ERROR_GENERIC_ERROR : PSA_SUCCESS;
}

extern "C" psa_status_t cai_test_peer_Serve(cai::spm::Message* message) {
  return cai::test::Serve(*message);
}
