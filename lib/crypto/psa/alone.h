// The PSA core without the crypto partition around it, for tests: a pool, a
// generator that is no secret to anybody, no persistent keys.
#pragma once

namespace cai::crypto {

// Once, before the first call of lib/crypto. False if the core does not start.
bool StartPsaAlone();

}  // namespace cai::crypto
