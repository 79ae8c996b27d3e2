// Making and opening; parse.cc has the structure.
#include "host/flow/message.h"

#include "host/flow/labels.h"
#include "lib/cbor/writer.h"
#include "lib/cose/key.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

namespace cai::flow {
namespace {

using host::Blob;

constexpr auto kCipher = crypto::AeadAlgorithm::kAes128Gcm;
using Iv = ByteArray<crypto::kNonceSize>;
using Key = Secret<16>;

// {1: -29}, protected in the recipient and, wrongly, in the body.
constexpr ByteArray<4> kWrapHeader = {std::byte{0xa1}, std::byte{0x01},
                                      std::byte{0x38}, std::byte{0x1c}};

// What `write` writes, in memory of its size.
template <typename Write>
Blob Encoded(Write write) {
  cbor::Writer measure({});
  write(measure);
  Blob out(measure.size());
  cbor::Writer writer(out);
  write(writer);
  return out;
}

// RFC 9052, 5.3 and 4.4, with an empty external_aad.
Blob EncStructure(std::string_view context, Bytes protected_header) {
  return Encoded([&](cbor::Writer& w) {
    w.Array(3);
    w.Text(context);
    w.Bstr(protected_header);
    w.Bstr({});
  });
}
crypto::Digest SigStructureHash(Bytes protected_header, Bytes payload) {
  return crypto::Sha256::Of(Encoded([&](cbor::Writer& w) {
    w.Array(4);
    w.Text("Signature1");
    w.Bstr(protected_header);
    w.Bstr({});
    w.Bstr(payload);
  }));
}

// COSE_KDF_Context (RFC 9053, 5.2) that names nobody.
Blob KdfContext(Bytes recipient_header) {
  const auto nobody = [](cbor::Writer& w) {
    w.Array(3);
    for (int i = 0; i < 3; ++i) w.Null();
  };
  return Encoded([&](cbor::Writer& w) {
    w.Array(4);
    w.Int(kA128Kw);
    nobody(w);
    nobody(w);
    w.Array(2);
    w.Uint(128);
    w.Bstr(recipient_header);
  });
}

Status DeriveKek(crypto::P256Private own, const crypto::P256Public& peer,
                 Bytes recipient_header, Key& kek) {
  CAI_TRY_ASSIGN(const Secret<32> shared, crypto::Ecdh(own, peer));
  Secret<32> prk;
  crypto::HkdfExtract({}, {shared.bytes()}, prk.mutable_bytes());
  crypto::HkdfExpand(prk.bytes(), KdfContext(recipient_header),
                     kek.mutable_bytes());
  return kDone;
}

struct Ephemeral {
  std::unique_ptr<crypto::ScopedKey> secret;
  crypto::P256Public key;
};
Result<Ephemeral> MakeEphemeral() {
  for (int tries = 0; tries < 64; ++tries) {
    Secret<32> scalar;
    CAI_TRY(crypto::Random(scalar.mutable_bytes()));
    const auto borrowed = crypto::ImportScalar(scalar.bytes());
    if (!borrowed.ok()) continue;  // zero, or not below the order
    Ephemeral out{std::make_unique<crypto::ScopedKey>(*borrowed), {}};
    CAI_TRY_ASSIGN(out.key, crypto::PublicKey(*borrowed));
    return out;
  }
  return Error::kCryptoFailed;
}

Result<Blob> Seal(const Key& key, const Iv& iv, Bytes aad, Bytes plain) {
  Blob out(plain.size() + crypto::kTagSize);
  CAI_TRY(crypto::AeadSeal(kCipher, key.bytes(), iv, aad, plain, out));
  return out;
}

Result<Blob> Open(const Key& key, std::span<const std::byte, 12> iv, Bytes aad,
                  Bytes ciphertext) {
  if (ciphertext.size() < crypto::kTagSize) return Error::kCryptoBadTag;
  Blob out(ciphertext.size() - crypto::kTagSize);
  CAI_TRY(crypto::AeadOpen(kCipher, key.bytes(), iv, aad, ciphertext, out));
  return out;
}

// A subject of no attributes is no key id: the tool refuses an empty one.
std::uint64_t KeyIds(const Identity& identity) {
  return !identity.name.empty();
}
void WriteKeyId(const Identity& identity, cbor::Writer& w) {
  if (identity.name.empty()) return;
  w.Int(kKeyId);
  w.Bstr(AsBytes(identity.name));
}

// ---- flow-encrypt -----------------------------------------------------------

void WriteRecipient(const Identity& service, const crypto::P256Public& key,
                    Bytes wrapped, cbor::Writer& w) {
  w.Array(3);
  w.Bstr(kWrapHeader);
  w.Map(1 + KeyIds(service));
  WriteKeyId(service, w);
  w.Int(kEphemeralKey);
  cose::WriteKey(key, w);
  w.Bstr(wrapped);
}

Result<Blob> SealFor(const Identity& service, Bytes plain) {
  Key cek, kek;
  Iv iv;
  CAI_TRY(crypto::Random(cek.mutable_bytes()));
  CAI_TRY(crypto::Random(iv));
  CAI_TRY_ASSIGN(const Ephemeral ephemeral, MakeEphemeral());
  CAI_TRY(DeriveKek(ephemeral.secret->get(), service.key, kWrapHeader, kek));
  ByteArray<24> wrapped;
  CAI_TRY(crypto::AesKeyWrap(kek.bytes(), cek.bytes(), wrapped));
  CAI_TRY_ASSIGN(const Blob ciphertext,
                 Seal(cek, iv, EncStructure("Encrypt", kWrapHeader), plain));
  return Encoded([&](cbor::Writer& w) {
    w.Array(4);
    w.Bstr(kWrapHeader);
    w.Map(1);
    w.Int(kIv);
    w.Bstr(iv);
    w.Bstr(ciphertext);
    w.Array(1);
    WriteRecipient(service, ephemeral.key, wrapped, w);
  });
}

Result<Blob> OpenFor(const Identity& service, Bytes message) {
  if (service.secret == nullptr) return Error::kCryptoBadKey;
  CAI_TRY_ASSIGN(const EncryptedMessage parsed, ParseEncrypted(message));
  const Recipient& recipient = parsed.recipient;
  CAI_TRY(crypto::CheckPoint(recipient.ephemeral));
  Key cek, kek;
  CAI_TRY(DeriveKek(service.secret->get(), recipient.ephemeral,
                    recipient.protected_header, kek));
  CAI_TRY(crypto::AesKeyUnwrap(kek.bytes(), recipient.wrapped,
                               cek.mutable_bytes()));
  return Open(cek, parsed.iv, EncStructure("Encrypt", parsed.protected_header),
              parsed.ciphertext);
}

// ---- Sign1 ------------------------------------------------------------------

Blob SignedHeader(Kind kind, Bytes session_id) {
  return Encoded([&](cbor::Writer& w) {
    w.Map(3);
    w.Int(kAlgorithm);
    w.Int(kEs256);
    w.Int(kContentType);
    w.Text(ContentType(kind));
    w.Int(kSessionId);
    w.Bstr(session_id);
  });
}

Result<Blob> Sign(const Identity& device, Kind kind, Bytes session_id,
                  Bytes payload) {
  if (device.secret == nullptr) return Error::kCryptoBadKey;
  const Blob header = SignedHeader(kind, session_id);
  CAI_TRY_ASSIGN(const auto signature,
                 crypto::SignHash(device.secret->get(),
                                  SigStructureHash(header, payload)));
  return Encoded([&](cbor::Writer& w) {
    w.Tag(kTagSign1);
    w.Array(4);
    w.Bstr(header);
    w.Map(KeyIds(device));
    WriteKeyId(device, w);
    w.Bstr(payload);
    w.Bstr(signature);
  });
}

Result<SignedMessage> Verified(Bytes message, const Identity& device,
                               Kind kind) {
  CAI_TRY_ASSIGN(const SignedMessage parsed, ParseSigned(message));
  const auto hash = SigStructureHash(parsed.protected_header, parsed.payload);
  if (!crypto::Verify(device.key, hash, parsed.signature).ok())
    return Error::kCoseBadSignature;
  // The tool itself does not look: it would write a session's key to the
  // output file of simple-decrypt.
  if (parsed.kind != kind) return Error::kFlowWrongKind;
  return parsed;
}

}  // namespace

Result<NewSession> MakeSession(const Identity& device,
                               const Identity& service) {
  NewSession made;
  made.state.id.resize(kSessionIdSize);
  CAI_TRY(crypto::Random(made.state.key.mutable_bytes()));
  CAI_TRY(crypto::Random(made.state.id));
  CAI_TRY_ASSIGN(const Blob encrypted,
                 SealFor(service, made.state.key.bytes()));
  CAI_TRY_ASSIGN(made.message,
                 Sign(device, Kind::kSession, made.state.id, encrypted));
  return made;
}

Result<Blob> MakeSingle(const Identity& device, const Identity& service,
                        Bytes plain) {
  CAI_TRY_ASSIGN(const Blob encrypted, SealFor(service, plain));
  return Sign(device, Kind::kSingle, AsBytes(kSingleId), encrypted);
}

Result<Blob> MakePayload(const SessionState& state, Bytes plain) {
  Iv iv;
  CAI_TRY(crypto::Random(iv));
  const Blob header = Encoded([&](cbor::Writer& w) {
    w.Map(2);
    w.Int(kAlgorithm);
    w.Int(kA128Gcm);
    w.Int(kSessionId);
    w.Bstr(state.id);
  });
  CAI_TRY_ASSIGN(const Blob ciphertext,
                 Seal(state.key, iv, EncStructure("Encrypt0", header), plain));
  return Encoded([&](cbor::Writer& w) {
    w.Tag(kTagEncrypt0);
    w.Array(3);
    w.Bstr(header);
    w.Map(1);
    w.Int(kIv);
    w.Bstr(iv);
    w.Bstr(ciphertext);
  });
}

Result<SessionState> OpenSession(Bytes message, const Identity& device,
                                 const Identity& service) {
  CAI_TRY_ASSIGN(const SignedMessage parsed,
                 Verified(message, device, Kind::kSession));
  CAI_TRY_ASSIGN(Blob key, OpenFor(service, parsed.payload));
  SessionState state;
  const bool fits = key.size() == SessionKey::size();
  CopyInto(state.key.mutable_bytes(), key);
  Wipe(key);
  if (!fits) return Error::kFlowMalformed;
  state.id = host::ToBlob(parsed.session_id);
  return state;
}

Result<Blob> OpenSingle(Bytes message, const Identity& device,
                        const Identity& service) {
  CAI_TRY_ASSIGN(const SignedMessage parsed,
                 Verified(message, device, Kind::kSingle));
  return OpenFor(service, parsed.payload);
}

Result<Blob> OpenPayload(Bytes message, const SessionState& state) {
  CAI_TRY_ASSIGN(const PayloadMessage parsed, ParsePayload(message));
  if (!Equal(parsed.session_id, state.id)) return Error::kFlowWrongSession;
  return Open(state.key, parsed.iv,
              EncStructure("Encrypt0", parsed.protected_header),
              parsed.ciphertext);
}

}  // namespace cai::flow
