// What a partition that was granted nothing gets: from every service, every
// privilege. secure_attack has the product's partitions beside it.
#include "device/spm/services.h"
#include "device/tests/ns/tap.h"
#include "device/tests/partition/ops.h"
#include "psa/client.h"

namespace cai::test {
namespace {

psa_status_t AskHostile(Op op, const void* request, std::size_t size,
                        std::uint32_t& answer) {
  const psa_invec in{request, size};
  psa_outvec out{&answer, sizeof answer};
  return psa_call(CAI_PSA_HANDLE(kHostileSid), static_cast<std::int32_t>(op),
                  &in, 1, &out, 1);
}

CAI_DEVICE_TEST(Hostile, MayCallNoOperationOfAnyService) {
  std::uint32_t refused = 0;
  for (std::uint32_t sid = 0; sid <= 0x20; ++sid)
    for (std::int32_t op = 0; op <= 255; ++op) {
      const PeerCall call{sid, op, 0};
      std::uint32_t status = 0;
      EXPECT(AskHostile(Op::kCallPeer, &call, sizeof call, status) ==
             PSA_SUCCESS);
      if (status == static_cast<std::uint32_t>(PSA_ERROR_NOT_PERMITTED))
        ++refused;
    }
  EXPECT(refused == 0x21 * 256);
}

CAI_DEVICE_TEST(Hostile, HasNoPrivilegeAtAll) {
  std::uint32_t granted = ~0u;
  EXPECT(AskHostile(Op::kPrivileges, nullptr, 0, granted) == PSA_SUCCESS);
  EXPECT(granted == 0);
  tap::Note("bit mask of what was granted", granted);
}

// After a partition of the product is gone, the others serve.
CAI_DEVICE_SCENARIO(Hostile, CrashLeavesTheOthersServing) {
  std::uint32_t nothing = 0;
  EXPECT(AskHostile(Op::kUndefined, nullptr, 0, nothing) ==
         PSA_ERROR_COMMUNICATION_FAILURE);
  EXPECT(AskHostile(Op::kPrivileges, nullptr, 0, nothing) ==
         PSA_ERROR_CONNECTION_REFUSED);
  std::uint8_t uuid[16] = {}, ueid[33] = {};
  psa_outvec out[] = {{uuid, sizeof uuid}, {ueid, sizeof ueid}};
  EXPECT(
      psa_call(CAI_PSA_HANDLE(static_cast<std::int32_t>(spm::Sid::kIdentity)),
               static_cast<std::int32_t>(spm::IdentityOp::kUuid), nullptr, 0,
               out, 2) == PSA_SUCCESS);
  EXPECT(out[1].len == sizeof ueid && ueid[0] == 1);
}

}  // namespace
}  // namespace cai::test
