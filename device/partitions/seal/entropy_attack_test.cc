// What a reset, a restored flash or a dead source of entropy can do to the keys
// of sessions (protocol.md, section 3: 1 to 5, 7, 10). Seal draws from the real
// crypto partition over the simulated chip; every nonce is recorded where
// lib/crypto hands it to OpenSSL.
#include <cstring>

#include "device/partitions/crypto/api.h"
#include "device/partitions/crypto/state.h"
#include "device/partitions/seal/fixture.h"
#include "lib/crypto/openssl/nonce_record.h"
#include "lib/crypto/random.h"

extern "C" psa_status_t cai_crypto_Start();
extern "C" psa_status_t cai_crypto_Serve(cai::spm::Message*);

namespace cai {
namespace {

std::vector<std::byte> Draw(std::int32_t client, std::size_t size) {
  fake_spm::Request request{
      .sid = spm::Sid::kCrypto,
      .client = client,
      .op = static_cast<std::int32_t>(crypto_api::Op::kRandom)};
  if (request.Out(size).Send(cai_crypto_Serve) != PSA_SUCCESS) return {};
  return request.outputs[0];
}

constexpr std::int32_t kNs = -1;
constexpr auto kSeal = static_cast<std::int32_t>(spm::PartitionId::kSeal);

}  // namespace

// As client/p256_client.cc has it on the device, in the place of OpenSSL's.
Status crypto::Random(MutableBytes out) {
  const auto drawn = Draw(kSeal, out.size());
  if (drawn.size() != out.size()) return Error::kCryptoFailed;
  CopyInto(out, drawn);
  return kDone;
}

namespace seal {
namespace {

using Seed = ByteArray<64>;

class SealEntropy : public SealPartition {
 protected:
  void SetUp() override {
    SealPartition::SetUp();
    for (std::size_t i = 0; i < seed_.size(); ++i)
      seed_[i] = std::byte(i * 29 + 5);
    crypto::Nonces() = {};
  }
  void TearDown() override { PowerOff(); }

  static void PowerOff() {
    using crypto_partition::state;
    if (state.started) mbedtls_psa_crypto_free();
    std::destroy_at(&state);
    std::construct_at(&state);
  }

  // A start of the whole SPE, as boot and SPM make it: the counter first. The
  // service knows nothing of it and stays.
  void StartSpe(const Seed& seed) {
    PowerOff();
    const auto b = nv::BumpCounter(nv::Counter::kBoot);
    Boot(b.ok() ? *b : 0);
    fake_spm::SetSpeRoot(std::vector<std::byte>(32, std::byte{0x77}));
    fake_spm::SetSeed(seed);
    fake_spm::RunAs(spm::PartitionId::kCrypto);
    ASSERT_EQ(cai_crypto_Start(), PSA_SUCCESS);
    fake_spm::RunAs(spm::PartitionId::kSeal);
    seal_ = std::make_unique<Seal>();  // with crypto's hedge
    ASSERT_TRUE(seal_->Start(service_.cose_sign.key.get()).ok());
  }

  // A session and readings that no other start has.
  void SealSomething(std::uint8_t challenge = 1) {
    OpenSession(challenge);
    for (int i = 0; i < 3; ++i) {
      device_.result.inputs[0] = ++value_;
      TakeSealed<wire::Reading>();
      Pass(500);
    }
  }

  // What a start reads or writes: one-way state, storage, carry.
  static constexpr std::size_t kUsed = nv::kSecureSlotA.offset;
  static std::vector<std::byte> Chip() {
    const auto used = sim::NvForAttack().first(kUsed);
    return {used.begin(), used.end()};
  }
  static void RestoreAll(const std::vector<std::byte>& chip) {
    std::memcpy(sim::NvForAttack().data(), chip.data(), chip.size());
  }
  // All but one-way state.
  static void RestoreFlash(const std::vector<std::byte>& chip) {
    const std::size_t end = nv::kOtpState.offset + nv::kOtpState.size;
    std::memcpy(&sim::NvForAttack()[end], &chip[end], chip.size() - end);
  }

  void ExpectAllNew(std::size_t starts) {
    // A session message, and three readings.
    EXPECT_EQ(crypto::Nonces().seen.size(), starts * 4);
    EXPECT_EQ(crypto::Nonces().repeats, 0u);
  }

  Seed seed_;
  int value_ = 0;
};

// 1. A reset brings the same seed back; the flash is kept.
TEST_F(SealEntropy, AResetWithTheSameSeed_RepeatsNoNonce) {
  for (int i = 0; i < 8; ++i) {
    StartSpe(seed_);
    SealSomething();
  }
  ExpectAllNew(8);
}

// 2. And the flash file is put back as it was before the first start.
TEST_F(SealEntropy, TheSameSeedAndARestoredFlash_RepeatNoNonce) {
  const auto chip = Chip();
  for (int i = 0; i < 8; ++i) {
    RestoreFlash(chip);
    StartSpe(seed_);
    SealSomething();
  }
  ExpectAllNew(8);
}

// 3. The source of entropy gives zeros for ever; it is reported, too.
TEST_F(SealEntropy, ADeadSource_RepeatsNoNonce) {
  const auto chip = Chip();
  for (int i = 0; i < 8; ++i) {
    if (i % 2 == 1) RestoreFlash(chip);
    StartSpe(Seed{});
    EXPECT_EQ(CountEvents(EventId::kCryptoSeedUnhealthy), 1u);
    SealSomething();
  }
  ExpectAllNew(8);
}

// 4. The other leg: OTP goes back with the flash, but the seed is fresh. No
// nonce repeats; and the service sees two sessions of one counter.
TEST_F(SealEntropy, AFreshSeedWithOtpRestored_RepeatsNoNonce_AndIsAFork) {
  const auto chip = Chip();
  crypto::Digest first{};
  for (int i = 0; i < 8; ++i) {
    RestoreAll(chip);
    seed_[7] = std::byte(i);
    StartSpe(seed_);
    service_.max_counter.reset();
    // A challenge serves once: the clone has one of its own.
    SealSomething(static_cast<std::uint8_t>(i + 1));
    std::array<std::byte, wire::SessionHeader::kMaxEncoded> room;
    const auto id =
        crypto::Sha256::Of(*wire::EncodeSessionHeader(service_.header, room));
    if (i == 0) first = id;
    EXPECT_EQ(service_.header.counter >> 8, 1u);
    const auto decision = wire::DecideSession(service_.header, id,
                                              {service_.header.counter, first});
    // Each is signed by the device; only the first may live.
    EXPECT_EQ(decision.ok(), i == 0);
    if (!decision.ok()) {
      EXPECT_EQ(decision.error(), Error::kWireFork);
    }
  }
  ExpectAllNew(8);
}

// That the tests above can fail: seed, OTP and flash restored together is what
// nothing on the device can tell (SECURITY.md).
TEST_F(SealEntropy, EverythingRestored_IsTheLimit) {
  const auto chip = Chip();
  for (int i = 0; i < 2; ++i) {
    RestoreAll(chip);
    StartSpe(seed_);
    service_.max_counter.reset();
    SealSomething();
  }
  EXPECT_GT(crypto::Nonces().repeats, 0u);
}

// 5. What NS draws before the session moves nothing of it.
TEST_F(SealEntropy, NsDraws_ShiftNoSession) {
  const auto chip = Chip();
  std::vector<std::byte> seals_own;
  for (int k = 0; k <= 64; ++k) {
    RestoreAll(chip);
    StartSpe(seed_);
    for (int i = 0; i < k; ++i) ASSERT_EQ(Draw(kNs, 16).size(), 16u);
    const auto drawn = Draw(kSeal, 32);
    if (k == 0) seals_own = drawn;
    ASSERT_EQ(drawn, seals_own) << k;
  }
  RestoreAll(chip);
  for (const int k : {0, 1, 2, 3, 31, 64}) {
    StartSpe(seed_);
    for (int i = 0; i < k; ++i) (void)Draw(kNs, 16);
    SealSomething();
  }
  ExpectAllNew(6);
}

TEST_F(SealEntropy, EveryClient_HasAGeneratorOfItsOwn) {
  StartSpe(seed_);
  std::set<std::vector<std::byte>> drawn;
  for (std::int32_t client : {-1, 1, 2, 3, 4, 5, 6})
    drawn.insert(Draw(client, 32));
  EXPECT_EQ(drawn.size(), 7u);
  EXPECT_FALSE(drawn.contains({}));
}

// 7. No number for this boot: nothing is sealed.
TEST_F(SealEntropy, ACounterThatFails_SealsNothing) {
  ASSERT_TRUE(nv::AdvanceCounter(nv::Counter::kBoot,
                                 *nv::RecordsLeft(nv::Counter::kBoot))
                  .ok());
  StartSpe(seed_);
  EXPECT_EQ(PullError(), Error::kSealDisabled);
  EXPECT_EQ(Tell(service_.Challenge(1)), Error::kSealDisabled);
  EXPECT_TRUE(crypto::Nonces().seen.empty());
}

// 10. The AEAD fails: its number is spent all the same.
TEST_F(SealEntropy, AFailedAead_BurnsItsNumber) {
  StartSpe(seed_);
  SealSomething();
  crypto::Nonces().fail_next = 1;
  const auto failed = seal_->Pull(out_);
  EXPECT_FALSE(failed.ok() && failed->kind == SealKind::kReading);
  Pass(500);
  TakeSealed<wire::Reading>();
  EXPECT_EQ(service_.last_sequence, 4u);  // 0, 1, 2, and 3 that failed
  EXPECT_EQ(crypto::Nonces().repeats, 0u);
}

}  // namespace
}  // namespace seal
}  // namespace cai
