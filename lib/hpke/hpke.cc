#include "lib/hpke/hpke.h"

#include <limits>

#include "lib/crypto/cipher.h"
#include "lib/hpke/kem.h"
#include "lib/hpke/labeled.h"

namespace cai::hpke {

using crypto::AsymmetricKey;

namespace {

// RFC 9180, 5, table 1.
enum class Mode : std::uint8_t { kBase = 0, kPsk = 1, kAuth = 2, kAuthPsk = 3 };

constexpr std::size_t kMinPsk = 32;

// RFC 9180, 5.1: VerifyPSKInputs, and 9.5 for the size.
Result<Mode> ModeOf(const Terms& terms, const AsymmetricKey* sender) {
  if (terms.psk.empty() != terms.psk_id.empty()) return Error::kHpkeNoPsk;
  if (!terms.psk.empty() && terms.psk.size() < kMinPsk)
    return Error::kHpkeNoPsk;
  if (terms.psk.empty()) return sender == nullptr ? Mode::kBase : Mode::kAuth;
  return sender == nullptr ? Mode::kPsk : Mode::kAuthPsk;
}

}  // namespace

// RFC 9180, 5.1: KeySchedule.
class KeySchedule {
 public:
  static Result<Context> Run(Suite suite, Mode mode, const SharedSecret& shared,
                             const Terms& terms) {
    const LabeledHkdf hkdf = LabeledHkdf::Of(suite);
    const std::size_t nh = hkdf.hash_size();
    ByteArray<1 + 2 * crypto::kMaxHashSize> context{std::byte(mode)};
    const MutableBytes rest = MutableBytes(context).subspan(1);
    CAI_TRY(hkdf.Extract({}, "psk_id_hash", terms.psk_id, rest.first(nh)));
    CAI_TRY(hkdf.Extract({}, "info_hash", terms.info, rest.subspan(nh, nh)));

    Secret<crypto::kMaxHashSize> secret;
    const MutableBytes prk = secret.mutable_bytes().first(nh);
    const Bytes salt =
        shared.bytes().first(crypto::HashSize(HashOf(suite.kem)));
    CAI_TRY(hkdf.Extract(salt, "secret", terms.psk, prk));
    return Derive(suite, hkdf, prk, Bytes(context).first(1 + 2 * nh));
  }

 private:
  static Result<Context> Derive(Suite suite, const LabeledHkdf& hkdf, Bytes prk,
                                Bytes schedule_context) {
    Context out(suite);
    CAI_TRY(hkdf.Expand(prk, "exp", schedule_context,
                        out.exporter_.mutable_bytes().first(hkdf.hash_size())));
    if (suite.aead == Aead::kExportOnly) return out;
    CAI_TRY(hkdf.Expand(
        prk, "key", schedule_context,
        out.key_.mutable_bytes().first(CipherOf(suite.aead).key_size)));
    CAI_TRY(hkdf.Expand(prk, "base_nonce", schedule_context,
                        out.base_nonce_.mutable_bytes()));
    return out;
  }
};

// RFC 9180, 5.2: ComputeNonce.
Secret<12> Context::Nonce() const {
  Secret<12> nonce;
  CopyInto(nonce.mutable_bytes(), base_nonce_.bytes());
  const auto counter = BigEndian(sequence_);
  for (std::size_t i = 0; i < counter.size(); ++i)
    nonce.mutable_bytes()[4 + i] ^= counter[i];
  return nonce;
}

Result<Bytes> Context::Seal(crypto::Parts aad, Bytes plain, MutableBytes out) {
  if (suite_.aead == Aead::kExportOnly) return Error::kCryptoUnsupported;
  if (sequence_ == std::numeric_limits<std::uint64_t>::max())
    return Error::kHpkeExhausted;
  const crypto::Cipher cipher = CipherOf(suite_.aead);
  const Secret<12> nonce = Nonce();
  ++sequence_;  // spent, also if the AEAD fails
  return crypto::Seal(cipher, key_.bytes().first(cipher.key_size),
                      nonce.bytes(), aad, plain, out);
}

Result<Bytes> Context::Open(crypto::Parts aad, Bytes ciphertext,
                            MutableBytes out) {
  if (suite_.aead == Aead::kExportOnly) return Error::kCryptoUnsupported;
  if (sequence_ == std::numeric_limits<std::uint64_t>::max())
    return Error::kHpkeExhausted;
  const crypto::Cipher cipher = CipherOf(suite_.aead);
  CAI_TRY_ASSIGN(const Bytes plain,
                 crypto::Open(cipher, key_.bytes().first(cipher.key_size),
                              Nonce().bytes(), aad, ciphertext, out));
  ++sequence_;
  return plain;
}

Status Context::Export(Bytes exporter_context, MutableBytes out) const {
  const LabeledHkdf hkdf = LabeledHkdf::Of(suite_);
  return hkdf.Expand(exporter_.bytes().first(hkdf.hash_size()), "sec",
                     exporter_context, out);
}

Result<Sender> SetupSenderWith(Suite suite, const AsymmetricKey& ephemeral,
                               const AsymmetricKey& receiver,
                               const Terms& terms,
                               const AsymmetricKey* sender) {
  CAI_TRY_ASSIGN(const Mode mode, ModeOf(terms, sender));
  ByteArray<kMaxPublic> enc{};
  SharedSecret shared;
  CAI_TRY(Encapsulate(suite.kem, ephemeral, receiver, sender, enc, shared));
  CAI_TRY_ASSIGN(Context context, KeySchedule::Run(suite, mode, shared, terms));
  return Sender{std::move(context), enc, PublicSize(suite.kem)};
}

Result<Sender> SetupSender(Suite suite, const AsymmetricKey& receiver,
                           const Terms& terms, const AsymmetricKey* sender) {
  CAI_TRY_ASSIGN(const AsymmetricKey ephemeral,
                 crypto::GenerateKey(KeyOf(suite.kem)));
  return SetupSenderWith(suite, ephemeral, receiver, terms, sender);
}

Result<Context> SetupReceiver(Suite suite, Bytes enc, const AsymmetricKey& own,
                              const Terms& terms, const AsymmetricKey* sender) {
  CAI_TRY_ASSIGN(const Mode mode, ModeOf(terms, sender));
  SharedSecret shared;
  CAI_TRY(Decapsulate(suite.kem, enc, own, sender, shared));
  return KeySchedule::Run(suite, mode, shared, terms);
}

}  // namespace cai::hpke
