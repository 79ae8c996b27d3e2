#include "lib/wire/session.h"

#include "lib/cbor/writer.h"
#include "lib/cose/sign1.h"
#include "lib/wire/fixture.h"

namespace cai::wire {
namespace {

struct Made {
  std::vector<std::byte> message;
  SessionKeys keys;
};

Made MakeWith(const SessionHeader& header, Bytes token, const TestKey& signer,
              const crypto::P256Public& service, SessionEntropy entropy) {
  SessionOpening opening{.header = header,
                         .ueid = World().array<33>("ueid"),
                         .service = service,
                         .signer = signer.key.get(),
                         .token = token};
  Made made;
  std::vector<std::byte> out(kMaxSession);
  const auto message = MakeSession(opening, entropy, made.keys, out);
  EXPECT_TRUE(message.ok());
  if (message.ok()) made.message.assign(message->begin(), message->end());
  return made;
}

Made Make(const SessionHeader& header) {
  const auto token = World().bytes("token");
  return MakeWith(header, token, CoseSignKey(), EncKey().public_key,
                  TestEntropy());
}

class SessionOfSuite : public ::testing::TestWithParam<Suite> {
 protected:
  std::string Name(const char* what) const {
    return "session " + std::to_string(static_cast<int>(GetParam())) + " " +
           what;
  }
};
INSTANTIATE_TEST_SUITE_P(Both, SessionOfSuite,
                         ::testing::Values(Suite::kAes128Gcm,
                                           Suite::kChaCha20Poly1305));

TEST_P(SessionOfSuite, Make_MatchesTheVector) {
  const Made made = Make(TestHeader(GetParam()));
  EXPECT_EQ(Hex(made.message), World().text(Name("message")));
  EXPECT_EQ(Hex(made.keys.id), World().text(Name("id")));
  EXPECT_EQ(Hex(made.keys.chain.bytes()), World().text(Name("chain")));
}

TEST_P(SessionOfSuite, Receiver_OpensTheVector) {
  const auto bytes = World().bytes(Name("message"));
  const auto message = ParseSession(bytes);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->header, TestHeader(GetParam()));
  ASSERT_TRUE(VerifySession(*message, World().array<16>("uuid"),
                            CoseSignKey().public_key, World().array<8>("svc"))
                  .ok());
  std::vector<std::byte> out(message->ciphertext.size());
  const auto plain =
      UnwrapSession(*message, EncKey().key.get(), EncKey().public_key,
                    World().array<33>("ueid"), out);
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(Hex(plain->token), World().text("token"));
  EXPECT_EQ(Hex(plain->keys.chain.bytes()), World().text(Name("chain")));
  // The secret does not stay in the caller's memory.
  EXPECT_EQ(Hex(Bytes(out).subspan(3, 32)), std::string(64, '0'));
}

// 51: who agrees with whom, on what; the same as the wrapped key is opened
// with.
TEST_P(SessionOfSuite, Kek_MatchesTheVector) {
  const TestKey enc = EncKey();
  const auto bytes = World().bytes(Name("message"));
  const auto message = *ParseSession(bytes);
  const auto shared =
      crypto::Ecdh(enc.key.get(), message.recipients[0].ephemeral);
  ASSERT_TRUE(shared.ok());
  EXPECT_EQ(Hex(shared->bytes()), World().text(Name("shared")));

  const KeyId kid = KeyIdOf(enc.public_key);
  auto receiver = World().bytes("svc");
  receiver.insert(receiver.end(), kid.begin(), kid.end());
  ByteArray<16> kek;
  ASSERT_TRUE(cose::DeriveKek(shared->bytes(),
                              {World().bytes("ueid"), receiver, message.id},
                              kek)
                  .ok());
  EXPECT_EQ(Hex(kek), World().text(Name("kek")));
}

TEST(Session, KeyIdAndBootCount_ComeFromTheCounter) {
  const SessionHeader header = TestHeader(Suite::kAes128Gcm);
  EXPECT_EQ(header.boot_count(), 300u);
  EXPECT_EQ(header.key_id(), 0x2c02);
}

TEST(Session, MaxSession_HoldsTheLargest) {
  SessionHeader header = TestHeader(Suite::kChaCha20Poly1305);
  header.generation = header.first = ~std::uint64_t{0};
  header.counter = (std::uint64_t{1} << 40) - 1;
  std::array<std::byte, SessionHeader::kMaxEncoded> room;
  const auto encoded = EncodeSessionHeader(header, room);
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(encoded->size(), SessionHeader::kMaxEncoded);
  EXPECT_EQ(*ParseSessionHeader(*encoded), header);

  const std::vector<std::byte> token(kMaxToken);
  const Made made = MakeWith(header, token, CoseSignKey(), EncKey().public_key,
                             TestEntropy());
  EXPECT_EQ(made.message.size(), kMaxSession);
}

TEST(Session, Make_RefusesEveryBufferTooShort) {
  const auto token = World().bytes("token");
  SessionOpening opening{.header = TestHeader(Suite::kAes128Gcm),
                         .ueid = World().array<33>("ueid"),
                         .service = EncKey().public_key,
                         .signer = {},
                         .token = token};
  for (std::size_t size = 0; size < 518; ++size) {
    std::vector<std::byte> out(size);
    SessionKeys keys;
    EXPECT_REFUSED(MakeSession(opening, TestEntropy(), keys, out), CoseNoRoom);
  }
}

// Attack 1, 3, 5: a generator that is dead or known still gives other keys,
// because the header counts boots; and a live one gives others by itself.
TEST(Session, Make_NeverRepeatsKeysForAnotherHeader) {
  SessionHeader header = TestHeader(Suite::kAes128Gcm);
  const Made first = Make(header);
  header.counter += 256;
  const Made second = Make(header);
  EXPECT_FALSE(first.keys.chain == second.keys.chain);
  const auto a = *ParseSession(first.message),
             b = *ParseSession(second.message);
  EXPECT_NE(Hex(a.iv), Hex(b.iv));
  EXPECT_NE(a.recipients[0].ephemeral, b.recipients[0].ephemeral);
}

TEST(Session, Receiver_RefusesEveryFlippedBit) {
  const auto bytes = World().bytes("session 24 message");
  const TestKey signer = CoseSignKey();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] ^= std::byte{4};
    const auto message = ParseSession(changed);
    if (!message.ok()) continue;
    EXPECT_FALSE(VerifySession(*message, World().array<16>("uuid"),
                               signer.public_key, World().array<8>("svc"))
                     .ok())
        << i;
  }
}

TEST(Session, Parse_RefusesEveryTruncation) {
  const auto bytes = World().bytes("session 24 message");
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(ParseSession(Bytes(bytes).first(size)).ok()) << size;
}

TEST(Session, Verify_RefusesAnotherDevicesTopic) {
  const auto bytes = World().bytes("session 24 message");
  EXPECT_REFUSED(
      VerifySession(*ParseSession(bytes), Uuid{}, CoseSignKey().public_key,
                    World().array<8>("svc")),
      WireWrongDevice);
}

TEST(Session, Verify_RefusesAnotherDevicesSignature) {
  const auto bytes = World().bytes("session 24 message");
  EXPECT_REFUSED(VerifySession(*ParseSession(bytes), World().array<16>("uuid"),
                               IakKey().public_key, World().array<8>("svc")),
                 CoseBadSignature);
}

TEST(Session, Verify_RefusesAnotherService) {
  const auto bytes = World().bytes("session 24 message");
  EXPECT_REFUSED(VerifySession(*ParseSession(bytes), World().array<16>("uuid"),
                               CoseSignKey().public_key, Svc{}),
                 WireWrongService);
}

// Opens `message` as the service would after its signature was verified.
Result<SessionPlain> Unwrap(const SessionMessage& message,
                            std::vector<std::byte>& out,
                            const Ueid& ueid = World().array<33>("ueid")) {
  out.resize(message.ciphertext.size());
  return UnwrapSession(message, EncKey().key.get(), EncKey().public_key, ueid,
                       out);
}

// Attack 11: a second device strips the signature and signs itself.
TEST(Session, Unwrap_RefusesTheCiphertextOfAnotherDevice) {
  const auto bytes = World().bytes("session 24 message");
  Ueid other = World().array<33>("ueid");
  other[32] ^= std::byte{1};
  std::vector<std::byte> out;
  EXPECT_REFUSED(Unwrap(*ParseSession(bytes), out, other), CryptoBadTag);
}

// Attacks 12 and 13: the ciphertext of one session under any other header.
TEST(Session, Unwrap_RefusesAnyOtherHeader) {
  const auto bytes = World().bytes("session 24 message");
  const SessionMessage message = *ParseSession(bytes);
  const auto under = [&](auto change) {
    SessionHeader header = message.header;
    change(header);
    std::array<std::byte, SessionHeader::kMaxEncoded> room;
    const Bytes protected_header = *EncodeSessionHeader(header, room);
    std::vector<std::byte> spliced(kMaxMessage), out;
    const auto made = cose::MakeSign1(protected_header, message.payload,
                                      CoseSignKey().key.get(), spliced);
    const auto parsed = ParseSession(*made);
    EXPECT_TRUE(VerifySession(*parsed, header.uuid, CoseSignKey().public_key,
                              header.svc)
                    .ok());
    const auto plain = Unwrap(*parsed, out);
    return plain.ok() ? Error::kCborTrailing : plain.error();
  };
  EXPECT_EQ(under([](auto& h) { h.suite = Suite::kAes128Gcm; }),
            Error::kCryptoBadTag);
  EXPECT_EQ(under([](auto& h) { h.svc[0] ^= std::byte{1}; }),
            Error::kCryptoBadTag);
  EXPECT_EQ(under([](auto& h) { h.generation++; }), Error::kCryptoBadTag);
  EXPECT_EQ(under([](auto& h) { h.counter++; }), Error::kCryptoBadTag);
  EXPECT_EQ(under([](auto& h) { h.first++; }), Error::kCryptoBadTag);
  EXPECT_EQ(under([](auto& h) { h.token_id[9] ^= std::byte{1}; }),
            Error::kCryptoBadTag);
  EXPECT_EQ(under([](auto& h) { h.uuid[9] ^= std::byte{1}; }),
            Error::kCryptoBadTag);
}

TEST(Session, Unwrap_RefusesAnotherRecipient) {
  const auto bytes = World().bytes("session 24 message");
  const SessionMessage message = *ParseSession(bytes);
  std::vector<std::byte> out(message.ciphertext.size());
  EXPECT_REFUSED(
      UnwrapSession(message, SignKey().key.get(), SignKey().public_key,
                    World().array<33>("ueid"), out),
      CoseNoRecipient);
}

// Attack 16, the ephemeral key's side.
TEST(Session, Unwrap_RefusesAnEphemeralKeyOffTheCurve) {
  const auto bytes = World().bytes("session 24 message");
  SessionMessage message = *ParseSession(bytes);
  message.recipients[0].ephemeral.xy[0] ^= std::byte{1};
  std::vector<std::byte> out;
  EXPECT_REFUSED(Unwrap(message, out), CryptoBadPoint);
}

// Attack 38: the header names one token, another rides inside.
TEST(Session, Unwrap_RefusesAnotherTokenThanTheHeaderNames) {
  SessionHeader header = TestHeader(Suite::kAes128Gcm);
  header.token_id[0] ^= std::byte{1};
  const Made made = Make(header);
  std::vector<std::byte> out;
  EXPECT_REFUSED(Unwrap(*ParseSession(made.message), out), WireTokenMismatch);
  EXPECT_TRUE(
      std::ranges::all_of(Bytes(out).first(out.size() - crypto::kTagSize),
                          [](std::byte b) { return b == std::byte{0}; }));
}

// Attack 14: party identities cannot come from the message.
TEST(Session, Parse_RefusesPartyHeadersInARecipient) {
  for (const int label : {-21, -24, -20}) {
    std::array<std::byte, 512> room;
    cbor::Writer writer(room);
    writer.Array(4);
    writer.Bstr(FromHex("a10101"));
    writer.Map(1);
    writer.Int(5);
    writer.Bstr(ByteArray<12>{});
    writer.Bstr(ByteArray<32>{});
    writer.Array(1);
    writer.Array(3);
    writer.Bstr(FromHex("a101381c"));
    writer.Map(3);
    writer.Int(4);
    writer.Bstr(ByteArray<8>{});
    writer.Int(-1);
    cose::WriteKey(EncKey().public_key, writer);
    writer.Int(label);
    writer.Bstr(ByteArray<4>{});
    writer.Bstr(ByteArray<24>{});
    std::array<std::byte, SessionHeader::kMaxEncoded> header_room;
    const Bytes header =
        *EncodeSessionHeader(TestHeader(Suite::kAes128Gcm), header_room);
    std::array<std::byte, 1024> out;
    const auto message =
        cose::MakeSign1(header, *writer.Finish(), CoseSignKey().key.get(), out);
    EXPECT_REFUSED(ParseSession(*message), CoseUnexpectedHeader);
  }
}

// Attack 47, the header's side.
TEST(Session, ParseHeader_RefusesWhatItDoesNotKnow) {
  const auto header = World().text("session 1 header");
  const auto with = [&](std::string from, const std::string& to) {
    std::string changed = header;
    changed.replace(changed.find(from), from.size(), to);
    const auto parsed = ParseSessionHeader(FromHex(changed));
    return parsed.ok() ? Error::kCborTrailing : parsed.error();
  };
  EXPECT_EQ(with("870101", "870201"), Error::kWireVersion);
  EXPECT_EQ(with("870101", "870103"), Error::kWireNoSuite);
  EXPECT_EQ(with("870101", "87011801"), Error::kCborNotShortest);
  EXPECT_EQ(with("813a00010040", "813a00010041"), Error::kWireMalformed);
  EXPECT_EQ(with("0126", "0127"), Error::kCoseWrongAlgorithm);
  EXPECT_EQ(with("19fde9", "19fdeb"), Error::kCoseWrongContentType);
  EXPECT_EQ(with("a501", "a401"), Error::kWireMalformed);
  EXPECT_REFUSED(ParseSessionHeader(FromHex(header + "00")), CborTrailing);
}

TEST(Session, Decide_TakesCountersForwards) {
  const SessionHeader header = TestHeader(Suite::kAes128Gcm);
  crypto::Digest id{}, other{};
  other.fill(std::byte{1});
  const auto decide = [&](SessionHistory history) {
    return DecideSession(header, id, history);
  };
  const std::uint64_t sc = header.counter;
  EXPECT_EQ(*decide({}), SessionDecision::kNew);
  EXPECT_EQ(*decide({sc - 1, {}}), SessionDecision::kNew);
  EXPECT_EQ(*decide({sc, id}), SessionDecision::kDuplicate);
  EXPECT_REFUSED(decide({sc, other}), WireFork);
  EXPECT_EQ(*decide({sc + 511, {}}), SessionDecision::kLate);
  EXPECT_REFUSED(decide({sc + 512, {}}), WireOldSession);
  EXPECT_EQ(*decide({sc + 600, id}), SessionDecision::kDuplicate);
  EXPECT_REFUSED(decide({sc + 600, other}), WireFork);
}

// M4: s -> n - s is another signature of the same token.
TEST(Session, TokenId_IgnoresTheSignature) {
  auto token = World().bytes("token");
  token.back() ^= std::byte{1};
  EXPECT_EQ(Hex(*TokenId(token)), World().text("token_id"));
}

}  // namespace
}  // namespace cai::wire
