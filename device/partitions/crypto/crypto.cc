// The crypto partition's start: everything that the HUK determines is derived
// here, once, and goes to where it is used.
#include "device/partitions/crypto/entropy.h"
#include "device/partitions/crypto/state.h"
#include "lib/keys/keys.h"
#include "mbedtls/memory_buffer_alloc.h"

namespace cai::crypto_partition {

// Constant initialisation: no constructor runs in a partition.
constinit State state;

auto State::Open(Client client, KeyedOperation::Kind kind)
    -> decltype(keyed.Open(client)) {
  const auto is_derivation = [](const KeyedOperation& operation) {
    return operation.kind == KeyedOperation::Kind::kDerivation;
  };
  if (kind == KeyedOperation::Kind::kDerivation &&
      keyed.Held(client, is_derivation) >= kMaxDerivations)
    return {nullptr, 0};
  const auto opened = keyed.Open(client);
  if (opened.operation != nullptr) opened.operation->kind = kind;
  return opened;
}

KeyedOperation* State::Find(Client client, std::uint32_t handle,
                            KeyedOperation::Kind kind) {
  KeyedOperation* operation = keyed.Find(client, handle);
  return operation && operation->kind == kind ? operation : nullptr;
}

namespace {

// All that Mbed TLS allocates: the big numbers of one signature or agreement,
// for which 4 KiB are too few and 6 KiB enough on the M33; what derivations
// keep (derivations.cc), at most 1.3 KiB of the NSPE's and half of it a
// partition's.
alignas(8) std::uint8_t pool[8 * 1024];

struct DeviceKey {
  psa_key_id_t id;
  Client owner;
  FixedUse use;
  std::string_view label;
};

// architecture.md, 4.
constexpr DeviceKey kDeviceKeys[] = {
    {spm::kKeyTlsClient, kNonSecure, FixedUse::kSignHash, keys::kTlsClient},
    {spm::kKeyCoseSign, static_cast<Client>(spm::PartitionId::kSeal),
     FixedUse::kSignHash, keys::kCoseSign},
    {spm::kKeyIak, static_cast<Client>(spm::PartitionId::kAttest),
     FixedUse::kSignHash, keys::kIak},
    {spm::kKeyModelKek, static_cast<Client>(spm::PartitionId::kInfer),
     FixedUse::kAgree, keys::kModelKek},
};

// A reset brings the seed of the start before back, which is no fault.
void ReportSeed(const Entropy& entropy) {
  using events::EventId;
  if (entropy.seed_repeated) Report(EventId::kCryptoSeedRepeated, 0);
  if (entropy.fault != SeedFault::kNone)
    Report(EventId::kCryptoSeedUnhealthy,
           static_cast<std::uint32_t>(entropy.fault));
}

// One DRBG a client, the partition's own among them.
Status StartDrbgs(std::span<const std::byte, 32> drbg_key) {
  Secret<64> seed;
  CAI_TRY(spm::TakeSeed(seed.mutable_bytes()));
  CAI_TRY_ASSIGN(const Entropy entropy,
                 StartEntropy(drbg_key, seed.bytes(), state.boot.boot_count));
  ReportSeed(entropy);
  if (!Drbg::SelfTest()) return Error::kCryptoFailed;
  for (Client client = 0; client < kClients; ++client) {
    Secret<48> material;
    keys::Expand(entropy.prk.bytes(), "drbg", client, material.mutable_bytes());
    state.drbg[client].Instantiate({material.bytes()});
  }
  return kDone;
}

Status MakeDeviceKeys(Bytes spe_root, std::uint32_t generation) {
  for (const DeviceKey& key : kDeviceKeys) {
    Secret<32> scalar;
    CAI_TRY(
        keys::Scalar(spe_root, key.label, generation, scalar.mutable_bytes()));
    const psa_status_t status =
        state.keyring.AddFixed(key.id, key.owner, key.use, scalar.bytes());
    if (status == PSA_SUCCESS) continue;
    Report(events::EventId::kCryptoKeyFailed, key.id);
    return Error::kCryptoBadKey;
  }
  return kDone;
}

// Whoever does not get its key cannot start; that stops nobody else.
void HandOut(Bytes spe_root, std::string_view label, std::uint32_t generation,
             spm::PartitionId to) {
  Secret<32> key;
  keys::Expand(spe_root, label, generation, key.mutable_bytes());
  if (!spm::DepositKey(to, key.bytes()).ok())
    Report(events::EventId::kCryptoNotHandedOut,
           static_cast<std::uint32_t>(to));
}

constexpr Client kSelf = static_cast<Client>(spm::PartitionId::kCrypto);

Status StartEverything() {
  state.current = kSelf;
  CAI_TRY(spm::GetBootData(state.boot));
  const std::uint32_t generation = state.boot.key_generation;
  Secret<32> spe_root;
  CAI_TRY(spm::TakeSpeRoot(spe_root.mutable_bytes()));

  Secret<32> drbg_key;
  keys::Expand(spe_root.bytes(), keys::kDrbg, generation,
               drbg_key.mutable_bytes());
  if (const Status status = StartDrbgs(drbg_key.bytes()); !status.ok()) {
    Report(events::EventId::kCryptoNoEntropy,
           static_cast<std::uint32_t>(status.error()));
    return status;
  }

  mbedtls_memory_buffer_alloc_init(pool, sizeof(pool));
  if (psa_crypto_init() != PSA_SUCCESS) return Error::kCryptoFailed;
  CAI_TRY(MakeDeviceKeys(spe_root.bytes(), generation));
  HandOut(spe_root.bytes(), keys::kStorage, generation,
          spm::PartitionId::kStorage);
  HandOut(spe_root.bytes(), keys::kSealHedge, generation,
          spm::PartitionId::kSeal);
  return kDone;
}

psa_status_t Serve(spm::Message& message) {
  const auto client = ClientOf(message.client);
  if (!state.started || !client) return PSA_ERROR_BAD_STATE;
  if (message.sid == spm::Sid::kIdentity) return ServeIdentity(message);
  state.current = *client;
  const psa_status_t status = ServeCrypto(*client, message);
  state.current = kSelf;
  return status;
}

}  // namespace
}  // namespace cai::crypto_partition

extern "C" psa_status_t cai_crypto_Start() {
  using namespace cai::crypto_partition;
  state.started = StartEverything().ok();
  return state.started ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}

extern "C" psa_status_t cai_crypto_Serve(cai::spm::Message* message) {
  return cai::crypto_partition::Serve(*message);
}

// What the PSA core calls for key generation and blinding: the DRBG of the
// client that is being served, so that no other's output moves.
extern "C" psa_status_t mbedtls_psa_external_get_random(
    mbedtls_psa_external_random_context_t*, std::uint8_t* output,
    std::size_t output_size, std::size_t* output_length) {
  using cai::crypto_partition::state;
  cai::crypto_partition::Drbg& drbg = state.drbg[state.current];
  if (!drbg.seeded()) return PSA_ERROR_INSUFFICIENT_ENTROPY;
  // Safety: bytes viewed as bytes.
  drbg.Generate({reinterpret_cast<std::byte*>(output), output_size});
  *output_length = output_size;
  return PSA_SUCCESS;
}
