// What seal asks of other partitions, as typed calls. What they answer is
// checked like any input from outside of this partition.
#pragma once

#include "device/partitions/infer/api.h"
#include "lib/crypto/hash.h"
#include "lib/wire/types.h"

namespace cai::seal::peers {

struct Configured {
  wire::Svc svc{};
  std::uint32_t interval_ms = 0;
  crypto::P256Public root;  // of the service; its hash is not checked here
};
// identity.kConfig; `buffer` needs wire::Configuration::kMaxPayload bytes.
Result<Configured> ReadConfiguration(MutableBytes buffer);

// identity.kPublicKey: the public half of cose-sign.
Result<crypto::P256Public> ReadCoseSignKey();

struct Token {
  Bytes bytes;  // in `buffer`
  crypto::Digest id{};
  std::uint32_t measure_gen = 0;
};
// attest.kAiToken, with our cose-sign key as its confirmation.
Result<Token> RequestToken(const wire::Svc& svc, const ByteArray<32>& nonce,
                           const crypto::P256Public& confirmation,
                           MutableBytes buffer);

// infer.kRun; sizes in the result are within its arrays.
Result<infer::InferenceResult> RunInference();

// SHA-256 of the models, in the order of claim 273 from index 1.
struct Models {
  std::array<crypto::Digest, infer::kMaxModels> hashes{};
  std::size_t count = 0;
};
Result<Models> ReadModels();

// What every plaintext of a session is padded to: the largest model's, or the
// most there is if infer does not say.
std::size_t ReadPadding();

}  // namespace cai::seal::peers
