// Persistent keys of the PSA core: files in the storage partition's ITS, named
// by the key's owner and number and so each client's own. Storage encrypts and
// authenticates them; nobody but this partition can name them.
#pragma once

#include "psa/crypto.h"

namespace cai::crypto_partition {

// The core reports every failure to write as PSA_ERROR_DATA_INVALID; this is
// the reason that storage gave, if the last thing that it refused was a write.
psa_status_t AsStored(psa_status_t status);

}  // namespace cai::crypto_partition
