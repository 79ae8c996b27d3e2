#include "lib/wire/sealed.h"

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/wire/fixture.h"

namespace cai::wire {
namespace {

SessionKeys KeysOf(Suite suite) {
  const std::string name = "session " + std::to_string(static_cast<int>(suite));
  SessionKeys keys;
  keys.id = World().array<32>(name + " id");
  CopyInto(keys.chain.mutable_bytes(), World().bytes(name + " chain"));
  return keys;
}

ReceiveContext ContextOf(Suite suite) {
  return {.suite = suite,
          .token_uptime_ms = 12'000,
          .nonce_issued_ms = 1'800'000'000'000,
          .now_ms = 1'800'000'600'000,
          .component_count = 3};
}

// Both ends of one session.
struct Channel {
  explicit Channel(Suite s = Suite::kChaCha20Poly1305)
      : suite(s),
        context(ContextOf(s)),
        state(ReceiverState::Begin(KeysOf(s))) {
    sealer.Open(s, 0x2c02, KeysOf(s));
  }

  std::vector<std::byte> Seal(const Plain& plain) {
    std::array<std::byte, kMaxPlain> room;
    std::array<std::byte, kMaxSealed> out;
    const auto sealed = sealer.Seal(*EncodePlain(plain, room), out);
    EXPECT_TRUE(sealed.ok());
    return {sealed->begin(), sealed->end()};
  }
  std::vector<std::byte> SealReading(std::uint64_t t = 12'500) {
    Reading reading{.model_index = 1, .time_ms = t};
    reading.output = output;
    return Seal(reading);
  }
  void SkipTo(std::uint32_t sequence) {
    while (sealer.next() < sequence) (void)SealReading();
  }

  Result<Received> Try(Bytes message) {
    CAI_TRY_ASSIGN(const SealedMessage parsed, ParseSealed(message));
    return Receive(state, context, parsed, scratch);
  }
  // As a service does: commits what it received.
  Error Take(Bytes message) {
    auto received = Try(message);
    if (!received.ok()) return received.error();
    state = std::move(received->next);
    return received->seen ? Error::kCborDuplicateKey : Error::kCborTrailing;
  }

  Suite suite;
  ReceiveContext context;
  ReceiverState state;
  Sealer sealer;
  ByteArray<4> output{};
  ByteArray<kMaxSealed> scratch;
};
constexpr Error kTaken = Error::kCborTrailing;     // stands for "taken"
constexpr Error kSeen = Error::kCborDuplicateKey;  // "taken, seen before"

class SealedOfSuite : public ::testing::TestWithParam<Suite> {};
INSTANTIATE_TEST_SUITE_P(Both, SealedOfSuite,
                         ::testing::Values(Suite::kAes128Gcm,
                                           Suite::kChaCha20Poly1305));

TEST_P(SealedOfSuite, Seal_MatchesTheVectors) {
  Channel channel(GetParam());
  const std::string prefix =
      "sealed " + std::to_string(static_cast<int>(GetParam())) + " ";
  for (const std::uint32_t sequence : {0, 1, 255, 256, 1023, 70000}) {
    channel.SkipTo(sequence);
    const auto plain = World().bytes("plain " + std::to_string(sequence));
    ASSERT_TRUE(ParsePlain(plain).ok());
    std::array<std::byte, kMaxSealed> out;
    const auto sealed = channel.sealer.Seal(plain, out);
    ASSERT_TRUE(sealed.ok());
    EXPECT_EQ(Hex(*sealed), World().text(prefix + std::to_string(sequence)));
  }
}

// 51: K_e and the nonce of each vector, by the ratchet.
TEST_P(SealedOfSuite, Schedule_MatchesTheVectors) {
  const std::string suite = std::to_string(static_cast<int>(GetParam())) + " ";
  ChainKey chain = KeysOf(GetParam()).chain;
  std::uint32_t epoch = 0;
  for (const std::uint32_t sequence : {0, 1, 255, 256, 1023, 70000}) {
    while (epoch < EpochOf(sequence)) Ratchet(chain, epoch++);
    EpochKeys keys;
    DeriveEpoch(chain, epoch, GetParam(), keys);
    const std::string name = suite + std::to_string(sequence);
    const std::size_t size = crypto::KeySize(AeadOf(GetParam()));
    EXPECT_EQ(Hex(Bytes(keys.key.bytes()).first(size)),
              World().text("key " + name));
    EXPECT_EQ(Hex(NonceOf(keys.iv.bytes(), sequence)),
              World().text("nonce " + name));
  }
}

TEST_P(SealedOfSuite, Receive_OpensTheVectors) {
  Channel channel(GetParam());
  const std::string prefix =
      "sealed " + std::to_string(static_cast<int>(GetParam())) + " ";
  for (const std::uint32_t sequence : {0, 1, 255, 256}) {
    const auto message = World().bytes(prefix + std::to_string(sequence));
    auto received = channel.Try(message);
    ASSERT_TRUE(received.ok()) << sequence;
    EXPECT_EQ(received->sequence, sequence);
    EXPECT_EQ(Hex(received->digest),
              Hex(crypto::Sha256::Of(
                  World().bytes("plain " + std::to_string(sequence)))));
    channel.state = std::move(received->next);
  }
}

// protocol.md 1.9: at most 35 bytes around a payload of 64.
TEST_P(SealedOfSuite, Overhead_IsWhatTheProtocolSays) {
  Channel channel(GetParam());
  const std::size_t extra = GetParam() == Suite::kAes128Gcm ? 0 : 1;
  const ByteArray<64> plain{};
  std::array<std::byte, 128> out;
  const auto overhead = [&](std::uint32_t sequence) {
    channel.SkipTo(sequence);
    return channel.sealer.Seal(plain, out)->size() - plain.size();
  };
  EXPECT_EQ(overhead(0), 32 + extra);
  EXPECT_EQ(overhead(256), 33 + extra);
  EXPECT_EQ(overhead(65536), 34 + extra);
}

TEST(Sealed, MaxSealed_HoldsTheLargest) {
  Reading reading{.model_index = 0xffff, .time_ms = ~std::uint64_t{0}};
  reading.inputs.fill(-2147483647 - 1);
  reading.input_count = Reading::kMaxInputs;
  const ByteArray<Reading::kMaxOutput> output{};
  reading.output = output;
  Channel channel;
  channel.SkipTo(65536);
  EXPECT_EQ(channel.Seal(reading).size(), kMaxSealed);
}

TEST(Sealed, Seal_RefusesEveryBufferTooShort) {
  Channel channel;
  const ByteArray<10> plain{};
  const std::size_t size = 10 + 32;
  for (std::size_t room = 0; room < size; ++room) {
    Sealer sealer;
    sealer.Open(Suite::kChaCha20Poly1305, 1, KeysOf(Suite::kChaCha20Poly1305));
    std::vector<std::byte> out(room);
    EXPECT_FALSE(sealer.Seal(plain, out).ok()) << room;
    EXPECT_EQ(sealer.next(), 1u);  // attack 10: the number is burnt
  }
}

TEST(Sealed, Seal_RefusesWithoutASession) {
  Sealer sealer;
  std::array<std::byte, 64> out;
  EXPECT_REFUSED(sealer.Seal({}, out), WireUnknownSession);
  sealer.Open(Suite::kAes128Gcm, 1, KeysOf(Suite::kAes128Gcm));
  sealer.Close();
  EXPECT_REFUSED(sealer.Seal({}, out), WireUnknownSession);
}

// Attack 9: no wrap.
TEST(Sealed, Seal_EndsAtTheLastSequenceNumber) {
  Sealer sealer;
  sealer.Open(Suite::kAes128Gcm, 1, KeysOf(Suite::kAes128Gcm));
  std::array<std::byte, 64> out;
  std::array<std::byte, 0> none;  // fails early: a burnt number is cheap
  while (!sealer.exhausted()) (void)sealer.Seal(none, {});
  EXPECT_EQ(sealer.next(), kMaxSequence);
  EXPECT_REFUSED(sealer.Seal({}, out), WireExhausted);
}

// Attack 31: what a sealer holds after epoch e opens nothing of an earlier one.
TEST(Sealed, Sealer_HoldsNoKeyOfAnEarlierEpoch) {
  Channel channel;
  ChainKey chain = KeysOf(Suite::kChaCha20Poly1305).chain;
  EpochKeys first;
  DeriveEpoch(chain, 0, Suite::kChaCha20Poly1305, first);
  channel.SkipTo(257);
  // Safety: the test looks at the object as at a memory dump.
  const Bytes dump(reinterpret_cast<const std::byte*>(&channel.sealer),
                   sizeof channel.sealer);
  const auto holds = [&](Bytes secret) {
    return !std::ranges::search(dump, secret).empty();
  };
  EXPECT_FALSE(holds(first.key.bytes()));
  EXPECT_FALSE(holds(chain.bytes()));
  Ratchet(chain, 0);
  EXPECT_FALSE(holds(chain.bytes()));
  EpochKeys second;
  DeriveEpoch(chain, 1, Suite::kChaCha20Poly1305, second);
  EXPECT_TRUE(holds(second.key.bytes()));  // the dump does see what is held
  channel.sealer.Close();
  EXPECT_FALSE(holds(second.key.bytes()));
}

TEST(Sealed, Receive_RefusesEveryFlippedBitAndChangesNothing) {
  Channel channel;
  const auto message = channel.SealReading();
  for (std::size_t i = 0; i < message.size(); ++i) {
    for (const int bit : {0, 5, 7}) {
      auto changed = message;
      changed[i] ^= std::byte(1 << bit);
      EXPECT_FALSE(channel.Try(changed).ok()) << i;
    }
  }
  EXPECT_EQ(channel.Take(message), kTaken);
}

TEST(Sealed, Receive_SaysWhatItHasSeen) {
  Channel channel;
  const auto first = channel.SealReading(), second = channel.SealReading();
  EXPECT_EQ(channel.Take(second), kTaken);
  EXPECT_EQ(channel.Take(first), kTaken);
  EXPECT_EQ(channel.Take(second), kSeen);
  EXPECT_EQ(channel.Take(first), kSeen);
}

// Attack 21.
TEST(Sealed, Receive_ReordersWithinTheWindowAlone) {
  Channel channel;
  std::vector<std::vector<std::byte>> messages;
  for (int i = 0; i < 1030; ++i) messages.push_back(channel.SealReading());
  EXPECT_EQ(channel.Take(messages[1025]), kTaken);
  EXPECT_EQ(channel.Take(messages[0]), Error::kWireTooLate);  // 1025 behind
  EXPECT_EQ(channel.Take(messages[1]), Error::kWireTooLate);  // 1024 behind
  EXPECT_EQ(channel.Take(messages[2]), kTaken);               // 1023 behind
  EXPECT_EQ(channel.Take(messages[2]), kSeen);
  EXPECT_EQ(channel.Take(messages[1026]), kTaken);
  EXPECT_EQ(channel.Take(messages[2]), Error::kWireTooLate);
}

// The bit of a passed place is not taken for the new one's.
TEST(Sealed, Receive_ForgetsPlacesThatThePeakPasses) {
  for (const std::uint32_t gap : {1u, 1000u, 1023u, 1024u, 1025u, 5000u}) {
    Channel channel;
    const auto first = channel.SealReading();
    EXPECT_EQ(channel.Take(first), kTaken);
    channel.SkipTo(gap);
    EXPECT_EQ(channel.Take(channel.SealReading()), kTaken) << gap;
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(channel.Take(channel.SealReading()), kTaken) << gap;
  }
}

// Attacks 22 and 33: a jump is bounded, and an erased epoch stays erased.
TEST(Sealed, Receive_BoundsTheJumpInEpochs) {
  Channel channel;
  channel.SkipTo(256 * 256);
  const auto at_limit = channel.SealReading();
  channel.SkipTo(257 * 256);
  const auto beyond = channel.SealReading();
  EXPECT_EQ(channel.Take(beyond), Error::kWireTooFarAhead);
  EXPECT_EQ(channel.Take(at_limit), kTaken);
  EXPECT_EQ(channel.Take(beyond), kTaken);
  EXPECT_GE(channel.state.floor_epoch, 252u);
}

// One opener, sessions in turn, messages across epochs and out of order: the
// keys at hand are those of the message.
TEST(Sealed, Opener_OpensAnySessionsMessages) {
  Channel channels[] = {Channel(Suite::kAes128Gcm), Channel(),
                        Channel(Suite::kAes128Gcm)};
  Opener opener;
  std::vector<LiveSession> live;
  for (Channel& channel : channels)
    live.emplace_back(channel.suite, channel.state.Clone());
  ByteArray<kMaxSealed> scratch;
  const auto opens = [&](std::size_t i, Bytes message) {
    const auto parsed = ParseSealed(message);
    if (!opener.Open(live[i], *parsed, scratch).ok()) return false;
    live[i].Accept(parsed->sequence);
    return true;
  };
  for (const std::uint32_t sequence : {0u, 3u, 255u, 600u, 1023u, 2000u}) {
    std::vector<std::byte> late[3], ahead[3];
    for (std::size_t i = 0; i < 3; ++i) {
      channels[i].SkipTo(sequence);
      late[i] = channels[i].SealReading();
      channels[i].SkipTo(sequence + 300);
      ahead[i] = channels[i].SealReading();
      EXPECT_TRUE(opens(i, ahead[i])) << sequence;
    }
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(opens(i, late[i])) << sequence;
      late[i].back() ^= std::byte{1};
      EXPECT_FALSE(opens(i, late[i]));
    }
    for (Channel& channel : channels) channel.SkipTo(sequence + 302);
  }
}

// A key that the window has left behind is not at hand either.
TEST(Sealed, LiveSession_ForgetsKeysOfErasedEpochs) {
  Channel channel;
  LiveSession live(channel.suite, channel.state.Clone());
  Opener opener;
  ByteArray<kMaxSealed> scratch;
  EpochKeys keys;
  DeriveEpoch(channel.state.chain_floor, 0, channel.suite, keys);
  // Safety: the test looks at the object as at a memory dump.
  const auto holds = [&] {
    const Bytes dump(reinterpret_cast<const std::byte*>(&live), sizeof live);
    return !std::ranges::search(dump, keys.key.bytes()).empty();
  };
  const auto message = channel.SealReading();
  ASSERT_TRUE(opener.Open(live, *ParseSealed(message), scratch).ok());
  EXPECT_TRUE(holds());
  live.Accept(1023 + 256);
  EXPECT_FALSE(holds());
}

TEST(Sealed, State_KeepsOnlyTheOldestKeyOfTheWindow) {
  Channel channel;
  channel.SkipTo(1024 + 256);
  EXPECT_EQ(channel.Take(channel.SealReading()), kTaken);  // 1280
  EXPECT_EQ(channel.state.floor_epoch, 1u);                // of 257
}

TEST(Sealed, State_SurvivesItsEncoding) {
  Channel channel;
  std::vector<std::vector<std::byte>> messages;
  for (int i = 0; i < 300; ++i) messages.push_back(channel.SealReading());
  for (int i = 0; i < 300; i += 3) ASSERT_EQ(channel.Take(messages[i]), kTaken);

  std::array<std::byte, ReceiverState::kMaxEncoded> room;
  const auto encoded = EncodeState(channel.state, room);
  ASSERT_TRUE(encoded.ok());
  auto parsed = ParseState(*encoded);
  ASSERT_TRUE(parsed.ok());
  channel.state = std::move(*parsed);
  for (int i = 0; i < 300; ++i)
    ASSERT_EQ(channel.Take(messages[i]), i % 3 == 0 ? kSeen : kTaken) << i;
}

TEST(Sealed, State_MaxEncodedHoldsTheLargest) {
  ReceiverState state;
  state.floor_epoch = 4096;
  state.top = state.closed = kMaxSequence - 1;
  std::array<std::byte, ReceiverState::kMaxEncoded> room;
  const auto encoded = EncodeState(state, room);
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(encoded->size(), ReceiverState::kMaxEncoded);
  EXPECT_TRUE(ParseState(*encoded).ok());
}

// Attack 35.
TEST(Sealed, Receive_RefusesReadingsAfterTheEnd) {
  Channel channel;
  const auto before = channel.SealReading();
  const auto end = channel.Seal(Close{.last = 1});
  const auto after = channel.SealReading();
  EXPECT_EQ(channel.Take(end), kTaken);
  EXPECT_EQ(channel.Take(after), Error::kWireClosed);
  EXPECT_EQ(channel.Take(before), kTaken);
}

TEST(Sealed, Receive_RefusesAnEndThatIsNotItsOwn) {
  Channel channel;
  EXPECT_EQ(channel.Take(channel.Seal(Close{.last = 7})),
            Error::kWireMalformed);
}

// Attack 44.
TEST(Sealed, Receive_RefusesAModelThatTheTokenDoesNotName) {
  Channel channel;
  for (const std::uint16_t index : {0, 3, 65535})
    EXPECT_EQ(channel.Take(channel.Seal(
                  Reading{.model_index = index, .time_ms = 12'500})),
              Error::kWireModelIndex);
  EXPECT_EQ(
      channel.Take(channel.Seal(Reading{.model_index = 2, .time_ms = 12'500})),
      kTaken);
}

TEST(Sealed, Receive_RefusesTimesThatCannotBe) {
  Channel channel;
  EXPECT_EQ(channel.Take(channel.SealReading(11'999)), Error::kWireTime);
  EXPECT_EQ(channel.Take(channel.SealReading(12'000)), kTaken);
  // Nonce and token are 600 s old: nothing can be measured 610 s after it.
  EXPECT_EQ(channel.Take(channel.SealReading(12'000 + 610'000)),
            Error::kWireTime);
  EXPECT_EQ(channel.Take(channel.SealReading(~std::uint64_t{0})),
            Error::kWireTime);
  EXPECT_EQ(channel.Take(channel.SealReading(12'000 + 600'000)), kTaken);
}

// Attack 48: how long NS holds a reading back does not enter.
TEST(Sealed, Bounds_SurroundTheReading) {
  const TimeBounds bounds = BoundsOf(1'012'000, 12'000, 50'000'000, 50'002'000);
  EXPECT_EQ(bounds.low_ms, 50'000'000 + 1'000'000 - 500 - 1000u);
  EXPECT_EQ(bounds.high_ms, 50'002'000 + 1'000'000 + 500u);
  EXPECT_LT(BoundsOf(~std::uint64_t{0} >> 8, 0, 1, 2).low_ms,
            ~std::uint64_t{0} >> 8);
}

// Attack 47, the message's side.
TEST(Sealed, Receive_RefusesAnotherSuiteThanTheSessions) {
  Channel channel(Suite::kChaCha20Poly1305);
  auto message = channel.SealReading();
  channel.context.suite = Suite::kAes128Gcm;
  EXPECT_EQ(channel.Take(message), Error::kWireWrongSuite);
}

// Attack 22: one encoding for one number.
TEST(Sealed, Parse_RefusesOtherPartialIvs) {
  const auto parse = [](const std::string& piv, const std::string& length) {
    const std::string protected_header = "a3010104422c02064" + length + piv;
    std::array<std::byte, 128> room;
    cbor::Writer writer(room);
    writer.Tag(16);
    writer.Array(3);
    writer.Bstr(FromHex(protected_header));
    writer.Map(0);
    writer.Bstr(ByteArray<16>{});
    return ParseSealed(*writer.Finish());
  };
  EXPECT_TRUE(parse("00", "1").ok());
  EXPECT_TRUE(parse("0fffff", "3").ok());
  EXPECT_REFUSED(parse("", "0"), WireMalformed);
  EXPECT_REFUSED(parse("0000", "2"), WireMalformed);
  EXPECT_REFUSED(parse("0001", "2"), WireMalformed);
  EXPECT_REFUSED(parse("00ffff", "3"), WireMalformed);
  EXPECT_REFUSED(parse("100000", "3"), WireMalformed);
  EXPECT_REFUSED(parse("01000000", "4"), WireMalformed);
}

TEST(Sealed, Parse_RefusesTruncationsTrailersAndSize) {
  Channel channel;
  auto message = channel.SealReading();
  for (std::size_t size = 0; size < message.size(); ++size)
    EXPECT_FALSE(ParseSealed(Bytes(message).first(size)).ok());
  message.push_back(std::byte{0});
  EXPECT_REFUSED(ParseSealed(message), CborTrailing);
  EXPECT_REFUSED(ParseSealed(std::vector<std::byte>(kMaxMessage + 1)),
                 WireTooLarge);
}

TEST(Plain, Encode_RefusesEveryBufferTooShort) {
  const ByteArray<5> output{};
  Reading reading{
      .model_index = 1, .time_ms = 1000, .inputs = {1, -500}, .input_count = 2};
  reading.output = output;
  for (const Plain& plain : {Plain(reading), Plain(Event{1, 2, 3}),
                             Plain(Close{7}), Plain(Checkpoint{})}) {
    std::array<std::byte, kMaxPlain> room;
    const auto encoded = EncodePlain(plain, room);
    ASSERT_TRUE(encoded.ok());
    for (std::size_t size = 0; size < encoded->size(); ++size)
      EXPECT_REFUSED(EncodePlain(plain, MutableBytes(room).first(size)),
                     CborNoRoom);
  }
}

std::size_t Unpadded(const Plain& plain) {
  std::array<std::byte, kMaxPlain> room;
  const Bytes encoded = *EncodePlain(plain, room);
  cbor::Reader reader(encoded);
  return reader.Skip()->size();
}

TEST(Plain, MaxEncoded_HoldsTheLargest) {
  EXPECT_EQ(Unpadded(Event{~0ull, 0xffff, ~0u}), Event::kMaxEncoded);
  EXPECT_EQ(Unpadded(Close{~0u, Close::Reason::kAge}),
            Close::kMaxEncoded - 1);  // the reasons of today fit one byte
  EXPECT_EQ(Unpadded(Checkpoint{~0u, {}}), Checkpoint::kMaxEncoded);
  Reading reading{.model_index = 0xffff, .time_ms = ~std::uint64_t{0}};
  reading.inputs.fill(-2147483647 - 1);
  reading.input_count = Reading::kMaxInputs;
  const ByteArray<Reading::kMaxOutput> output{};
  reading.output = output;
  EXPECT_EQ(Unpadded(reading), Reading::kMaxEncoded);
}

// M13: the counts decide, the values do not.
TEST(Plain, Encode_IsAsLongForTheSmallestValuesAsForTheLargest) {
  const ByteArray<Reading::kMaxOutput> output{};
  for (std::size_t inputs = 0; inputs <= Reading::kMaxInputs; ++inputs) {
    for (std::size_t size = 0; size <= Reading::kMaxOutput; ++size) {
      Reading small{.input_count = inputs, .output = Bytes(output).first(size)};
      Reading large = small;
      large.model_index = 0xffff;
      large.time_ms = ~std::uint64_t{0};
      large.inputs.fill(-2147483647 - 1);
      std::array<std::byte, kMaxPlain> room;
      const std::size_t padded = EncodePlain(small, room)->size();
      EXPECT_EQ(padded, EncodePlain(large, room)->size());
      EXPECT_EQ(padded, PaddedReading(inputs, size));
      EXPECT_LT(padded - Unpadded(large), kPaddingStep);
    }
  }
}

TEST(Plain, Encode_PadsToWhatIsAskedFor) {
  std::array<std::byte, kMaxPlain> room;
  for (std::size_t size = kPaddingStep; size <= kMaxPlain; size += kPaddingStep)
    EXPECT_EQ(EncodePlain(Close{7}, room, size)->size(), size);
  for (const std::size_t size : {std::size_t{65}, kMaxPlain + kPaddingStep})
    EXPECT_REFUSED(EncodePlain(Close{7}, room, size), WireTooLarge);
  // Never less than it needs.
  EXPECT_EQ(EncodePlain(Checkpoint{}, room, 64)->size(), 128u);
}

Result<Plain> ParsePadded(std::string hex, std::size_t size = 64) {
  auto bytes = FromHex(hex);
  bytes.resize(size);
  return ParsePlain(bytes);
}

TEST(Plain, Parse_RefusesWhatIsNoPlain) {
  const auto refused = [](const char* hex) { return !ParsePadded(hex).ok(); };
  EXPECT_FALSE(refused("850101008040"));
  EXPECT_TRUE(refused("850501008040"));            // unknown type
  EXPECT_TRUE(refused("8401010080"));              // an item short
  EXPECT_TRUE(refused("860101008040"));            // an item more
  EXPECT_TRUE(refused("85010100804001"));          // trailing byte
  EXPECT_TRUE(refused("851801008040"));            // longer head
  EXPECT_TRUE(refused("85011a00010000008040"));    // index above u16
  EXPECT_TRUE(refused("850101008060"));            // text for bytes
  EXPECT_TRUE(refused("85010100811a8000000040"));  // input above int32
  EXPECT_TRUE(refused("83030000"));                // no such reason
  EXPECT_TRUE(refused("83030007"));
  EXPECT_FALSE(refused("83030001"));
  EXPECT_TRUE(refused(""));
}

// One padding for one plaintext and length.
TEST(Plain, Parse_RefusesOtherPadding) {
  for (std::size_t size = 0; size <= 2 * kMaxPlain; ++size) {
    const bool whole = size != 0 && size % 64 == 0 && size <= kMaxPlain;
    EXPECT_EQ(ParsePadded("83030001", size).ok(), whole) << size;
  }
  for (std::size_t at = 4; at < 64; ++at) {
    auto bytes = FromHex("83030001");
    bytes.resize(64);
    bytes[at] = std::byte{1};
    EXPECT_REFUSED(ParsePlain(bytes), WireMalformed);
  }
  // Ten inputs of a byte each fit 64, but ten of five would not.
  EXPECT_REFUSED(ParsePadded("850101008a0000000000000000000040", 64),
                 WireMalformed);
  EXPECT_TRUE(ParsePadded("850101008a0000000000000000000040", 128).ok());
  EXPECT_REFUSED(ParsePlain({}), CborTruncated);
}

}  // namespace
}  // namespace cai::wire
