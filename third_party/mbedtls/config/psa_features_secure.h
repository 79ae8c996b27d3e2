/* The PSA algorithms that the crypto partition has beyond psa_features.h: for
 * other callers than the NSPE's TLS, which would hash every transcript twice if
 * it knew of SHA-384. Applications built with the SDK see these, too. */
#pragma once

#define PSA_WANT_ALG_CCM 1
#define PSA_WANT_ALG_SHA_384 1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_DERIVE 1
