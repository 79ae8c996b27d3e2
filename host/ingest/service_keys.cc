#include "host/ingest/service_keys.h"

#include <charconv>

#include "host/common/keys.h"
#include "lib/base/secret.h"
#include "lib/cbor/reader.h"
#include "lib/cose/sign1.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/openssl/keys.h"
#include "lib/crypto/random.h"

namespace cai::ingest {
namespace {

using host::Blob;
using host::Finished;
using host::Outcome;
using host::Problem;

constexpr auto kAtRest = crypto::AeadAlgorithm::kChaCha20Poly1305;

// "svc-key-12.cbor" -> 12
std::optional<std::uint64_t> GenerationOf(const std::string& name) {
  constexpr std::string_view kPrefix = "svc-key-", kSuffix = ".cbor";
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return {};
  const char* begin = name.data() + kPrefix.size();
  const char* end = name.data() + name.size() - kSuffix.size();
  std::uint64_t generation = 0;
  const auto [at, error] = std::from_chars(begin, end, generation);
  if (error != std::errc() || at != end) return {};
  return generation;
}

Blob WrappingKey(std::span<const std::byte, 32> scalar) {
  Secret<32> prk;
  crypto::HkdfExtract(AsBytes("cai1 at rest"), {scalar}, prk.mutable_bytes());
  Blob key(32);
  crypto::HkdfExpand(prk.bytes(), AsBytes("receiver state"), key);
  return key;
}

// Claim 1 of the statement, read before its signature is checked: the check
// asks for the service by name.
Result<wire::Svc> ServiceOf(Bytes statement) {
  CAI_TRY_ASSIGN(const cose::Sign1 message, cose::ParseSign1(statement));
  cbor::Reader reader(message.payload);
  CAI_TRY_ASSIGN(cbor::MapCursor map, cbor::MapCursor::Open(reader));
  CAI_TRY_ASSIGN(const std::int64_t key, map.Key());
  if (key != 1) return Error::kWireMalformed;
  CAI_TRY_ASSIGN(const auto bytes, reader.BstrOf<8>());
  wire::Svc svc{};
  CopyInto(svc, bytes);
  return svc;
}

}  // namespace

ServiceKeys::~ServiceKeys() {
  if (signing_.handle != 0) crypto::Release(signing_);
  for (auto& [number, generation] : generations_) {
    Wipe(generation.wrapping_key);
    crypto::Release(generation.encryption.key);
  }
}

ServiceKeys& ServiceKeys::operator=(ServiceKeys&& other) noexcept {
  std::swap(svc_, other.svc_);
  std::swap(signing_, other.signing_);
  std::swap(statement_, other.statement_);
  std::swap(generations_, other.generations_);
  return *this;
}

Finished ServiceKeys::LoadGeneration(const host::fs::path& folder,
                                     std::uint64_t generation) {
  const auto file = folder / ("enc-" + std::to_string(generation) + ".key");
  // A destroyed generation leaves its statement behind, and no key.
  if (!host::fs::exists(file)) return kDone;
  CAI_TRY_ASSIGN(const host::KeyPtr key, host::ReadKey(file));
  CAI_TRY_ASSIGN(const Secret<32> scalar, host::ScalarOf(key.get()));
  Generation loaded;
  CAI_TRY_ASSIGN(loaded.encryption.public_key, host::PublicOf(key.get()));
  CAI_TRY_ASSIGN(loaded.encryption.key, crypto::ImportScalar(scalar.bytes()));
  loaded.wrapping_key = WrappingKey(scalar.bytes());
  generations_.emplace(generation, std::move(loaded));
  return kDone;
}

// Devices obey the key of the statement: another one here would be obeyed by
// none, and that is better noticed now.
Finished ServiceKeys::LoadSigning(const host::State& state,
                                  const crypto::P256Public& stated) {
  const auto file = state.service() / "sign.key";
  CAI_TRY_ASSIGN(const host::KeyPtr key, host::ReadKey(file));
  CAI_TRY_ASSIGN(const crypto::P256Public ours, host::PublicOf(key.get()));
  if (ours != stated)
    return Problem(Error::kHostDamaged,
                   file.string() + " is not the key of the statement",
                   "cai service rotate makes a new statement");
  CAI_TRY_ASSIGN(const Secret<32> scalar, host::ScalarOf(key.get()));
  CAI_TRY_ASSIGN(signing_, crypto::ImportScalar(scalar.bytes()));
  return kDone;
}

Outcome<ServiceKeys> ServiceKeys::Load(const host::State& state) {
  ServiceKeys keys;
  std::error_code ignored;
  std::optional<std::uint64_t> newest;
  for (const auto& entry :
       host::fs::directory_iterator(state.service(), ignored)) {
    const auto generation = GenerationOf(entry.path().filename().string());
    if (!generation) continue;
    CAI_TRY(keys.LoadGeneration(state.service(), *generation));
    newest = std::max(newest.value_or(0), *generation);
  }
  if (!newest || !keys.generations_.contains(*newest))
    return Problem(Error::kHostNotFound, "the service has no keys",
                   "cai service init makes them");
  CAI_TRY_ASSIGN(
      keys.statement_,
      host::ReadFile(state.service() /
                     ("svc-key-" + std::to_string(*newest) + ".cbor")));
  CAI_TRY_ASSIGN(const crypto::P256Public root,
                 host::ReadPublicKey(state.service() / "root.pub"));
  // The statement names the service; without a valid one no device would talk.
  CAI_TRY_ASSIGN(const wire::Svc svc, ServiceOf(keys.statement_));
  const auto opened = wire::OpenServiceKey(keys.statement_, root, svc);
  if (!opened.ok())
    return Problem(opened.error(), "the service key statement is damaged",
                   "cai service rotate makes a new one");
  keys.svc_ = opened->svc;
  CAI_TRY(keys.LoadSigning(state, opened->signing));
  return keys;
}

Result<ServiceKeys::Encryption> ServiceKeys::Find(
    std::uint64_t generation) const {
  const auto found = generations_.find(generation);
  if (found == generations_.end()) return Error::kWireDeadGeneration;
  return found->second.encryption;
}

Result<Blob> ServiceKeys::Wrap(std::uint64_t generation, Bytes context,
                               Bytes plain) const {
  const auto found = generations_.find(generation);
  if (found == generations_.end()) return Error::kWireDeadGeneration;
  Blob out(crypto::kNonceSize + plain.size() + crypto::kTagSize);
  const MutableBytes all = out;
  const auto nonce = all.first<crypto::kNonceSize>();
  CAI_TRY(crypto::Random(nonce));
  CAI_TRY(crypto::AeadSeal(kAtRest, found->second.wrapping_key, nonce, context,
                           plain, all.subspan(crypto::kNonceSize)));
  return out;
}

Result<Blob> ServiceKeys::Unwrap(std::uint64_t generation, Bytes context,
                                 Bytes wrapped) const {
  const auto found = generations_.find(generation);
  if (found == generations_.end()) return Error::kWireDeadGeneration;
  if (wrapped.size() < crypto::kNonceSize + crypto::kTagSize)
    return Error::kCryptoBadTag;
  Blob out(wrapped.size() - crypto::kNonceSize - crypto::kTagSize);
  CAI_TRY(crypto::AeadOpen(kAtRest, found->second.wrapping_key,
                           wrapped.first<crypto::kNonceSize>(), context,
                           wrapped.subspan(crypto::kNonceSize), out));
  return out;
}

}  // namespace cai::ingest
