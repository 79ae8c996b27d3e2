#include "lib/cose/encrypt.h"

#include "lib/cose/key.h"

namespace cai::cose {
namespace {

// {1: -29}, the recipient's protected header; also in SuppPubInfo.
constexpr ByteArray<4> kRecipientProtected = {std::byte{0xa1}, std::byte{0x01},
                                              std::byte{0x38}, std::byte{0x1c}};
constexpr std::int64_t kKeyIdKey = static_cast<std::int64_t>(Header::kKeyId);
constexpr std::int64_t kEphemeralKey =
    static_cast<std::int64_t>(Header::kEphemeralKey);
constexpr std::uint64_t kKekBits = 128;

constexpr std::size_t kMaxParty = 33;
constexpr std::size_t kMaxContext =
    1 + 1 + 2 * (1 + 2 + kMaxParty + 2) + (1 + 2 + 5 + 2 + 32);

void WriteParty(Bytes identity, cbor::Writer& writer) {
  writer.Array(3);
  writer.Bstr(identity);
  writer.Null();
  writer.Null();
}

// COSE_KDF_Context, RFC 9053, 5.2.
Result<Bytes> EncodeContext(const KdfParties& parties,
                            std::span<std::byte, kMaxContext> out) {
  cbor::Writer writer(out);
  writer.Array(4);
  writer.Int(static_cast<std::int64_t>(Algorithm::kA128Kw));
  WriteParty(parties.u, writer);
  WriteParty(parties.v, writer);
  writer.Array(3);
  writer.Uint(kKekBits);
  writer.Bstr(kRecipientProtected);
  writer.Bstr(parties.other);
  return writer.Finish();
}

Status DeriveFromPeer(crypto::P256Private key, const crypto::P256Public& peer,
                      const KdfParties& parties, Secret<16>& kek) {
  CAI_TRY_ASSIGN(const Secret<32> shared, crypto::Ecdh(key, peer));
  return DeriveKek(shared.bytes(), parties, kek.mutable_bytes());
}

}  // namespace

Result<crypto::AeadAlgorithm> AeadOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kA128Gcm:
      return crypto::AeadAlgorithm::kAes128Gcm;
    case Algorithm::kChaCha20Poly1305:
      return crypto::AeadAlgorithm::kChaCha20Poly1305;
    default:
      return Error::kCoseWrongAlgorithm;
  }
}

Result<Bytes> EncodeEncStructure(EncContext context, Bytes protected_header,
                                 std::span<std::byte, kMaxEncStructure> out) {
  cbor::Writer writer(out);
  writer.Array(3);
  writer.Text(context == EncContext::kEncrypt ? "Encrypt" : "Encrypt0");
  writer.Bstr(protected_header);
  writer.Bstr({});
  return writer.Finish();
}

Status DeriveKek(std::span<const std::byte, 32> shared_x,
                 const KdfParties& parties, std::span<std::byte, 16> kek) {
  ByteArray<kMaxContext> room;
  CAI_TRY_ASSIGN(const Bytes info, EncodeContext(parties, room));
  Secret<crypto::kHashSize> prk;
  crypto::HkdfExtract({}, {shared_x}, prk.mutable_bytes());
  crypto::HkdfExpand(prk.bytes(), info, kek);
  return kDone;
}

void WriteRecipient(const Recipient& recipient, cbor::Writer& writer) {
  writer.Array(3);
  writer.Bstr(kRecipientProtected);
  writer.Map(2);
  writer.Int(kKeyIdKey);
  writer.Bstr(recipient.key_id);
  writer.Int(kEphemeralKey);
  WriteKey(recipient.ephemeral, writer);
  writer.Bstr(recipient.wrapped);
}

// Exactly those two parameters: no party identities, salts or nonces can come
// from the message.
Result<Recipient> ReadRecipient(cbor::Reader& reader) {
  CAI_TRY(reader.ArrayOf(3));
  CAI_TRY_ASSIGN(const Bytes protected_header, reader.Bstr());
  if (!Equal(protected_header, kRecipientProtected))
    return Error::kCoseWrongAlgorithm;

  CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
  if (pairs != 2) return Error::kCoseUnexpectedHeader;
  Recipient recipient;
  CAI_TRY_ASSIGN(const std::int64_t first, reader.Int());
  if (first != kKeyIdKey) return Error::kCoseUnexpectedHeader;
  CAI_TRY_ASSIGN(const auto key_id, reader.BstrOf<8>());
  CopyInto(recipient.key_id, key_id);
  CAI_TRY_ASSIGN(const std::int64_t second, reader.Int());
  if (second != kEphemeralKey) return Error::kCoseUnexpectedHeader;
  CAI_TRY_ASSIGN(recipient.ephemeral, ReadKey(reader));

  CAI_TRY_ASSIGN(const auto wrapped, reader.BstrOf<24>());
  CopyInto(recipient.wrapped, wrapped);
  return recipient;
}

Result<Recipient> WrapFor(const KeyId& key_id, const crypto::P256Public& peer,
                          crypto::P256Private ephemeral,
                          const crypto::P256Public& ephemeral_public,
                          const KdfParties& parties, const Cek& cek) {
  Secret<16> kek;
  CAI_TRY(DeriveFromPeer(ephemeral, peer, parties, kek));
  Recipient recipient{key_id, ephemeral_public};
  CAI_TRY(crypto::AesKeyWrap(kek.bytes(), cek.bytes(), recipient.wrapped));
  return recipient;
}

Result<Cek> Unwrap(const Recipient& recipient, crypto::P256Private key,
                   const KdfParties& parties) {
  CAI_TRY(crypto::CheckPoint(recipient.ephemeral));
  Secret<16> kek;
  CAI_TRY(DeriveFromPeer(key, recipient.ephemeral, parties, kek));
  Cek cek;
  CAI_TRY(crypto::AesKeyUnwrap(kek.bytes(), recipient.wrapped,
                               cek.mutable_bytes()));
  return cek;
}

}  // namespace cai::cose
