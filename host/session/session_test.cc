#include <gtest/gtest.h>
#include <unistd.h>

#include "host/session/receiver.h"
#include "host/session/sender.h"
#include "lib/wire/fixture.h"

namespace cai::session {
namespace {

using host::Blob;
namespace fs = host::fs;

// The world of lib/wire's vectors, with both ends in files.
struct Session : ::testing::Test {
  Session() {
    char name[] = "/tmp/cai-session-XXXXXX";
    folder = mkdtemp(name);
    Begin();
  }
  ~Session() override { fs::remove_all(folder); }

  void Begin() {
    const auto enc = wire::EncKey();
    const auto sign = wire::CoseSignKey();
    wire::SessionOpening opening{
        .header = wire::TestHeader(wire::Suite::kAes128Gcm),
        .ueid = wire::World().array<33>("ueid"),
        .service = enc.public_key,
        .signer = sign.key.get(),
        .token = {}};
    const Blob token = wire::World().bytes("token");
    opening.token = token;
    wire::SessionKeys keys;
    message.resize(wire::kMaxSession);
    const auto made =
        wire::MakeSession(opening, wire::TestEntropy(), keys, message);
    ASSERT_TRUE(made.ok());
    message.resize(made->size());
    SenderState state;
    state.suite = opening.header.suite;
    state.key_id = opening.header.key_id();
    state.id = keys.id;
    state.chain = std::move(keys.chain);
    ASSERT_TRUE(host::WriteFile(sender(), EncodeSender(state)).ok());
    auto accepted = Accept(message, Known(enc, sign));
    ASSERT_TRUE(accepted.ok()) << accepted.error().Text();
    EXPECT_EQ(accepted->file.id, state.id);
    EXPECT_EQ(accepted->token, token);
    ASSERT_TRUE(
        host::WriteFile(receiver(), EncodeReceiver(accepted->file)).ok());
  }

  static Parties Known(const wire::TestKey& enc, const wire::TestKey& sign) {
    return {.uuid = wire::World().array<16>("uuid"),
            .ueid = wire::World().array<33>("ueid"),
            .svc = wire::World().array<8>("svc"),
            .cose_sign = sign.public_key,
            .service = enc.public_key,
            .service_key = enc.key.get()};
  }
  fs::path sender() const { return folder / "sender"; }
  fs::path receiver() const { return folder / "receiver"; }

  Blob Seal() {
    wire::Reading reading;
    reading.model_index = 1;
    reading.output = AsBytes("out");
    auto sealed = SealWith(sender(), reading);
    EXPECT_TRUE(sealed.ok()) << sealed.error().Text();
    return *sealed;
  }
  host::Outcome<Opened> Open(const Blob& sealed) {
    return OpenWith(receiver(), sealed, 1'900'000'000'000);
  }

  fs::path folder;
  Blob message;
};

TEST_F(Session, Messages_OpenOnceAcrossEpochs) {
  for (std::uint32_t i = 0; i < 300; ++i) {
    const Blob sealed = Seal();
    const auto opened = Open(sealed);
    ASSERT_TRUE(opened.ok()) << opened.error().Text();
    EXPECT_EQ(opened->sequence, i);
    EXPECT_EQ(AsText(std::get<wire::Reading>(opened->plain).output), "out");
    const Blob before = *host::ReadFile(receiver());
    const auto again = Open(sealed);
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().error, Error::kWireReplay);
    EXPECT_EQ(*host::ReadFile(receiver()), before);
  }
}

TEST_F(Session, Messages_OpenOutOfOrder) {
  const Blob first = Seal(), second = Seal();
  EXPECT_TRUE(Open(second).ok());
  EXPECT_TRUE(Open(first).ok());
  EXPECT_FALSE(Open(second).ok());
}

TEST_F(Session, Numbers_AreSpentBeforeTheMessageExists) {
  Seal();
  const auto state = ParseSender(*host::ReadFile(sender()));
  EXPECT_EQ(state->next, 1u);
}

TEST_F(Session, Close_EndsBothSides) {
  const auto sealed = SealWith(sender(), wire::Close{});
  ASSERT_TRUE(sealed.ok());
  const auto opened = Open(*sealed);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(std::get<wire::Close>(opened->plain).last, 0u);
  EXPECT_FALSE(SealWith(sender(), wire::Reading{}).ok());
}

TEST_F(Session, Open_RefusesEveryChangedByteAndKeepsItsState) {
  const Blob sealed = Seal();
  const Blob before = *host::ReadFile(receiver());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Blob changed = sealed;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(Open(changed).ok()) << i;
  }
  EXPECT_EQ(*host::ReadFile(receiver()), before);
  EXPECT_TRUE(Open(sealed).ok());
}

TEST_F(Session, Accept_RefusesAnotherDeviceServiceOrKey) {
  const auto enc = wire::EncKey();
  const auto sign = wire::CoseSignKey();
  const auto other = wire::IakKey();
  const auto refused = [&](auto change) {
    Parties parties = Known(enc, sign);
    change(parties);
    return !Accept(message, parties).ok();
  };
  EXPECT_TRUE(refused([](Parties& p) { p.uuid[0] ^= std::byte{1}; }));
  EXPECT_TRUE(refused([](Parties& p) { p.ueid[5] ^= std::byte{1}; }));
  EXPECT_TRUE(refused([](Parties& p) { p.svc[0] ^= std::byte{1}; }));
  EXPECT_TRUE(refused([&](Parties& p) { p.cose_sign = other.public_key; }));
  EXPECT_TRUE(refused([&](Parties& p) {
    p.service = other.public_key;
    p.service_key = other.key.get();
  }));
}

TEST_F(Session, States_RefuseEveryTruncation) {
  for (const fs::path& path : {sender(), receiver()}) {
    const Blob whole = *host::ReadFile(path);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes cut = Bytes(whole).first(size);
      EXPECT_FALSE(ParseSender(cut).ok());
      EXPECT_FALSE(ParseReceiver(cut).ok());
    }
  }
}

}  // namespace
}  // namespace cai::session
