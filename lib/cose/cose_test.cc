#include <gtest/gtest.h>

#include "lib/cose/encrypt.h"
#include "lib/cose/key.h"
#include "lib/cose/sign1.h"
#include "lib/wire/fixture.h"

namespace cai::cose {
namespace {

using testing::FromHex;
using testing::Hex;
using wire::World;

constexpr std::uint16_t kType = 65003;

std::vector<std::byte> Signed(const Sign1Header& header, Bytes payload) {
  std::vector<std::byte> out(512);
  const wire::TestKey key = wire::IakKey();
  const auto made = MakeSign1(header, payload, key.key.get(), out);
  EXPECT_TRUE(made.ok());
  out.resize(made->size());
  EXPECT_EQ(out.size(), Sign1Size(ParseSign1(out)->protected_header.size(),
                                  payload.size()));
  return out;
}

TEST(Sign1, TheTokenVector_VerifiesAndItsIdIsItsHash) {
  const auto token = World().bytes("token");
  const auto opened = OpenSign1(token, {kType}, wire::IakKey().public_key);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(Hex(ToBeSigned(*opened)), World().text("token_id"));
  EXPECT_EQ(Hex(Signed({kType}, opened->payload)), World().text("token"));
}

TEST(Sign1, RefusesWhatWasNotAskedFor) {
  const auto key = wire::IakKey().public_key;
  const auto kid = FromHex("0102030405060708");
  const auto payload = FromHex("a0");
  const auto plain = Signed({kType}, payload);
  const auto named = Signed({kType, kid}, payload);
  EXPECT_TRUE(OpenSign1(named, {kType, kid}, key).ok());
  EXPECT_REFUSED(OpenSign1(plain, {65006}, key), CoseWrongContentType);
  EXPECT_REFUSED(OpenSign1(plain, {kType, kid}, key), CoseUnexpectedHeader);
  EXPECT_REFUSED(OpenSign1(named, {kType}, key), CoseUnexpectedHeader);
  EXPECT_REFUSED(OpenSign1(named, {kType, FromHex("0102030405060709")}, key),
                 CoseWrongKeyId);
  EXPECT_REFUSED(OpenSign1(plain, {kType}, wire::RootKey().public_key),
                 CoseBadSignature);
}

TEST(Sign1, RefusesOtherStructures) {
  const std::string signature = "5840" + std::string(128, '0');
  const auto parse = [](const std::string& hex) {
    return ParseSign1(FromHex(hex));
  };
  const std::string good = "d28443a10126a041a0" + signature;
  ASSERT_TRUE(parse(good).ok());
  EXPECT_REFUSED(parse(good.substr(2)), CborWrongType);          // untagged
  EXPECT_REFUSED(parse("d1" + good.substr(2)), CborOutOfRange);  // Mac0
  EXPECT_REFUSED(parse("d28443a10126a1044101"
                       "41a0" +
                       signature),
                 CoseUnexpectedHeader);
  EXPECT_REFUSED(parse("d28443a10126a0f6" + signature),
                 CborWrongType);  // detached
  EXPECT_REFUSED(parse("d28443a10126a041a0"
                       "583f" +
                       std::string(126, '0')),
                 CborOutOfRange);
  EXPECT_REFUSED(parse(good + "00"), CborTrailing);
  EXPECT_REFUSED(parse("d28543a10126a041a0" + signature + "00"),
                 CborOutOfRange);
  EXPECT_REFUSED(parse("d2845803a10126a041a0" + signature), CborNotShortest);
  for (std::size_t size = 0; size < good.size(); size += 2)
    EXPECT_FALSE(parse(good.substr(0, size)).ok()) << size;
}

// Attack 47: algorithm absent, another, twice; crit; order; what does not
// belong.
TEST(Sign1Header, RefusesAllButItsOwnParameters) {
  const auto parse = [](const char* hex, bool kid = false) {
    const auto header = ParseHeader(FromHex(hex), kid);
    return header.ok() ? Error{} : header.error();
  };
  EXPECT_EQ(parse("a201260319fdeb"), Error{});
  EXPECT_EQ(parse("a301260319fdeb044101", true), Error{});
  EXPECT_EQ(parse("a201270319fdeb"), Error::kCoseWrongAlgorithm);
  EXPECT_EQ(parse("a10319fdeb"), Error::kCoseUnexpectedHeader);
  EXPECT_EQ(parse("a20319fdeb0126"), Error::kCoseUnexpectedHeader);
  EXPECT_EQ(parse("a201260126"), Error::kCoseUnexpectedHeader);
  EXPECT_EQ(parse("a301260281180c0319fdeb"), Error::kCoseUnexpectedHeader);
  EXPECT_EQ(parse("a30126028101031"
                  "9fdeb",
                  true),
            Error::kCoseUnexpectedHeader);
  EXPECT_EQ(parse("a201260319fdeb00"), Error::kCborTrailing);
  EXPECT_EQ(parse("a20126031a00010000"), Error::kCoseWrongContentType);
  EXPECT_EQ(parse("a301260319fdeb0440", true), Error::kCoseWrongKeyId);
  EXPECT_EQ(parse("b80201260319fdeb"), Error::kCborNotShortest);
}

TEST(Sign1, MakeRefusesEveryBufferTooShort) {
  const wire::TestKey key = wire::IakKey();
  const auto payload = FromHex("a10102");
  const std::size_t size = Sign1Size(7, payload.size());
  for (std::size_t room = 0; room < size; ++room) {
    std::vector<std::byte> out(room);
    EXPECT_REFUSED(MakeSign1({kType}, payload, key.key.get(), out), CoseNoRoom);
  }
}

TEST(CoseKey, IsExactlyAP256PublicKey) {
  const auto key = wire::EncKey().public_key;
  ByteArray<kEncodedKeySize> out;
  cbor::Writer writer(out);
  WriteKey(key, writer);
  ASSERT_TRUE(writer.Finish().ok());
  const std::string hex = Hex(out);
  const auto read = [](std::string_view text) {
    const auto bytes = FromHex(text);
    cbor::Reader reader(bytes);
    const auto parsed = ReadKey(reader);
    return parsed.ok() ? Error{} : parsed.error();
  };
  EXPECT_EQ(read(hex), Error{});
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = hex;
    changed.replace(changed.find(from), from.size(), to);
    return read(changed);
  };
  EXPECT_EQ(with("a40102", "a40101"), Error::kCoseBadKey);  // OKP
  EXPECT_EQ(with("2001", "2002"), Error::kCoseBadKey);      // P-384
  EXPECT_EQ(with("a401", "a501"), Error::kCoseBadKey);      // a fifth member
  EXPECT_EQ(with("215820",
                 "22"
                 "5820"),
            Error::kCoseBadKey);  // y for x
  EXPECT_EQ(with("225820", "22581f"), Error::kCborOutOfRange);
  EXPECT_EQ(read(hex.substr(0, 80)), Error::kCborTruncated);
}

TEST(Encrypt, KekMatchesTheSecondImplementation) {
  const auto message = World().bytes("session 24 message");
  const auto session = wire::ParseSession(message);
  ASSERT_TRUE(session.ok());
  const auto shared =
      crypto::Ecdh(wire::EncKey().key.get(), session->recipients[0].ephemeral);
  ByteArray<16> v;
  CopyInto(v, World().array<8>("svc"));
  CopyInto(MutableBytes(v).subspan(8), session->recipients[0].key_id);
  const auto ueid = World().array<33>("ueid");
  ByteArray<16> kek;
  ASSERT_TRUE(DeriveKek(shared->bytes(), {ueid, v, session->id}, kek).ok());
  EXPECT_EQ(Hex(kek), World().text("session 24 kek"));
}

TEST(Encrypt, UnwrapNeedsTheSameParties) {
  const wire::TestKey receiver = wire::EncKey(), ephemeral = wire::SignKey();
  const auto ueid = World().array<33>("ueid");
  const auto svc = World().array<8>("svc");
  const crypto::Digest id = World().array<32>("model");
  Cek cek;
  CopyInto(cek.mutable_bytes(), World().bytes("nonce"));
  const auto recipient = WrapFor({}, receiver.public_key, ephemeral.key.get(),
                                 ephemeral.public_key, {ueid, svc, id}, cek);
  ASSERT_TRUE(recipient.ok());
  const auto opens = [&](const KdfParties& parties) {
    const auto out = Unwrap(*recipient, receiver.key.get(), parties);
    return out.ok() && *out == cek;
  };
  EXPECT_TRUE(opens({ueid, svc, id}));
  EXPECT_FALSE(opens({svc, ueid, id}));
  EXPECT_FALSE(opens({Bytes(ueid).first(32), svc, id}));
  EXPECT_FALSE(opens({ueid, svc, Bytes(id).first(31)}));
  EXPECT_FALSE(opens({{}, {}, id}));
  EXPECT_FALSE(Unwrap(*recipient, ephemeral.key.get(), {ueid, svc, id}).ok());
}

TEST(Encrypt, AeadIsOneOfTwo) {
  EXPECT_EQ(*AeadOf(Algorithm::kA128Gcm), crypto::AeadAlgorithm::kAes128Gcm);
  EXPECT_EQ(*AeadOf(Algorithm::kChaCha20Poly1305),
            crypto::AeadAlgorithm::kChaCha20Poly1305);
  EXPECT_REFUSED(AeadOf(Algorithm::kEs256), CoseWrongAlgorithm);
}

TEST(Encrypt, EncStructureIsThatOfRfc9052) {
  ByteArray<kMaxEncStructure> room;
  EXPECT_EQ(
      Hex(*EncodeEncStructure(EncContext::kEncrypt0, FromHex("a10101"), room)),
      "8368456e63727970743043a1010140");
  EXPECT_EQ(
      Hex(*EncodeEncStructure(EncContext::kEncrypt, FromHex("a10101"), room)),
      "8367456e637279707443a1010140");
  EXPECT_REFUSED(
      EncodeEncStructure(EncContext::kEncrypt0, ByteArray<60>{}, room),
      CborNoRoom);
}

}  // namespace
}  // namespace cai::cose
