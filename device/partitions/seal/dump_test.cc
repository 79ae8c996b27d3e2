// Attack 31 of protocol.md, section 3: what a dump of the seal partition's
// memory gives away of the past.
#include <openssl/rand.h>

#include "device/partitions/seal/fixture.h"
#include "lib/crypto/random.h"
#include "lib/keys/keys.h"

namespace cai {
namespace {

std::vector<std::byte> drawn;  // last

}  // namespace

// For this program in place of lib/crypto/openssl/random.cc.
Status crypto::Random(MutableBytes out) {
  EXPECT_EQ(RAND_bytes(AsU8(out), static_cast<int>(out.size())), 1);
  drawn.assign(out.begin(), out.end());
  return kDone;
}

namespace seal {
namespace {

// Once the session is open nothing is left of what it was made from, and after
// epoch e nothing of an earlier one.
TEST_F(SealPartition, Attack31_ADumpOpensNothingOfThePast) {
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
  crypto::HkdfExtract(id, {drawn, World().bytes("key seal-hedge")}, prk);
  keys::Expand(prk, "ss", Bytes(id), secret);
  keys::Expand(prk, "cek", Bytes(id), cek);
  ASSERT_TRUE(keys::Scalar(prk, "eph", Bytes(id), ephemeral).ok());
  ByteArray<32> chain;
  crypto::HkdfExtract(id, {secret}, chain);
  // These are the very secrets: the service derived the same.
  ASSERT_TRUE(Equal(chain, service_.state.chain_floor.bytes()));
  for (const Bytes gone : {Bytes(drawn), Bytes(prk), Bytes(secret), Bytes(cek),
                           Bytes(ephemeral), Bytes(chain)})
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
