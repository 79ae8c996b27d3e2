// The attest partition behind its two entry points. Apart from them only so
// that a test can bring a key of its own.
#pragma once

#include "device/spm/partition.h"
#include "lib/crypto/p256.h"

namespace cai::attest {

psa_status_t Start(crypto::P256Private key);
psa_status_t Serve(spm::Message& message);

}  // namespace cai::attest

extern "C" psa_status_t cai_attest_Start();
extern "C" psa_status_t cai_attest_Serve(cai::spm::Message* message);
