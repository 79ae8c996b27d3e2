// Attack tests of protocol.md, section 3, as far as ingest decides them: each
// asserts the exact reason inward and the silence outward.
#include "host/ingest/receiver.h"

#include <openssl/evp.h>

#include "host/ingest/fixture.h"

namespace cai::ingest {
namespace {

using ReceiverTest = IngestTest;

constexpr std::uint64_t kMinute = 60'000, kHour = 60 * kMinute;

Blob Protected(const wire::SessionHeader& header) {
  ByteArray<wire::SessionHeader::kMaxEncoded> room;
  return host::ToBlob(*wire::EncodeSessionHeader(header, room));
}

// {1: alg, 4: kid, 6: piv} and a ciphertext of no key.
Blob Forged(const SimulatedDevice& device, Bytes piv) {
  ByteArray<64> room;
  cbor::Writer header(room);
  header.Map(3);
  header.Uint(1);
  header.Uint(24);
  header.Uint(4);
  header.Bstr(BigEndian(device.current.key_id()));
  header.Uint(6);
  header.Bstr(piv);
  Blob out(128);
  cbor::Writer writer(out);
  writer.Tag(cose::kTagEncrypt0);
  writer.Array(3);
  writer.Bstr(*header.Finish());
  writer.Map(0);
  writer.Bstr(ByteArray<40>{});
  return host::ToBlob(*writer.Finish());
}
Blob Forged(const SimulatedDevice& device, std::initializer_list<int> piv) {
  Blob bytes;
  for (const int b : piv) bytes.push_back(std::byte(b));
  return Forged(device, Bytes(bytes));
}

using Block = ByteArray<16>;

Blob Damaged(Blob message) {
  message.back() ^= std::byte{1};
  return message;
}

// ---- The way it should go ---------------------------------------------------

TEST_F(ReceiverTest, AReadingIsStoredWithAllThatIsKnownOfIt) {
  Open(a_);
  const std::uint64_t opened = now_;
  now_ += 5'000;
  wire::Reading reading = a_.Sample();
  reading.time_ms = kTokenUptimeMs + 5'000;
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(reading)), "");

  ASSERT_EQ(Readings(a_), 1);
  EXPECT_EQ(Text("SELECT device FROM readings"), a_.Id());
  EXPECT_EQ(Text("SELECT model || ' ' || model_version FROM readings"),
            "sine 3");
  EXPECT_EQ(Text("SELECT lower(hex(model_hash)) FROM readings"),
            host::Hex(a_.token.sine));
  EXPECT_EQ(Text("SELECT inputs FROM readings"), "[-21500,3]");
  EXPECT_EQ(Text("SELECT hex(output) FROM readings"), "807F01");
  EXPECT_EQ(Text("SELECT label FROM readings"), "high");  // 127 wins
  EXPECT_EQ(Text("SELECT status FROM readings"), "attested");
  EXPECT_EQ(Text("SELECT lower(hex(token_id)) FROM readings"),
            host::Hex(a_.current.token_id));
  EXPECT_EQ(Number("SELECT sc FROM readings"), 7 << 8);
  EXPECT_EQ(Number("SELECT generation FROM readings"), 1);
  EXPECT_EQ(Number("SELECT t_ms FROM readings"), 95'000);
  // Five seconds after the token, whose second is rounded; 500 ppm of drift.
  const auto since = static_cast<std::int64_t>(opened) + 5'000;
  EXPECT_EQ(Number("SELECT t_hi FROM readings"), since + 2);
  EXPECT_EQ(Number("SELECT t_lo FROM readings"), since - 1'000 - 1'002);
}

TEST_F(ReceiverTest, AModelWithoutLabelNames_GivesNone) {
  Open(a_);
  wire::Reading reading = a_.Sample();
  reading.model_index = 2;
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(reading)), "");
  EXPECT_EQ(Text("SELECT model FROM readings"), "anomaly");
  EXPECT_EQ(Number("SELECT label IS NULL FROM readings"), 1);
}

TEST_F(ReceiverTest, EventsAreKept_ButAreNoReadings) {
  Open(a_);
  const wire::Event event{.time_ms = 91'000, .id = 1, .argument = 4};
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(event)), "");
  EXPECT_EQ(Text("SELECT what FROM others"), "event 1 4");
  EXPECT_EQ(Readings(a_), 0);
}

TEST_F(ReceiverTest, Hello_IsAnsweredOnceInFiveSeconds) {
  const Blob hello = HelloOf(keys_->svc());
  EXPECT_EQ(Send(a_, 's', hello), "");
  EXPECT_EQ(answer_.publish.size(), 2u);
  now_ += 4'999;
  EXPECT_EQ(Silent(a_, 's', hello), "");
  EXPECT_EQ(Send(b_, 's', hello), "");  // each device has its own limit
  EXPECT_EQ(answer_.publish.size(), 2u);
  now_ += 1;
  EXPECT_EQ(Send(a_, 's', hello), "");
  EXPECT_EQ(answer_.publish.size(), 2u);
}

TEST_F(ReceiverTest, Hello_ToAnotherServiceIsRefused) {
  wire::Svc other = keys_->svc();
  other[0] ^= std::byte{1};
  EXPECT_EQ(Silent(a_, 's', HelloOf(other)), "WireWrongService");
}

// ---- Who may speak ----------------------------------------------------------

TEST_F(ReceiverTest, UnknownAndInactiveDevicesAreRefused) {
  SimulatedDevice stranger(0x51, "stranger");
  EXPECT_EQ(Silent(stranger, 's', HelloOf(keys_->svc())), "WireUnknownDevice");
  EXPECT_EQ(Silent(stranger, 'r', {}), "WireUnknownDevice");

  Open(a_);
  for (const auto status : {registry::DeviceStatus::kSuspended,
                            registry::DeviceStatus::kUnenrolled}) {
    ASSERT_TRUE(registry_.SetStatus(a_.uuid, status).ok());
    EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "WireUnknownDevice");
    EXPECT_EQ(Silent(a_, 's', HelloOf(keys_->svc())), "WireUnknownDevice");
  }
  ASSERT_TRUE(
      registry_.SetStatus(a_.uuid, registry::DeviceStatus::kActive).ok());
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
}

TEST_F(ReceiverTest, TopicsOfNobodyAreRefused) {
  for (const std::string& topic :
       {std::string(), std::string("cai/x/s"), "cai/" + a_.Id() + "/d",
        "cai/" + a_.Id() + "/rr", "cai/" + std::string(36, 'A') + "/r"}) {
    EXPECT_EQ(Send(topic, a_.output), "WireMalformed") << topic;
    EXPECT_TRUE(answer_.publish.empty());
  }
}

TEST_F(ReceiverTest, WithoutAPinnedKey_NoSession) {
  SimulatedDevice c(0x51, "carl");
  Endorse(c);
  Challenge(c);
  EXPECT_EQ(Silent(c, 's', c.Session()), "WireNotEnrolled");
}

TEST_F(ReceiverTest, AKeyPinnedByACsrAlone_IsTofu) {
  SimulatedDevice c(0x51, "carl");
  Enrol(c, false);
  Open(c);
  EXPECT_EQ(Silent(c, 'r', c.Reading()), "");
  EXPECT_EQ(Text("SELECT status FROM readings"), "tofu");
}

TEST_F(ReceiverTest, WithoutItsReferenceValue_NothingIsAttested) {
  const auto& t = a_.token;
  const std::function<void(References&)> alterations[] = {
      [](References& r) { r = {}; },
      [&](References& r) { r.firmware[0].measurement = t.engine; },
      [&](References& r) { r.firmware[1].signer = t.engine; },
      [&](References& r) { r.engines[0].digest = t.sine; },
      [&](References& r) { r.models.pop_back(); }};
  for (const auto& alter : alterations) {
    WriteReferences(alter);
    Open(a_);
    EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
    EXPECT_EQ(Text("SELECT status FROM readings ORDER BY id DESC LIMIT 1"),
              "unattested");
  }
}

// protocol.md, H9: a token speaks for a day.
TEST_F(ReceiverTest, ReadingsADayAfterTheirToken_AreNotAttested) {
  Open(a_);
  wire::Reading reading = a_.Sample();
  now_ += 25 * kHour;
  reading.time_ms = kTokenUptimeMs + 24 * kHour;
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(reading)), "");
  reading.time_ms += 1;
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(reading)), "");
  EXPECT_EQ(Text("SELECT group_concat(status) FROM readings"),
            "attested,unattested");
}

// ---- Attacks on sessions ----------------------------------------------------

// 11.
TEST_F(ReceiverTest, Attack11_ASecondDeviceSignsTheSessionAnew) {
  Challenge(a_);
  const Blob session = a_.Session();
  const auto parsed = wire::ParseSession(session);
  ASSERT_TRUE(parsed.ok());

  wire::SessionHeader header = a_.current;
  EXPECT_EQ(Silent(a_, 's',
                   SignRaw(Protected(header), parsed->payload,
                           b_.token.cose_sign.get())),
            "CoseBadSignature");
  header.uuid = b_.uuid.bytes;
  EXPECT_EQ(Silent(b_, 's',
                   SignRaw(Protected(header), parsed->payload,
                           b_.token.cose_sign.get())),
            "CryptoBadTag");
  EXPECT_EQ(Count("sessions"), 0);
}

// 12.
TEST_F(ReceiverTest, Attack12_TheEncryptOfOneSessionUnderAnothersHeader) {
  Challenge(a_);
  const Blob first = a_.Session(), second = a_.Session();
  const auto parsed = wire::ParseSession(first);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(Silent(a_, 's',
                   SignRaw(Protected(a_.current), parsed->payload,
                           a_.token.cose_sign.get())),
            "CryptoBadTag");
}

// 13. Not signed anew it is the signature that fails; signed anew by the very
// device, the keys that derive from the header.
TEST_F(ReceiverTest, Attack13_EveryFieldOfTheHeaderCounts) {
  Challenge(a_);
  const Blob session = a_.Session();
  const auto parsed = wire::ParseSession(session);
  ASSERT_TRUE(parsed.ok());
  struct Case {
    SimulatedDevice::AlterHeader alter;
    std::string signed_anew;
  };
  const Case cases[] = {
      {[](auto& h) { h.svc[0] ^= std::byte{1}; }, "WireWrongService"},
      {[](auto& h) { ++h.generation; }, "WireDeadGeneration"},
      {[](auto& h) { ++h.counter; }, "CryptoBadTag"},
      {[](auto& h) { ++h.first; }, "CryptoBadTag"},
      {[](auto& h) { h.token_id[31] ^= std::byte{1}; }, "CryptoBadTag"},
      {[](auto& h) { h.suite = wire::Suite::kAes128Gcm; }, "CryptoBadTag"},
      {[](auto& h) { h.uuid[0] ^= std::byte{1}; }, "WireWrongDevice"}};
  for (const Case& one : cases) {
    wire::SessionHeader header = a_.current;
    one.alter(header);
    // A new key may be what it lacks: that alone is answered.
    EXPECT_EQ(Send(a_, 's',
                   SignRaw(Protected(header), parsed->payload,
                           a_.token.cose_sign.get())),
              one.signed_anew);
    const std::string expected =
        header.uuid == a_.uuid.bytes ? "CoseBadSignature" : "WireWrongDevice";
    EXPECT_EQ(Silent(a_, 's',
                     SignRaw(Protected(header), parsed->payload,
                             b_.token.cose_sign.get())),
              expected);
  }
  EXPECT_EQ(Count("sessions"), 0);
  EXPECT_EQ(Silent(a_, 's', session), "");
}

// 14. -21 (PartyU identity) in the recipient's headers.
TEST_F(ReceiverTest, Attack14_PartiesInTheMessageAreRefused) {
  Challenge(a_);
  const Blob session = a_.Session();
  const auto parsed = wire::ParseSession(session);
  ASSERT_TRUE(parsed.ok());
  Blob payload = host::ToBlob(parsed->payload);
  const Blob head = {std::byte{0xa2}, std::byte{0x04}, std::byte{0x48}};
  const auto map =
      std::find_end(payload.begin(), payload.end(), head.begin(), head.end());
  ASSERT_NE(map, payload.end());
  *map = std::byte{0xa3};
  const Blob party = {std::byte{0x34}, std::byte{0x41}, std::byte{0x00}};
  payload.insert(payload.end() - 26, party.begin(), party.end());
  EXPECT_EQ(
      Silent(a_, 's',
             SignRaw(Protected(a_.current), payload, a_.token.cose_sign.get())),
      "CoseUnexpectedHeader");
}

// 17.
TEST_F(ReceiverTest, Attack17_AnOldSessionBringsNothingBack) {
  const Blob session = Open(a_);
  const Blob reading = a_.Reading();
  EXPECT_EQ(Silent(a_, 'r', reading), "");
  Restart();
  const std::string state = StateOf(a_);
  EXPECT_EQ(Silent(a_, 's', session), "");
  EXPECT_EQ(Silent(a_, 'r', reading), "");
  EXPECT_EQ(StateOf(a_), state);

  // After its keys were erased.
  a_.Reboot();
  Open(a_);
  now_ += kHour + 1'000;
  ASSERT_TRUE(receiver_->Tick(now_).ok());
  EXPECT_EQ(Silent(a_, 's', session), "");
  EXPECT_EQ(Number("SELECT wrapped IS NULL FROM sessions WHERE sc = 7 * 256"),
            1);
  EXPECT_EQ(Send(a_, 'r', reading), "parked");
  EXPECT_EQ(Readings(a_), 1);
}

// 17. A store that was restored to nothing issued no such nonce.
TEST_F(ReceiverTest, Attack17_ALostStoreTakesNoOldSession) {
  const Blob session = Open(a_);
  receiver_.reset();
  store_.reset();
  rows_.reset();
  for (const char* suffix : {"", "-wal", "-shm"})
    host::fs::remove(state_.readings_db().string() + suffix);
  Restart();
  EXPECT_EQ(Send(a_, 's', session), "EatWrongNonce");
  EXPECT_EQ(Count("sessions"), 0);
}

// 18.
TEST_F(ReceiverTest, Attack18_ASessionThatWasOvertakenDrains) {
  Challenge(a_);
  const Blob token = a_.Token();
  const Blob first = a_.Session(token);
  const Blob late = a_.Reading();
  const Blob second = a_.Session(token);
  EXPECT_EQ(Silent(a_, 's', second), "");
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
  EXPECT_EQ(Silent(a_, 's', first), "");
  EXPECT_EQ(Number("SELECT state FROM sessions WHERE sc = 7 * 256"), 1);
  EXPECT_EQ(Number("SELECT state FROM sessions WHERE sc = 7 * 256 + 1"), 0);
  EXPECT_EQ(Silent(a_, 'r', late), "");
  EXPECT_EQ(Readings(a_), 2);
}

TEST_F(ReceiverTest, Attack18_ASessionMuchOlderIsRefused) {
  Challenge(a_);
  const Blob old = a_.Session();
  a_.Reboot();
  a_.Reboot();
  Open(a_);
  const Blob edge = a_.Session();
  EXPECT_EQ(Silent(a_, 's', old), "WireOldSession");
}

// 19.
TEST_F(ReceiverTest, Attack19_ADuplicateSessionResetsNothing) {
  const Blob session = Open(a_);
  const Blob reading = a_.Reading();
  EXPECT_EQ(Silent(a_, 'r', reading), "");
  const std::string state = StateOf(a_);
  EXPECT_EQ(Silent(a_, 's', session), "");
  EXPECT_EQ(StateOf(a_), state);
  EXPECT_EQ(Silent(a_, 'r', reading), "");
  EXPECT_EQ(Readings(a_), 1);
}

// 4, M12: two sessions under one counter are two devices.
TEST_F(ReceiverTest, AForkSuspendsTheDevice) {
  Open(a_);
  const Blob before = a_.Reading();
  Challenge(a_);
  --a_.next.counter;
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "WireFork");
  EXPECT_EQ(Number("SELECT forked FROM devices"), 1);
  // Nobody knows which of the two is the device.
  EXPECT_EQ(Silent(a_, 'r', before), "WireFork");
  now_ += kMinute;
  EXPECT_EQ(Silent(a_, 's', HelloOf(keys_->svc())), "WireFork");
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "WireFork");
  Restart();
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "WireFork");
  EXPECT_EQ(Readings(a_), 0);
  Open(b_);
  EXPECT_EQ(Silent(b_, 'r', b_.Reading()), "");
}

// 27.
TEST_F(ReceiverTest, Attack27_TwoDevicesMayHaveOneKeyId) {
  Open(a_);
  Open(b_);
  ASSERT_EQ(a_.current.key_id(), b_.current.key_id());
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
  EXPECT_EQ(Silent(b_, 'r', b_.Reading()), "");
  EXPECT_EQ(Readings(a_), 1);
  EXPECT_EQ(Readings(b_), 1);
}

// 28.
TEST_F(ReceiverTest, Attack28_NothingCountsOnAnothersTopic) {
  const Blob session = Open(a_);
  Open(b_);
  EXPECT_EQ(Silent(b_, 'r', a_.Reading()), "CryptoBadTag");
  EXPECT_EQ(Silent(b_, 's', session), "WireWrongDevice");
  EXPECT_EQ(
      Number("SELECT count(*) FROM refusals WHERE device = '" + b_.Id() + "'"),
      2);
  EXPECT_EQ(Count("readings"), 0);
}

// 32: the private key of the generation is gone, and so is what it wrapped.
TEST_F(ReceiverTest, Attack32_ADestroyedGenerationOpensNothing) {
  const Blob session = Open(a_);
  const Blob reading = a_.Reading();
  EXPECT_EQ(Silent(a_, 'r', reading), "");
  ASSERT_TRUE(
      ca::Service::Rotate(state_, static_cast<std::int64_t>(now_ / 1000), true)
          .ok());
  Restart();
  // The device hears of the new one, but not with every message.
  EXPECT_EQ(Send(a_, 'r', reading), "WireDeadGeneration");
  TakeChallenge(a_);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "WireDeadGeneration");
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "WireDeadGeneration");
  now_ += 5'000;
  EXPECT_EQ(Send(a_, 's', a_.Session()), "WireDeadGeneration");
  TakeChallenge(a_);
  Introduce(a_);
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "");
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
  EXPECT_EQ(Number("SELECT max(generation) FROM readings"), 2);
}

// M6: a rotation counts for an ingest that is running.
TEST_F(ReceiverTest, KeysThatAreLoadedAnewCountAtOnce) {
  Open(a_);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
  const auto now = static_cast<std::int64_t>(now_ / 1000);
  ASSERT_TRUE(ca::Service::Rotate(state_, now, false).ok());
  *keys_ = *ServiceKeys::Load(state_);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");  // the old one lingers
  ASSERT_TRUE(ca::Service::Rotate(state_, now, true).ok());
  *keys_ = *ServiceKeys::Load(state_);
  now_ += 5'000;
  EXPECT_EQ(Send(a_, 'r', a_.Reading()), "WireDeadGeneration");
  TakeChallenge(a_);
  Introduce(a_);
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "");
  EXPECT_EQ(a_.current.generation, 3u);
}

// ---- Attacks on tokens (36, 38) ---------------------------------------------

TEST_F(ReceiverTest, Attack36_ANonceServesOneToken) {
  Open(a_);
  const Blob other =
      a_.Token([](eat::AiClaims& claims) { claims.uptime_s = 91; });
  EXPECT_EQ(Send(a_, 's', a_.Session(other)), "EatNonceSpent");
}

TEST_F(ReceiverTest, Attack36_AnothersNonce) {
  Challenge(b_);
  a_.token.nonce = b_.token.nonce;
  EXPECT_EQ(Send(a_, 's', a_.Session()), "EatWrongNonce");
  a_.token.nonce.fill(std::byte{9});
  EXPECT_EQ(Send(a_, 's', a_.Session()), "EatWrongNonce");
  EXPECT_EQ(Silent(b_, 's', b_.Session()), "");
}

TEST_F(ReceiverTest, Attack36_ANonceLivesTenMinutes) {
  Challenge(a_);
  now_ += 10 * kMinute + 1;
  EXPECT_EQ(Send(a_, 's', a_.Session()), "EatNonceExpired");
  // Without a new one the device would never get in again.
  TakeChallenge(a_);
  now_ += 10 * kMinute;
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "");
}

TEST_F(ReceiverTest, ASpentNonceLivesADay_ForItsOwnToken) {
  Challenge(a_);
  const std::uint64_t issued = now_;
  const Blob token = a_.Token();
  EXPECT_EQ(Silent(a_, 's', a_.Session(token)), "");
  now_ = issued + 24 * kHour;
  EXPECT_EQ(Silent(a_, 's', a_.Session(token)), "");
  now_ += 1;
  EXPECT_EQ(Send(a_, 's', a_.Session(token)), "EatNonceExpired");
}

// One message after another with a bad nonce: no more answers than to hellos.
TEST_F(ReceiverTest, BadNonces_AreAnsweredOnceInFiveSeconds) {
  Challenge(a_);
  a_.token.nonce.fill(std::byte{9});
  now_ += 4'999;
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "EatWrongNonce");
  now_ += 1;
  EXPECT_EQ(Send(a_, 's', a_.Session()), "EatWrongNonce");
  EXPECT_EQ(answer_.publish.size(), 2u);
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "EatWrongNonce");
}

TEST_F(ReceiverTest, Attack36_ClaimsOfAnother) {
  Challenge(a_);
  const ByteArray<8> audience{std::byte{1}};
  const crypto::P256Public key = b_.token.cose_sign.public_key();
  const std::pair<SimulatedDevice::AlterClaims, std::string> cases[] = {
      {[&](eat::AiClaims& c) { c.service = audience; }, "EatWrongAudience"},
      {[](eat::AiClaims& c) { --c.boot_count; }, "EatWrongBoot"},
      {[&](eat::AiClaims& c) { c.confirmation = key; }, "EatWrongKey"},
      {[&](eat::AiClaims& c) { c.ueid = b_.token.ueid; }, "EatUnknownDevice"}};
  for (const auto& [alter, reason] : cases)
    EXPECT_EQ(Silent(a_, 's', a_.Session(a_.Token(alter))), reason);
  EXPECT_EQ(Count("sessions"), 0);
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "");
}

TEST_F(ReceiverTest, Attack36_TheKeyOfAnother) {
  Challenge(a_);
  b_.token.nonce = a_.token.nonce;
  b_.token.ueid = a_.token.ueid;
  EXPECT_EQ(Silent(a_, 's', a_.Session(b_.Token())), "EatBadSignature");
}

// s -> n - s verifies as well: the token's id is the same, so it stays the
// token that spent the nonce.
TEST_F(ReceiverTest, Attack36_AMalleatedSignatureIsTheSameToken) {
  Challenge(a_);
  const Blob token = a_.Token();
  EXPECT_EQ(Silent(a_, 's', a_.Session(token)), "");
  const auto order = host::FromHex(
      "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  Blob other = token;
  int borrow = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    std::byte& b = other[other.size() - 1 - i];
    int digit = std::to_integer<int>((*order)[31 - i]) -
                std::to_integer<int>(b) - borrow;
    borrow = digit < 0;
    b = std::byte(digit & 0xff);
  }
  ASSERT_NE(other, token);
  ASSERT_EQ(*wire::TokenId(other), *wire::TokenId(token));
  EXPECT_EQ(Silent(a_, 's', a_.Session(other)), "");
  EXPECT_EQ(Number("SELECT count(DISTINCT token_id) FROM sessions"), 1);
}

TEST_F(ReceiverTest, Attack36_OtherKindsOfToken) {
  Challenge(a_);
  EXPECT_EQ(Silent(a_, 's', a_.Session(a_.token.KeyToken())),
            "EatWrongContentType");
  EXPECT_EQ(Silent(a_, 's', a_.Session(a_.token.PlatformToken())),
            "EatWrongContentType");
  Blob mac0 = a_.Token();
  mac0[0] = std::byte{0xd1};  // tag 17
  EXPECT_EQ(Silent(a_, 's', a_.Session(mac0)), "CborOutOfRange");
  EXPECT_EQ(Count("sessions"), 0);
}

// 37, as far as it meets the receiver.
TEST_F(ReceiverTest, Attack37_APlatformTokenThatNsAskedFor) {
  Challenge(a_);
  const auto with = [&](const auto& nested) {
    return a_.Session(a_.token.AiToken({}, nested));
  };
  EXPECT_EQ(
      Silent(a_, 's', with([](eat::PlatformClaims& c) { c.client_id = -1; })),
      "EatPlatformClient");
  EXPECT_EQ(Silent(a_, 's', with([&](eat::PlatformClaims& c) {
                     c.boot_seed = c.nonce;
                   })),
            "EatPlatformMismatch");
  EXPECT_EQ(Silent(a_, 's',
                   with([](eat::PlatformClaims& c) { c.lifecycle = 0x4000; })),
            "EatLifecycle");
}

// 38.
TEST_F(ReceiverTest, Attack38_ASessionThatNamesAnotherToken) {
  Challenge(a_);
  const auto other =
      wire::TokenId(a_.Token([](eat::AiClaims& c) { c.uptime_s = 91; }));
  const Blob session = a_.Session(
      a_.Token(), [&](wire::SessionHeader& h) { h.token_id = *other; });
  EXPECT_EQ(Silent(a_, 's', session), "WireTokenMismatch");
}

// ---- Attacks on readings ----------------------------------------------------

// 20.
TEST_F(ReceiverTest, Attack20_AReadingCountsOnce) {
  Open(a_);
  const Blob reading = a_.Reading();
  EXPECT_EQ(Silent(a_, 'r', reading), "");
  EXPECT_EQ(Silent(a_, 'r', reading), "");
  // Another worker on the same store, and one after a kill: same thing, as what
  // a Receiver has in memory counts only while the store has no other.
  Receiver other(*store_, *keys_, *directory_);
  ASSERT_TRUE(other.Take(99, a_.Topic('r'), reading, now_).ok());
  const Blob second = a_.Reading();
  ASSERT_TRUE(other.Take(100, a_.Topic('r'), second, now_).ok());
  EXPECT_EQ(Silent(a_, 'r', second), "");
  EXPECT_EQ(Readings(a_), 2);
  Restart();
  EXPECT_EQ(Silent(a_, 'r', reading), "");
  EXPECT_EQ(Readings(a_), 2);
  EXPECT_EQ(Count("refusals"), 0);
}

// 21.
TEST_F(ReceiverTest, Attack21_TheWindowIs1024Wide) {
  Open(a_);
  std::vector<Blob> sealed;
  for (int i = 0; i <= 1100; ++i) sealed.push_back(a_.Reading());
  EXPECT_EQ(Silent(a_, 'r', sealed[1100]), "");
  EXPECT_EQ(Silent(a_, 'r', sealed[1100 - 1023]), "");
  EXPECT_EQ(Silent(a_, 'r', sealed[1100 - 1024]), "WireTooLate");
  EXPECT_EQ(Silent(a_, 'r', sealed[1100 - 1025]), "WireTooLate");
  EXPECT_EQ(Readings(a_), 2);
}

// 22.
TEST_F(ReceiverTest, Attack22_PartialIvsThatAreNone) {
  Open(a_);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
  const std::string state = StateOf(a_);
  for (const auto& piv :
       {std::initializer_list<int>{}, {0, 1}, {0, 0}, {1, 0, 0, 0}})
    EXPECT_EQ(Silent(a_, 'r', Forged(a_, piv)), "WireMalformed");
  // 256 epochs ahead is tried, 257 is not.
  EXPECT_EQ(Silent(a_, 'r', Forged(a_, {1, 0, 0})), "CryptoBadTag");
  EXPECT_EQ(Silent(a_, 'r', Forged(a_, {1, 1, 0})), "WireTooFarAhead");
  EXPECT_EQ(StateOf(a_), state);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
}

// 23, 24: bad tags change nothing, ask for nothing, and fill one ring.
TEST_F(ReceiverTest, Attack23_BadTagsLeaveTheSessionAlone) {
  Open(a_);
  const std::string state = StateOf(a_);
  const Blob reading = a_.Reading();
  const Blob bad = Damaged(reading);
  for (int i = 0; i < 300; ++i) ASSERT_EQ(Silent(a_, 'r', bad), "CryptoBadTag");
  EXPECT_EQ(StateOf(a_), state);
  EXPECT_EQ(Number("SELECT count(*) FROM refusals"), 64);
  EXPECT_EQ(Silent(a_, 'r', reading), "");
}

// 24.
TEST_F(ReceiverTest, Attack24_AnUnknownKeyIdAsksOnceInAWhile) {
  Challenge(a_);
  (void)a_.Session();
  const auto asks = [&] {
    EXPECT_EQ(Send(a_, 'r', a_.Reading()), "parked");
    for (const auto& publication : answer_.publish) {
      EXPECT_EQ(publication.topic, a_.Topic('d'));
      EXPECT_TRUE(IsNeed(publication));
    }
    return answer_.publish.size();
  };
  EXPECT_EQ(asks(), 1u);
  now_ += 29'999;
  EXPECT_EQ(asks(), 0u);
  now_ += 1;
  EXPECT_EQ(asks(), 1u);
  std::uint64_t wait = 2 * 30'000;
  for (int i = 0; i < 6; ++i) {  // backs off to a quarter of an hour
    now_ += wait - 1;
    EXPECT_EQ(asks(), 0u);
    now_ += 1;
    EXPECT_EQ(asks(), 1u);
    wait = std::min(2 * wait, 15 * kMinute);
  }
}

// 24. A device that opens sessions may not make us ask more often.
TEST_F(ReceiverTest, Attack24_ANewSessionDoesNotLiftTheLimit) {
  Challenge(a_);
  const Blob session = a_.Session();
  EXPECT_EQ(Send(a_, 'r', a_.Reading()), "parked");
  ASSERT_EQ(answer_.publish.size(), 1u);
  EXPECT_EQ(Silent(a_, 's', session), "");
  (void)a_.Session();
  now_ += 29'999;
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "parked");
  now_ += 1;
  EXPECT_EQ(Send(a_, 'r', a_.Reading()), "parked");
  EXPECT_EQ(answer_.publish.size(), 1u);
}

// 29. Another service beside ours, or a replica that nobody allowed: whoever
// can open the session could seal in it.
TEST_F(ReceiverTest, Attack29_ASessionIsForOneRecipient) {
  Challenge(a_);
  const Blob session = a_.Session();
  const auto parsed = wire::ParseSession(session);
  ASSERT_TRUE(parsed.ok());
  Blob payload(2'000);
  cbor::Writer writer(payload);
  writer.Array(4);
  writer.Bstr(ByteArray<3>{std::byte{0xa1}, std::byte{1}, std::byte{1}});
  writer.Map(1);
  writer.Int(5);
  writer.Bstr(parsed->iv);
  writer.Bstr(parsed->ciphertext);
  writer.Array(2);
  cose::WriteRecipient(parsed->recipients[0], writer);
  cose::Recipient other = parsed->recipients[0];
  other.key_id[0] ^= std::byte{1};
  cose::WriteRecipient(other, writer);
  EXPECT_EQ(Silent(a_, 's',
                   SignRaw(Protected(a_.current), *writer.Finish(),
                           a_.token.cose_sign.get())),
            "WireCoRecipient");
  EXPECT_EQ(Count("sessions"), 0);
  EXPECT_EQ(Silent(a_, 's', session), "");
}

// Doubles in the field of GHASH (SP 800-38D, 6.3), bits counted from the left.
Block Doubled(Block v) {
  const bool carry = (std::to_integer<int>(v.back()) & 1) != 0;
  for (std::size_t i = v.size(); i-- > 0;)
    v[i] = v[i] >> 1 | (i == 0 ? std::byte{0} : v[i - 1] << 7);
  if (carry) v[0] ^= std::byte{0xe1};
  return v;
}
Block Times(const Block& x, Block y) {
  Block product{};
  for (int bit = 0; bit < 128; ++bit) {
    if ((std::to_integer<int>(x[bit / 8]) >> (7 - bit % 8) & 1) != 0)
      for (std::size_t i = 0; i < y.size(); ++i) product[i] ^= y[i];
    y = Doubled(y);
  }
  return product;
}
// H = AES(K, 0).
Block HashKey(Bytes key) {
  Block h{};
  int size = 0;
  const auto context =
      std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>(
          EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, AsU8(key),
                     nullptr);
  EVP_EncryptUpdate(context.get(), AsU8(MutableBytes(h)), &size, AsU8(Bytes(h)),
                    sizeof h);
  return h;
}

// 30. GCM commits to no key: its holder makes two plaintexts with one tag, so
// tags are not what tells them apart.
TEST_F(ReceiverTest, Attack30_TwoPlaintextsWithOneTag) {
  Challenge(a_);
  a_.next.suite = wire::Suite::kAes128Gcm;
  EXPECT_EQ(Silent(a_, 's', a_.Session()), "");
  const ByteArray<64> output{};
  wire::Reading reading = a_.Sample();
  reading.output = output;
  const Blob truth = a_.Seal(reading);

  wire::ChainKey chain;
  CopyInto(chain.mutable_bytes(), a_.chain());
  wire::EpochKeys keys;
  wire::DeriveEpoch(chain, 0, wire::Suite::kAes128Gcm, keys);
  const Block h = HashKey(Bytes(keys.key.bytes()).first(16));
  // Block 0 holds the inputs: one bit more in the last byte of the first. Block
  // 3 is output alone, and takes whatever makes up for it.
  const std::size_t text = truth.size() - 128 - crypto::kTagSize;
  Block difference{};
  difference[11] = std::byte{1};
  Blob lie = truth;
  const Block makes_up = Times(Times(Times(difference, h), h), h);
  for (std::size_t i = 0; i < 16; ++i) {
    lie[text + i] ^= difference[i];
    lie[text + 48 + i] ^= makes_up[i];
  }
  ASSERT_TRUE(Equal(Bytes(lie).last(16), Bytes(truth).last(16)));
  EXPECT_EQ(Silent(a_, 'r', truth), "");
  EXPECT_EQ(Silent(a_, 'r', lie), "WireDisputed");
  EXPECT_EQ(Number("SELECT state FROM sessions"), 3);
  EXPECT_EQ(Readings(a_), 1);
}

// 30, and 29 by a replica: a key holder seals otherwise.
TEST_F(ReceiverTest, Attack30_TwoPlaintextsUnderOneNumber) {
  Open(a_);
  const auto twin = a_.Twin();
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
  wire::Reading lie = a_.Sample();
  lie.inputs[0] = 1;
  ByteArray<wire::kMaxPlain> room;
  ByteArray<wire::kMaxSealed> out;
  const auto forged = twin->Seal(*wire::EncodePlain(lie, room), out);
  EXPECT_EQ(Silent(a_, 'r', *forged), "WireDisputed");
  EXPECT_EQ(Number("SELECT state FROM sessions"), 3);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "WireDisputed");
  EXPECT_EQ(Readings(a_), 1);
  EXPECT_EQ(Text("SELECT inputs FROM readings"), "[-21500,3]");
  Open(a_);  // the next one has other keys
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
}

// 33.
TEST_F(ReceiverTest, Attack33_AnErasedEpochIsTooLate) {
  Open(a_);
  const Blob first = a_.Reading();
  a_.SkipTo(2'000);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
  EXPECT_EQ(Silent(a_, 'r', first), "WireTooLate");
}

// 34.
TEST_F(ReceiverTest, Attack34_ADroppedTailShows) {
  Open(a_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
  a_.next.first = 5;
  Open(a_);
  EXPECT_EQ(Number("SELECT from_number FROM gaps"), 3);
  EXPECT_EQ(Number("SELECT at_most FROM gaps"), 2);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
  EXPECT_EQ(Number("SELECT max(number) FROM readings"), 5);
  // After a reset numbers go on at the next range: an upper bound.
  a_.Reboot();
  a_.next.first = 1024;
  Open(a_);
  EXPECT_EQ(Number("SELECT at_most FROM gaps WHERE from_number = 6"), 1018);
}

TEST_F(ReceiverTest, WithoutALoss_ThereIsNoGap) {
  a_.next.first = 4096;  // the first session that we ever see
  Open(a_);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(wire::Close{.last = 1})), "");
  a_.next.first = 4098;
  Open(a_);
  EXPECT_EQ(Count("gaps"), 0);
}

// 35.
TEST_F(ReceiverTest, Attack35_NothingFollowsTheEnd) {
  Open(a_);
  const Blob late = a_.Reading();
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(wire::Close{.last = 1})), "");
  EXPECT_EQ(Number("SELECT state FROM sessions"), 2);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "WireClosed");
  EXPECT_EQ(Silent(a_, 'r', late), "");
  EXPECT_EQ(Readings(a_), 1);
}

TEST_F(ReceiverTest, AnEndThatNamesAnotherNumberIsNone) {
  Open(a_);
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(wire::Close{.last = 7})), "WireMalformed");
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
}

// C6: keys of a session that ended are kept no longer than those of one that
// was overtaken.
TEST_F(ReceiverTest, KeysOfEndedSessionsAreErasedAfterAnHour) {
  Open(a_);
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(wire::Close{.last = 0})), "");
  Open(a_);
  now_ += kHour - 1'000;
  ASSERT_TRUE(receiver_->Tick(now_).ok());
  EXPECT_EQ(Number("SELECT count(*) FROM sessions WHERE wrapped IS NULL"), 0);
  now_ += 2'000;
  ASSERT_TRUE(receiver_->Tick(now_).ok());
  EXPECT_EQ(Number("SELECT count(*) FROM sessions WHERE wrapped IS NULL"), 1);
  EXPECT_EQ(Silent(a_, 'r', a_.Reading()), "");
}

// 44.
TEST_F(ReceiverTest, Attack44_AModelThatTheTokenDoesNotName) {
  Open(a_);
  wire::Reading reading = a_.Sample();
  for (const std::uint16_t index : {0, 3, 65535}) {
    reading.model_index = index;
    EXPECT_EQ(Silent(a_, 'r', a_.Seal(reading)), "WireModelIndex");
  }
  EXPECT_EQ(Readings(a_), 0);
}

TEST_F(ReceiverTest, TimesThatCannotBe) {
  Open(a_);
  wire::Reading reading = a_.Sample();
  reading.time_ms = kTokenUptimeMs - 1;
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(reading)), "WireTime");
  reading.time_ms = kTokenUptimeMs + kHour;  // an hour from now
  EXPECT_EQ(Silent(a_, 'r', a_.Seal(reading)), "WireTime");
}

// 48, as far as ingest: holding a reading back does not move its time.
TEST_F(ReceiverTest, Attack48_AReadingHeldBackKeepsItsTime) {
  Open(a_);
  const Blob prompt = a_.Reading(), held = a_.Reading();
  EXPECT_EQ(Silent(a_, 'r', prompt), "");
  now_ += 2 * kHour;
  EXPECT_EQ(Silent(a_, 'r', held), "");
  EXPECT_EQ(Number("SELECT count(DISTINCT t_lo || '-' || t_hi) FROM readings"),
            1);
}

// 47, readings.
TEST_F(ReceiverTest, Attack47_AnotherSuiteThanTheSessions) {
  Open(a_);
  Blob reading = a_.Reading();
  // {1: 24 (18 18), ...} -> {1: 1, ...}, a byte shorter.
  const Blob wide = {std::byte{0x01}, std::byte{0x18}, std::byte{0x18}};
  const auto at =
      std::search(reading.begin(), reading.end(), wide.begin(), wide.end());
  ASSERT_NE(at, reading.end());
  *(at - 2) = std::byte(std::to_integer<int>(*(at - 2)) - 1);
  *(at + 1) = std::byte{0x01};
  reading.erase(at + 2);
  EXPECT_EQ(Silent(a_, 'r', reading), "WireWrongSuite");
}

TEST_F(ReceiverTest, Attack47_BytesThatDoNotBelong) {
  const Blob session = Open(a_);
  for (const auto& [leaf, whole] :
       {std::pair('r', a_.Reading()), std::pair('s', session)}) {
    Blob longer = whole;
    longer.push_back(std::byte{0});
    EXPECT_EQ(Silent(a_, leaf, longer), "CborTrailing");
    Blob indefinite = whole;
    indefinite[1] = std::byte{0x9f};
    EXPECT_EQ(Silent(a_, leaf, indefinite), "CborIndefinite");
    EXPECT_EQ(Silent(a_, leaf, Blob(5000)), "WireTooLarge");
  }
}

// 47, the session's header.
TEST_F(ReceiverTest, Attack47_HeadersThatAreNotTheTemplate) {
  Challenge(a_);
  const Blob session = a_.Session();
  const auto parsed = wire::ParseSession(session);
  ASSERT_TRUE(parsed.ok());
  const Blob header = Protected(a_.current);
  const auto reason = [&](Bytes altered) {
    return Silent(a_, 's',
                  SignRaw(altered, parsed->payload, a_.token.cose_sign.get()));
  };
  // a5 | 01 26 | 02 81 3a 0001_0040 | 03 19 fde9 | 04 50 ...
  Blob unknown_critical = header;
  unknown_critical[9] = std::byte{0x41};
  EXPECT_EQ(reason(unknown_critical), "WireMalformed");
  Blob no_algorithm = header;
  no_algorithm[0] = std::byte{0xa4};
  no_algorithm.erase(no_algorithm.begin() + 1, no_algorithm.begin() + 3);
  EXPECT_EQ(reason(no_algorithm), "WireMalformed");
  Blob twice = header;
  twice[0] = std::byte{0xa6};
  twice.insert(twice.begin() + 1, {std::byte{0x01}, std::byte{0x26}});
  EXPECT_EQ(reason(twice), "WireMalformed");
  Blob other_algorithm = header;
  other_algorithm[2] = std::byte{0x27};  // EdDSA
  EXPECT_EQ(reason(other_algorithm), "CoseWrongAlgorithm");
  Blob other_type = header;
  other_type[13] = std::byte{0xeb};
  EXPECT_EQ(reason(other_type), "CoseWrongContentType");
  EXPECT_EQ(reason(header), "");
}

// ---- Parked -----------------------------------------------------------------

TEST_F(ReceiverTest, ParkedReadingsCountWhenTheirSessionComes) {
  Challenge(a_);
  const Blob session = a_.Session();
  const Blob first = a_.Reading(), second = a_.Reading();
  EXPECT_EQ(Send(a_, 'r', first), "parked");
  ASSERT_EQ(answer_.publish.size(), 1u);
  EXPECT_TRUE(IsNeed(answer_.publish[0]));
  EXPECT_EQ(Silent(a_, 'r', second), "parked");
  const std::uint64_t last = ticket_;
  EXPECT_EQ(Readings(a_), 0);

  EXPECT_EQ(Silent(a_, 's', session), "");
  EXPECT_EQ(answer_.acknowledge,
            (std::vector<std::uint64_t>{last - 1, last, last + 1}));
  EXPECT_EQ(Readings(a_), 2);
}

TEST_F(ReceiverTest, ParkedReadingsAreGivenUpAfterAMinute) {
  Challenge(a_);
  const Blob session = a_.Session();
  EXPECT_EQ(Send(a_, 'r', a_.Reading()), "parked");
  const std::uint64_t parked = ticket_;
  now_ += kMinute;
  EXPECT_TRUE(receiver_->Tick(now_)->acknowledge.empty());
  now_ += 1;
  const auto answer = receiver_->Tick(now_);
  EXPECT_EQ(answer->acknowledge, std::vector{parked});
  EXPECT_TRUE(answer->publish.empty());
  EXPECT_EQ(Text("SELECT reason FROM refusals"), "WireUnknownSession");
  EXPECT_EQ(Silent(a_, 's', session), "");
  EXPECT_EQ(Readings(a_), 0);
}

// Another session than theirs does not lengthen their minute.
TEST_F(ReceiverTest, ParkedReadingsOfAnotherSessionKeepTheirTime) {
  Challenge(a_);
  const Blob session = a_.Session();
  (void)a_.Session();
  EXPECT_EQ(Send(a_, 'r', a_.Reading()), "parked");
  const std::uint64_t parked = ticket_;
  now_ += kMinute;
  EXPECT_EQ(Send(a_, 's', session), "");
  EXPECT_EQ(answer_.acknowledge, std::vector{ticket_});
  EXPECT_EQ(receiver_->Tick(now_ + 1)->acknowledge, std::vector{parked});
}

TEST_F(ReceiverTest, OneDeviceParks64_AndAllTogether128) {
  SimulatedDevice c(0x51, "carl");
  Enrol(c, true);
  for (SimulatedDevice* device : {&a_, &b_}) {
    Challenge(*device);
    (void)device->Session();
    for (int i = 0; i < 64; ++i)
      ASSERT_EQ(Send(*device, 'r', device->Reading()), "parked");
    EXPECT_EQ(Silent(*device, 'r', device->Reading()), "WireUnknownSession");
  }
  Challenge(c);
  const Blob session = c.Session();
  EXPECT_EQ(Send(c, 'r', c.Reading()), "WireUnknownSession");
  EXPECT_EQ(Silent(c, 's', session), "");
  EXPECT_EQ(Silent(c, 'r', c.Reading()), "");
  now_ += kMinute + 1;
  EXPECT_EQ(receiver_->Tick(now_)->acknowledge.size(), 128u);
  EXPECT_EQ(Send(a_, 'r', a_.Reading()), "parked");
}

// ---- The store fails --------------------------------------------------------

TEST_F(ReceiverTest, WhatCouldNotBeStored_IsNotAcknowledged) {
  Open(a_);
  const std::string state = StateOf(a_);
  ASSERT_TRUE(rows_->Run("ALTER TABLE readings RENAME TO hidden").ok());
  const Blob reading = a_.Reading();
  const auto answer = receiver_->Take(77, a_.Topic('r'), reading, now_);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().error, Error::kHostDatabase);
  EXPECT_EQ(StateOf(a_), state);
  // The broker keeps it; the next ingest takes it.
  ASSERT_TRUE(rows_->Run("ALTER TABLE hidden RENAME TO readings").ok());
  Restart();
  EXPECT_EQ(Silent(a_, 'r', reading), "");
  EXPECT_EQ(Readings(a_), 1);
}

TEST_F(ReceiverTest, ARefusalThatCannotBeKept_IsNotAcknowledged) {
  ASSERT_TRUE(rows_->Run("ALTER TABLE refusals RENAME TO hidden").ok());
  EXPECT_FALSE(receiver_->Take(1, a_.Topic('r'), a_.output, now_).ok());
  EXPECT_FALSE(receiver_->Take(2, "nowhere", a_.output, now_).ok());
}

TEST_F(ReceiverTest, DamagedReferences_StopRatherThanMisjudge) {
  Challenge(a_);
  ASSERT_TRUE(host::WriteFile(References::PathIn(state_), "{").ok());
  const auto answer = receiver_->Take(1, a_.Topic('s'), a_.Session(), now_);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().error, Error::kHostDamaged);
}

}  // namespace
}  // namespace cai::ingest
