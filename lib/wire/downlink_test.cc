#include "lib/wire/downlink.h"

#include "lib/wire/fixture.h"

namespace cai::wire {
namespace {

Command StopCommand() {
  return {.svc = World().array<8>("svc"),
          .uuid = World().array<16>("uuid"),
          .boot_count = 300,
          .counter = 2,
          .op = Command::Op::kStopModel,
          .model = World().array<32>("model")};
}

CommandContext Context() {
  return {World().array<8>("svc"), World().array<16>("uuid"), 300, 1};
}

TEST(Downlink, UnsignedMessages_MatchTheVectors) {
  std::array<std::byte, Challenge::kEncoded> room;
  EXPECT_EQ(Hex(*EncodeHello({World().array<8>("svc")}, room)),
            World().text("hello"));
  EXPECT_EQ(Hex(*EncodeNeed(room)), World().text("need"));
  EXPECT_EQ(Hex(*EncodeChallenge(
                {World().array<32>("nonce"), World().array<8>("svc")}, room)),
            World().text("challenge"));
}

TEST(Downlink, UnsignedMessages_HaveTheirExactSizes) {
  EXPECT_EQ(World().bytes("hello").size(), Hello::kEncoded);
  EXPECT_EQ(World().bytes("need").size(), Need::kEncoded);
  EXPECT_EQ(World().bytes("challenge").size(), Challenge::kEncoded);
  ByteArray<Challenge::kEncoded> room;
  for (std::size_t size = 0; size < Challenge::kEncoded; ++size)
    EXPECT_REFUSED(EncodeChallenge({}, MutableBytes(room).first(size)),
                   CborNoRoom);
  for (std::size_t size = 0; size < Hello::kEncoded; ++size)
    EXPECT_REFUSED(EncodeHello({}, MutableBytes(room).first(size)), CborNoRoom);
}

TEST(Downlink, Parse_TakesOnlyItsOwnKind) {
  EXPECT_EQ(ParseChallenge(World().bytes("challenge"))->nonce,
            World().array<32>("nonce"));
  EXPECT_EQ(ParseHello(World().bytes("hello"))->svc, World().array<8>("svc"));
  EXPECT_FALSE(ParseChallenge(World().bytes("hello")).ok());
  EXPECT_FALSE(ParseHello(World().bytes("challenge")).ok());
  EXPECT_FALSE(ParseHello(World().bytes("need")).ok());
  EXPECT_REFUSED(ParseHello(testing::FromHex(World().text("hello") + "00")),
                 CborTrailing);
}

TEST(Downlink, Kind_IsToldByTheFirstBytes) {
  EXPECT_EQ(KindOfDownlink(World().bytes("need")), DownlinkKind::kNeed);
  EXPECT_EQ(KindOfDownlink(World().bytes("challenge")),
            DownlinkKind::kChallenge);
  EXPECT_EQ(KindOfDownlink(World().bytes("command")), DownlinkKind::kSigned);
  EXPECT_EQ(KindOfDownlink(World().bytes("hello")), DownlinkKind::kUnknown);
  EXPECT_EQ(KindOfDownlink({}), DownlinkKind::kUnknown);
  EXPECT_TRUE(IsServiceKey(World().bytes("svc_key")));
  EXPECT_FALSE(IsServiceKey(World().bytes("command")));
  EXPECT_FALSE(IsServiceKey(World().bytes("need")));
}

TEST(Command, Make_MatchesTheVectors) {
  std::array<std::byte, Command::kMaxEncoded> room;
  EXPECT_EQ(Hex(*MakeCommand(StopCommand(), SignKey().key.get(), room)),
            World().text("command"));
  Command command = StopCommand();
  command.counter = 3;
  command.op = Command::Op::kNewSession;
  command.model.reset();
  EXPECT_EQ(Hex(*MakeCommand(command, SignKey().key.get(), room)),
            World().text("command_new_session"));
}

TEST(Command, MaxEncoded_HoldsTheLargest) {
  Command command = StopCommand();
  command.boot_count = ~0u;
  command.counter = ~0ull;
  std::array<std::byte, Command::kMaxEncoded> room;
  EXPECT_EQ(MakeCommand(command, SignKey().key.get(), room)->size(),
            Command::kMaxEncoded);
  for (std::size_t size = 0; size < Command::kMaxEncoded; ++size)
    EXPECT_REFUSED(MakeCommand(command, SignKey().key.get(),
                               MutableBytes(room).first(size)),
                   CoseNoRoom);
}

TEST(Command, Open_ReadsTheVector) {
  const auto command =
      OpenCommand(World().bytes("command"), SignKey().public_key, Context());
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->op, Command::Op::kStopModel);
  EXPECT_EQ(command->counter, 2u);
  EXPECT_EQ(*command->model, World().array<32>("model"));
}

// Attack 46, one thing wrong at a time.
TEST(Command, Open_RefusesWhatIsNotForThisBoot) {
  const auto open = [](auto change) {
    CommandContext context = Context();
    change(context);
    const auto command =
        OpenCommand(World().bytes("command"), SignKey().public_key, context);
    return command.ok() ? Error::kCborTrailing : command.error();
  };
  EXPECT_EQ(open([](auto& c) { c.uuid[3] ^= std::byte{1}; }),
            Error::kWireWrongDevice);
  EXPECT_EQ(open([](auto& c) { c.boot_count = 301; }), Error::kWireWrongBoot);
  EXPECT_EQ(open([](auto& c) { c.last_counter = 2; }), Error::kWireReplay);
  EXPECT_EQ(open([](auto& c) { c.svc[0] ^= std::byte{1}; }),
            Error::kCoseWrongKeyId);
  EXPECT_REFUSED(
      OpenCommand(World().bytes("command"), RootKey().public_key, Context()),
      CoseBadSignature);
  EXPECT_REFUSED(
      OpenCommand(World().bytes("svc_key"), RootKey().public_key, Context()),
      WireTooLarge);
}

TEST(Command, Open_RefusesEveryFlippedBit) {
  const auto message = World().bytes("command");
  const TestKey key = SignKey();
  for (std::size_t i = 0; i < message.size(); ++i) {
    auto changed = message;
    changed[i] ^= std::byte{2};
    EXPECT_FALSE(OpenCommand(changed, key.public_key, Context()).ok()) << i;
  }
}

TEST(Command, Make_RefusesAModelThatDoesNotBelong) {
  std::array<std::byte, Command::kMaxEncoded> room;
  Command command = StopCommand();
  command.model.reset();
  EXPECT_REFUSED(MakeCommand(command, SignKey().key.get(), room),
                 WireMalformed);
  command.op = Command::Op::kReadState;
  EXPECT_TRUE(MakeCommand(command, SignKey().key.get(), room).ok());
}

}  // namespace
}  // namespace cai::wire
