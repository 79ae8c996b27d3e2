// The device's own services as the NSPE calls them: results, edges, refusals.
#include "cai/device.h"

#include <cstring>

#include "device/spm/services.h"
#include "device/tests/ns/tap.h"
#include "lib/base/bytes.h"
#include "lib/x509/csr.h"
#include "psa/client.h"
#include "psa/crypto.h"
#include "tfm_ns_interface.h"

namespace {

using namespace cai;

std::uint8_t memory[4096];
const std::uint8_t nonce[CAI_KEY_TOKEN_NONCE_SIZE] = {7};

CAI_DEVICE_TEST(Device, Identity_IsOfTheSpecifiedForm) {
  std::uint8_t uuid[CAI_UUID_SIZE] = {}, ueid[CAI_UEID_SIZE] = {};
  EXPECT(cai_identity_get(uuid, ueid) == PSA_SUCCESS);
  EXPECT(ueid[0] == 0x01);
  const std::uint8_t zero[CAI_UUID_SIZE] = {};
  EXPECT(std::memcmp(uuid, zero, sizeof(uuid)) != 0);
}

// Every call goes through the port's own dispatcher, if there is one.
std::uint32_t dispatched = 0;
extern "C" std::int32_t tfm_ns_interface_dispatch(veneer_fn fn,
                                                  std::uint32_t arg0,
                                                  std::uint32_t arg1,
                                                  std::uint32_t arg2,
                                                  std::uint32_t arg3) {
  ++dispatched;
  return fn(arg0, arg1, arg2, arg3);
}

CAI_DEVICE_TEST(Device, APortsDispatcher_SeesEveryCall) {
  EXPECT(tfm_ns_interface_init() == 0);
  dispatched = 0;
  std::uint32_t sensors = 0;
  EXPECT(cai_sensor_present(&sensors) == PSA_SUCCESS);
  EXPECT(dispatched == 1);
  EXPECT(psa_version(static_cast<std::uint32_t>(spm::Sid::kSensor)) == 1);
  EXPECT(psa_version(0x1234) == PSA_VERSION_NONE);
  EXPECT(dispatched == 3);
}

// Signed by the key that psa_export_public_key shows.
CAI_DEVICE_TEST(Device, Requests_AreForTheDevicesKeys) {
  std::size_t size = 99;
  for (const cai_purpose_t purpose :
       {CAI_PURPOSE_TLS_CLIENT, CAI_PURPOSE_COSE_SIGN}) {
    EXPECT(cai_identity_csr(purpose, memory, sizeof(memory), &size) ==
           PSA_SUCCESS);
    EXPECT(size <= CAI_CSR_MAX_SIZE);
    const auto request = x509::ParseCsr(AsBytes(memory, size));
    EXPECT(request.ok());
    if (!request.ok() || purpose != CAI_PURPOSE_TLS_CLIENT) continue;
    std::uint8_t point[65];
    std::size_t point_size = 0;
    EXPECT(psa_export_public_key(CAI_KEY_TLS_CLIENT, point, sizeof(point),
                                 &point_size) == PSA_SUCCESS);
    EXPECT(std::memcmp(point + 1, request->key.xy.data(), 64) == 0);
  }
  // That was the last one's size.
  EXPECT(cai_identity_csr(CAI_PURPOSE_COSE_SIGN, memory, size - 1, &size) ==
         PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT(size == 0);
  EXPECT(cai_identity_csr(CAI_PURPOSE_TLS_CLIENT, nullptr, 0, &size) ==
         PSA_ERROR_BUFFER_TOO_SMALL);
  // The attestation key, and what is none, have no requests.
  for (const cai_purpose_t purpose : {0u, 3u, 4u, 0xffffffffu}) {
    EXPECT(cai_identity_csr(purpose, memory, sizeof(memory), &size) ==
           PSA_ERROR_PROGRAMMER_ERROR);
    EXPECT(cai_attest_key_token(nonce, purpose, memory, sizeof(memory),
                                &size) == PSA_ERROR_PROGRAMMER_ERROR);
    EXPECT(size == 0);
  }
}

CAI_DEVICE_TEST(Device, KeyToken_IsACoseSign1) {
  std::size_t size = 0;
  EXPECT(cai_attest_key_token(nonce, CAI_PURPOSE_COSE_SIGN, memory,
                              sizeof(memory), &size) == PSA_SUCCESS);
  EXPECT(size > 200 && memory[0] == 0xd2 && memory[1] == 0x84);
  EXPECT(cai_attest_key_token(nonce, CAI_PURPOSE_COSE_SIGN, memory, 100,
                              &size) == PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT(size == 0);
}

// The hand-off of this image has no configuration: nothing can be sealed.
CAI_DEVICE_TEST(Device, WithoutAConfiguration_NothingIsSealed) {
  std::size_t size = 99;
  cai_seal_step_t next = {};
  EXPECT(cai_identity_configuration(memory, sizeof(memory), &size) ==
         PSA_ERROR_DOES_NOT_EXIST);
  EXPECT(size == 0);
  EXPECT(cai_seal_next(&next, memory, CAI_SEAL_MESSAGE_MAX_SIZE, &size) ==
         PSA_ERROR_DOES_NOT_EXIST);
  EXPECT(size == 0);
  EXPECT(cai_seal_service_key(nonce, sizeof(nonce)) != PSA_SUCCESS);
  EXPECT(cai_seal_downlink(nonce, 0) != PSA_SUCCESS);
  EXPECT(cai_seal_status(memory, sizeof(memory), &size) == PSA_SUCCESS);
  EXPECT(size > 1 && (memory[0] & 0xe0) == 0xa0);  // a CBOR map
  EXPECT(cai_seal_status(memory, 1, &size) == PSA_ERROR_BUFFER_TOO_SMALL);
}

CAI_DEVICE_TEST(Device, SensorsAndModels_AreListed) {
  std::uint32_t sensors = ~0u;
  std::size_t size = 0;
  EXPECT(cai_sensor_present(&sensors) == PSA_SUCCESS);
  EXPECT((sensors &
          ~(CAI_HAS_TEMPERATURE | CAI_HAS_MAGNETIC | CAI_HAS_CLOCK)) == 0);
  std::uint64_t now = 0;
  const psa_status_t status = cai_sensor_time(&now);
  EXPECT((status == PSA_SUCCESS) == ((sensors & CAI_HAS_CLOCK) != 0));
  EXPECT(cai_infer_models(memory, sizeof(memory), &size) == PSA_SUCCESS);
  EXPECT(size > 1 && (memory[0] & 0xe0) == 0x80);  // a CBOR array
  EXPECT(cai_infer_models(memory, 0, &size) == PSA_ERROR_BUFFER_TOO_SMALL);
}

}  // namespace
