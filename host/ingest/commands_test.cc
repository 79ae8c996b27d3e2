// From an order in the database to a command that the device's own code obeys.
#include "host/ingest/commands.h"

#include "host/ingest/fixture.h"

namespace cai::ingest {
namespace {

using Op = wire::Command::Op;

class CommandsTest : public IngestTest {
 protected:
  std::int64_t Place(Op op, const SimulatedDevice* device,
                     std::optional<crypto::Digest> model = {}) {
    Order order;
    if (device != nullptr) order.device = device->Id();
    order.op = op;
    order.model = model;
    const auto id = Orders(*rows_).Place(order, now_);  // as `cai command` does
    EXPECT_TRUE(id.ok());
    return id.ok() ? *id : 0;
  }

  // What a second of the ingest's time sends: command by command, each checked
  // as the device would.
  std::vector<wire::Command> Tick() {
    now_ += 1'000;
    auto answer = receiver_->Tick(now_);
    EXPECT_TRUE(answer.ok());
    return Read(answer.ok() ? answer->publish : std::vector<Publication>());
  }
  std::vector<wire::Command> Read(const std::vector<Publication>& publish) {
    std::vector<wire::Command> commands;
    for (const Publication& one : publish) {
      SimulatedDevice& device = one.topic == a_.Topic('d') ? a_ : b_;
      EXPECT_EQ(one.topic, device.Topic('d'));
      const wire::CommandContext context{
          keys_->svc(), device.uuid.bytes,
          static_cast<std::uint32_t>(device.current.boot_count()),
          last_[&device]};
      const auto command =
          wire::OpenCommand(one.payload, Statement().signing, context);
      EXPECT_TRUE(command.ok())
          << ErrorName(command.ok() ? Error{} : command.error());
      if (!command.ok()) continue;
      last_[&device] = command->counter;
      commands.push_back(*command);
    }
    return commands;
  }
  // A new session, and what it brings.
  std::vector<wire::Command> OpenAnd(SimulatedDevice& device) {
    Challenge(device);
    const Blob session = device.Session();
    EXPECT_EQ(Send(device, 's', session), "");
    return Read(answer_.publish);
  }
  wire::ServiceKey Statement() {
    return *wire::OpenServiceKey(keys_->statement(),
                                 ca::Service::Open(state_)->root, keys_->svc());
  }

  std::map<SimulatedDevice*, std::uint64_t> last_;
};

TEST_F(CommandsTest, AnOrderReachesItsDevice_Once) {
  Open(a_);
  Open(b_);
  EXPECT_TRUE(Tick().empty());
  Place(Op::kReadState, &a_);
  const auto commands = Tick();
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].op, Op::kReadState);
  EXPECT_EQ(commands[0].uuid, a_.uuid.bytes);
  EXPECT_EQ(commands[0].boot_count, 7u);
  EXPECT_TRUE(Tick().empty());
  Restart();
  EXPECT_TRUE(Tick().empty());
  EXPECT_TRUE(OpenAnd(a_).empty());
}

TEST_F(CommandsTest, AnOrderWaitsForASession) {
  Place(Op::kNewSession, &a_);
  EXPECT_TRUE(Tick().empty());
  const auto commands = OpenAnd(a_);
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].op, Op::kNewSession);
}

// protocol.md, H12: stops are in the device's RAM alone.
TEST_F(CommandsTest, AStopIsGivenAgain_InEachSessionThatNamesTheModel) {
  Open(a_);
  Open(b_);
  Place(Op::kStopModel, nullptr, a_.token.sine);
  const auto first = Tick();
  ASSERT_EQ(first.size(), 2u);  // both devices name it
  EXPECT_EQ(first[0].op, Op::kStopModel);
  EXPECT_EQ(*first[0].model, a_.token.sine);
  EXPECT_TRUE(Tick().empty());

  a_.Reboot();
  const auto again = OpenAnd(a_);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].boot_count, 8u);
  EXPECT_GT(again[0].counter, first[0].counter);
  Restart();
  EXPECT_EQ(OpenAnd(a_).size(), 1u);  // the counter goes on after a restart
}

TEST_F(CommandsTest, AModelThatNoTokenNames_StopsNothing) {
  Open(a_);
  Place(Op::kStopModel, nullptr, crypto::Digest{std::byte{1}});
  Place(Op::kStopModel, &a_, a_.token.engine);  // the engine is no model
  EXPECT_TRUE(Tick().empty());
  EXPECT_TRUE(OpenAnd(a_).empty());
}

TEST_F(CommandsTest, AllowLiftsAStop) {
  Open(a_);
  Open(b_);
  Place(Op::kStopModel, nullptr, a_.token.sine);
  ASSERT_EQ(Tick().size(), 2u);
  Place(Op::kAllowModel, nullptr, a_.token.sine);
  const auto allowed = Tick();
  ASSERT_EQ(allowed.size(), 2u);
  EXPECT_EQ(allowed[0].op, Op::kAllowModel);
  EXPECT_TRUE(OpenAnd(a_).empty());
}

TEST_F(CommandsTest, AllowForOneDevice_LeavesTheOthersStopped) {
  Open(a_);
  Open(b_);
  Place(Op::kStopModel, &a_, a_.token.sine);
  Place(Op::kStopModel, &b_, a_.token.sine);
  ASSERT_EQ(Tick().size(), 2u);
  Place(Op::kAllowModel, &a_, a_.token.sine);
  ASSERT_EQ(Tick().size(), 1u);
  EXPECT_TRUE(OpenAnd(a_).empty());
  EXPECT_EQ(OpenAnd(b_).size(), 1u);
}

TEST_F(CommandsTest, ADeviceThatIsSuspended_IsToldNothing) {
  Open(a_);
  ASSERT_TRUE(
      registry_.SetStatus(a_.uuid, registry::DeviceStatus::kSuspended).ok());
  Place(Op::kReadState, &a_);
  EXPECT_TRUE(Tick().empty());
}

TEST_F(CommandsTest, OrdersThatCannotBe_AreRefused) {
  Orders orders(*rows_);
  const auto refused = [&](const Order& order) {
    const auto id = orders.Place(order, now_);
    return !id.ok() && id.error().error == Error::kHostUsage;
  };
  Order order;
  order.op = Op::kReadState;
  EXPECT_TRUE(refused(order));  // no device
  order.device = a_.Id();
  order.model = a_.token.sine;
  EXPECT_TRUE(refused(order));  // a model that does not belong
  order.op = Op::kStopModel;
  order.model.reset();
  EXPECT_TRUE(refused(order));  // none where one does
  EXPECT_TRUE(orders.List()->empty());
}

TEST_F(CommandsTest, ListSaysWhatWasGiven) {
  Open(a_);
  Open(b_);
  Place(Op::kStopModel, nullptr, a_.token.sine);
  Tick();
  Place(Op::kReadState, &b_);
  const auto orders = *Orders(*rows_).List();
  ASSERT_EQ(orders.size(), 2u);
  EXPECT_EQ(orders[0].given, 0);
  EXPECT_EQ(orders[1].given, 2);
  EXPECT_EQ(orders[1].last_ms, now_);
}

TEST_F(CommandsTest, AnotherSigningKeyThanTheStatements_IsNotLoaded) {
  const auto path = state_.service() / "sign.key";
  host::fs::remove(path);
  ASSERT_TRUE(host::WriteKey(path, host::GenerateKey()->get()).ok());
  const auto keys = ServiceKeys::Load(state_);
  ASSERT_FALSE(keys.ok());
  EXPECT_EQ(keys.error().error, Error::kHostDamaged);
}

}  // namespace
}  // namespace cai::ingest
