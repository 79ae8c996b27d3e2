// The seal partition's two entries, over the logic of seal.h.
#pragma once

#include "device/spm/partition.h"

extern "C" {
psa_status_t cai_seal_Start();
psa_status_t cai_seal_Serve(cai::spm::Message* message);
}
