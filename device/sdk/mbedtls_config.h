/* The configuration of the SDK, where Mbed TLS's headers look for one. What
 * psa/crypto.h says of sizes and PSA_WANT_* is what the secure side has.
 *
 * The TLS of the SDK knows fewer hashes, and structures of mbedtls/ssl.h depend
 * on that: whoever includes it links cai::tls, which defines CAI_SDK_TLS. */
#pragma once

#include "config_ns.h"

#ifndef CAI_SDK_TLS
#include "psa_features_secure.h"
#endif
