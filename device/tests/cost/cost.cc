// What the services of the product cost a caller, from psa_... to its return.
#include "device/psa/ns/service.h"
#include "device/tests/ns/tap.h"
#include "device/tests/ns/ticks.h"
#include "psa/crypto.h"
#include "psa/initial_attestation.h"
#include "psa/internal_trusted_storage.h"
#include "psa/protected_storage.h"

namespace cai::test {
namespace {

constexpr psa_storage_uid_t kUid = 0x77;
std::uint8_t data[64], token[1024], csr[512];
psa_status_t status;
std::size_t size;

// Notes what `action` costs when it is done again, which is what a running
// device pays.
void Measure(const char* words, void (*action)()) {
  status = PSA_ERROR_GENERIC_ERROR;
  action();
  EXPECT(status == PSA_SUCCESS);
  tap::Note(words, InstructionsOf(action));
  EXPECT(status == PSA_SUCCESS);
}

CAI_DEVICE_TEST(Cost, OfServices) {
  Measure("cost of its_set_64", [] {
    status = psa_its_set(kUid, sizeof data, data, PSA_STORAGE_FLAG_NONE);
  });
  Measure("cost of its_get_64",
          [] { status = psa_its_get(kUid, 0, sizeof data, data, &size); });
  Measure("cost of ps_set_64", [] {
    status = psa_ps_set(kUid, sizeof data, data, PSA_STORAGE_FLAG_NONE);
  });
  Measure("cost of ps_get_64",
          [] { status = psa_ps_get(kUid, 0, sizeof data, data, &size); });
  Measure("cost of random_32", [] { status = psa_generate_random(data, 32); });
  Measure("cost of token", [] {
    status = psa_initial_attest_get_token(data, 32, token, sizeof token, &size);
  });
  Measure("cost of csr", [] {
    const spm::Purpose purpose = spm::Purpose::kTlsClient;
    status = psa_ns::Call(spm::Sid::kIdentity,
                          static_cast<std::int32_t>(spm::IdentityOp::kCsr),
                          {psa_ns::In(purpose)}, csr, sizeof csr, &size);
  });
}

}  // namespace
}  // namespace cai::test
