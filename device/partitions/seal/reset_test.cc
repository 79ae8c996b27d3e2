// Attacks 1 to 5 of protocol.md, section 3, and 31: whatever a reset, restored
// flash or a dead generator brings back, no two messages are sealed under one
// key and nonce. Boot's counter, the crypto partition's entropy and generator,
// and seal itself run here; keys are those that the service opens with.
#include <openssl/rand.h>

#include <set>

#include "device/partitions/crypto/drbg.h"
#include "device/partitions/crypto/entropy.h"
#include "device/partitions/seal/fixture.h"
#include "lib/crypto/random.h"
#include "lib/keys/keys.h"

namespace cai {
namespace {

struct Generator {
  crypto_partition::Drbg drbg;
  std::vector<std::byte> last;  // what it drew last
};
Generator* generator = nullptr;

}  // namespace

// For this program in place of lib/crypto/openssl/random.cc: the crypto
// partition's instance for seal, while a test has one.
Status crypto::Random(MutableBytes out) {
  if (generator == nullptr) {
    EXPECT_EQ(RAND_bytes(AsU8(out), static_cast<int>(out.size())), 1);
    return kDone;
  }
  generator->drbg.Generate(out);
  generator->last.assign(out.begin(), out.end());
  return kDone;
}

namespace seal {
namespace {

class SealReset : public SealPartition {
 protected:
  void SetUp() override {
    SealPartition::SetUp();
    generator = &generator_;
  }
  void TearDown() override { generator = nullptr; }

  // As boot and the crypto partition start a device: the counter first, then
  // what depends on it.
  void Start() {
    const auto count = nv::BumpCounter(nv::Counter::kBoot);
    ASSERT_TRUE(count.ok());
    Boot(*count);
    const auto entropy = crypto_partition::StartEntropy(
        World().array<32>("key drbg"), seed_, *count);
    ASSERT_TRUE(entropy.ok());
    Secret<48> material;
    keys::Expand(entropy->prk.bytes(), "drbg",
                 static_cast<std::uint64_t>(spm::PartitionId::kSeal),
                 material.mutable_bytes());
    generator_.drbg.Instantiate({material.bytes()});
  }

  // A start, its first session, its first reading: seq 0 under what key and
  // nonce. Fails if that pair, the session's id or its secret was there before.
  void StartAndSealOne(std::uint8_t challenge = 1) {
    Start();
    OpenSession(challenge);
    wire::EpochKeys keys;
    wire::DeriveEpoch(service_.state.chain_floor, 0, service_.header.suite,
                      keys);
    const auto nonce = wire::NonceOf(keys.iv.bytes(), 0);
    TakeSealed<wire::Reading>();  // it opens: so it was sealed under these
    EXPECT_EQ(service_.last_sequence, 0u);
    EXPECT_TRUE(
        pairs_.insert(testing::Hex(keys.key.bytes()) + testing::Hex(nonce))
            .second);
    EXPECT_TRUE(chains_.insert(testing::Hex(service_.state.chain_floor.bytes()))
                    .second);
    EXPECT_TRUE(counters_.insert(service_.header.counter).second);
  }

  std::vector<std::byte> Flash() const {
    const auto flash = sim::NvForAttack();
    return {flash.begin(), flash.end()};
  }
  // All that can be written to a chip of flash; fuses and counters stay.
  void RestoreFlash(const std::vector<std::byte>& flash) {
    for (std::size_t i = 0; i < 2 * nv::kSectorSize; ++i)
      sim::NvForAttack()[nv::kCarry.offset + i] = flash[nv::kCarry.offset + i];
  }

  Generator generator_;
  ByteArray<64> seed_{};
  std::set<std::string> pairs_, chains_;
  std::set<std::uint64_t> counters_;
};

TEST_F(SealReset, Attack1_TheSameSeed_WithTheFlashKept) {
  seed_.fill(std::byte{0x55});
  for (int i = 0; i < 20; ++i) StartAndSealOne();
}

TEST_F(SealReset, Attack2_TheSameSeed_WithTheFlashRestored) {
  seed_.fill(std::byte{0x55});
  StartAndSealOne();
  const auto flash = Flash();
  for (int i = 0; i < 20; ++i) {
    RestoreFlash(flash);
    StartAndSealOne();
  }
}

TEST_F(SealReset, Attack3_AGeneratorStuckAtZero) {
  for (int i = 0; i < 20; ++i) StartAndSealOne();
  // Even with no entropy at all: the same draw in every boot.
  for (int i = 0; i < 20; ++i) {
    Start();
    generator_.drbg.Instantiate({ByteArray<48>{}});
    OpenSession();
    EXPECT_TRUE(chains_.insert(testing::Hex(service_.state.chain_floor.bytes()))
                    .second);
  }
}

// The whole chip restored, so the counter as well: a fresh seed alone keeps
// keys apart, and the service sees one counter twice.
TEST_F(SealReset, Attack4_AFreshSeed_WithOtpAndFlashRestored) {
  const auto chip = Flash();
  crypto::Digest first{};
  for (int i = 1; i <= 3; ++i) {
    CopyInto(sim::NvForAttack(), chip);
    seed_.fill(std::byte(i));
    counters_.clear();
    service_.max_counter.reset();
    StartAndSealOne(static_cast<std::uint8_t>(i));  // no nonce comes twice
    std::array<std::byte, wire::SessionHeader::kMaxEncoded> room;
    const auto id =
        crypto::Sha256::Of(*wire::EncodeSessionHeader(service_.header, room));
    if (i == 1) first = id;
    const auto decision = wire::DecideSession(service_.header, id,
                                              {service_.header.counter, first});
    // Both are signed by the device; only the first may live.
    EXPECT_EQ(decision.ok(), i == 1);
    if (!decision.ok()) {
      EXPECT_EQ(decision.error(), Error::kWireFork);
    }
  }
}

// NS draws from an instance of its own: seal's next draw is what it would have
// been, and no content key meets two plaintexts.
TEST_F(SealReset, Attack5_HoweverMuchOthersDraw) {
  std::vector<std::byte> expected;
  for (std::size_t draws = 0; draws <= 64; draws += 16) {
    sim::Manufacture();
    seed_.fill(std::byte{0x55});
    pairs_.clear();
    chains_.clear();
    counters_.clear();
    service_.max_counter.reset();
    Start();
    crypto_partition::Drbg of_ns;
    of_ns.Instantiate({ByteArray<48>{}});
    ByteArray<32> drawn;
    for (std::size_t i = 0; i < draws; ++i) of_ns.Generate(drawn);
    OpenSession();
    if (draws == 0) expected = generator_.last;
    EXPECT_EQ(generator_.last, expected);
  }
}

// Attack 31, of the whole partition: once the session is open nothing is left
// of what it was made from, and after epoch e nothing of an earlier one.
TEST_F(SealReset, Attack31_ADumpOfThePartitionOpensNothingOfThePast) {
  Start();
  OpenSession();
  const auto dump = [&](Bytes secret) {
    // Safety: the test looks at the object as at a memory dump.
    const Bytes memory(reinterpret_cast<const std::byte*>(seal_.get()),
                       sizeof(Seal));
    return !std::ranges::search(memory, secret).empty();
  };
  std::array<std::byte, wire::SessionHeader::kMaxEncoded> room;
  const crypto::Digest id =
      crypto::Sha256::Of(*wire::EncodeSessionHeader(service_.header, room));
  ByteArray<32> prk, secret, ephemeral;
  ByteArray<16> cek;
  crypto::HkdfExtract(id, {generator_.last, World().bytes("key seal-hedge")},
                      prk);
  keys::Expand(prk, "ss", Bytes(id), secret);
  keys::Expand(prk, "cek", Bytes(id), cek);
  ASSERT_TRUE(keys::Scalar(prk, "eph", Bytes(id), ephemeral).ok());
  ByteArray<32> chain;
  crypto::HkdfExtract(id, {secret}, chain);
  // These are the very secrets: the service derived the same.
  ASSERT_TRUE(Equal(chain, service_.state.chain_floor.bytes()));
  for (const Bytes gone : {Bytes(generator_.last), Bytes(prk), Bytes(secret),
                           Bytes(cek), Bytes(ephemeral), Bytes(chain)})
    EXPECT_FALSE(dump(gone));
  EXPECT_TRUE(dump(World().bytes("key seal-hedge")));  // it does see

  wire::EpochKeys first;
  wire::DeriveEpoch(service_.state.chain_floor, 0, service_.header.suite,
                    first);
  for (int i = 0; i <= 256; ++i) {
    TakeSealed<wire::Reading>();
    Pass(500);
  }
  EXPECT_FALSE(dump(first.key.bytes()));
  EXPECT_FALSE(dump(first.iv.bytes()));
}

}  // namespace
}  // namespace seal
}  // namespace cai
