// Against the real Mosquitto, over mutual TLS.
#include "host/mqtt/link.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <thread>

#include "host/ca/authority.h"
#include "host/ca/broker.h"

namespace cai::host {
namespace {

constexpr const char* kMosquitto = "/usr/sbin/mosquitto";
constexpr const char* kA = "11111111-1111-4111-8111-111111111111";
constexpr const char* kB = "22222222-2222-4222-8222-222222222222";

// One state folder with its own CA, and a broker on it.
class Broker {
 public:
  Broker() : state_(Folder()) {
    EXPECT_TRUE(ca::Authority::Init(state_, NowSeconds()).ok());
    port_ = *state_.ChoosePort(state_.broker(), 0);
    config_ = *ca::WriteBrokerConfig(state_, port_);
  }
  ~Broker() {
    Stop();
    fs::remove_all(state_.root());
  }

  void Start() {
    std::string program = kMosquitto, option = "-c", path = config_.string();
    char* arguments[] = {program.data(), option.data(), path.data(), nullptr};
    char* environment[] = {nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, Log().c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    ASSERT_EQ(posix_spawn(&pid_, kMosquitto, &actions, nullptr, arguments,
                          environment),
              0);
    posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; i < 200 && PortIsFree(port_); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ASSERT_FALSE(PortIsFree(port_)) << *ReadText(Log());
  }
  void Stop() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  TlsFiles Device(const std::string& uuid) {
    const fs::path stem = state_.root() / uuid;
    const auto authority = ca::Authority::Open(state_);
    const KeyPtr key = *GenerateKey();
    const ca::Profile profile{.use = ca::Use::kClient,
                              .common_name = uuid,
                              .unit = "Device Client TLS",
                              .not_before = NowSeconds() - 60,
                              .not_after = NowSeconds() + 600};
    const auto certificate = *authority->Issue(profile, key.get());
    EXPECT_TRUE(WriteKey(stem.string() + ".key", key.get()).ok());
    EXPECT_TRUE(
        WriteCertificate(stem.string() + ".crt", certificate.get()).ok());
    return {state_.ca() / "ca.crt", stem.string() + ".crt",
            stem.string() + ".key"};
  }
  TlsFiles Ingest() const { return ca::IngestTls(state_); }
  std::uint16_t port() const { return port_; }
  fs::path Log() const { return state_.root() / "mosquitto.log"; }

 private:
  static fs::path Folder() {
    char pattern[] = "/tmp/cai-mqtt-XXXXXX";
    return mkdtemp(pattern);
  }
  State state_;
  std::uint16_t port_ = 0;
  fs::path config_;
  pid_t pid_ = 0;
};

struct Seen {
  std::string topic;
  std::string payload;
  mqtt::Receipt receipt;
};

// A link and what came over it.
class Peer {
 public:
  Peer(boost::asio::io_context& io, const Broker& broker, const TlsFiles& files,
       const std::string& id, std::vector<std::string> filters,
       bool acknowledge = true)
      : acknowledge_(acknowledge),
        link_(
            io,
            {.port = broker.port(),
             .client_id = id,
             .filters = std::move(filters),
             .session_expiry_s = 600,
             .first_pause_ms = 50,
             .last_pause_ms = 200},
            *ClientTls(files),
            [this](const MqttMessage& message) { Take(message); },
            [this](MqttState state, const std::string& why) {
              if (state == MqttState::kConnected) ++connections;
              if (state == MqttState::kLost) lost = why;
            }) {
    link_.Start();
  }

  void Take(const MqttMessage& message) {
    seen.push_back({std::string(message.topic),
                    std::string(AsText(message.payload)), message.receipt});
    if (acknowledge_) link_.Acknowledge(message.receipt);
  }
  MqttLink& link() { return link_; }

  std::vector<Seen> seen;
  int connections = 0;
  std::string lost;

 private:
  bool acknowledge_;
  MqttLink link_;
};

class LinkTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kMosquitto)) GTEST_SKIP() << "mosquitto is not installed";
    broker_.emplace();
    broker_->Start();
  }

  // Runs until `done` or ten seconds are over.
  template <typename Done>
  bool Until(Done done) {
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_for(std::chrono::milliseconds(10));
    }
    return done();
  }
  void RunFor(int ms) {
    io_.restart();
    io_.run_for(std::chrono::milliseconds(ms));
  }
  void Finish(std::initializer_list<Peer*> peers) {
    for (Peer* peer : peers) peer->link().Stop();
    RunFor(300);
  }

  std::optional<Broker> broker_;
  boost::asio::io_context io_;
};

TEST_F(LinkTest, Publish_ReachesIngestAndIsAcknowledged) {
  Peer ingest(io_, *broker_, broker_->Ingest(), "ingest", {"cai/+/r"});
  Peer device(io_, *broker_, broker_->Device(kA), kA, {});
  ASSERT_TRUE(Until([&] { return ingest.connections && device.connections; }));
  RunFor(200);

  const std::string topic = std::string("cai/") + kA + "/r";
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(device.link().Publish(topic, AsBytes(std::to_string(i))).ok());

  ASSERT_TRUE(Until([&] { return ingest.seen.size() >= 100; }));
  EXPECT_TRUE(Until([&] { return device.link().pending() == 0; }));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ingest.seen[i].payload, std::to_string(i));
    EXPECT_EQ(ingest.seen[i].topic, topic);
  }
  Finish({&ingest, &device});
}

TEST_F(LinkTest, Message_ComesAgainUnlessAcknowledged) {
  const std::string topic = std::string("cai/") + kA + "/r";
  {
    Peer deaf(io_, *broker_, broker_->Ingest(), "ingest", {"cai/+/r"}, false);
    Peer device(io_, *broker_, broker_->Device(kA), kA, {});
    ASSERT_TRUE(Until([&] { return deaf.connections && device.connections; }));
    RunFor(200);
    ASSERT_TRUE(device.link().Publish(topic, AsBytes("once")).ok());
    ASSERT_TRUE(Until([&] { return deaf.seen.size() == 1; }));
    Finish({&deaf, &device});
  }
  Peer ingest(io_, *broker_, broker_->Ingest(), "ingest", {"cai/+/r"});
  ASSERT_TRUE(Until([&] { return ingest.seen.size() == 1; }));
  EXPECT_EQ(ingest.seen[0].payload, "once");
  Finish({&ingest});
}

TEST_F(LinkTest, Access_ADeviceReachesItsOwnTopicsAlone) {
  Peer ingest(io_, *broker_, broker_->Ingest(), "ingest", {"cai/#"});
  Peer a(io_, *broker_, broker_->Device(kA), kA, {"cai/#"});
  Peer b(io_, *broker_, broker_->Device(kB), kB, {});
  ASSERT_TRUE(Until(
      [&] { return ingest.connections && a.connections && b.connections; }));
  RunFor(200);

  // B forges A's topic, then speaks for itself.
  (void)b.link().Publish(std::string("cai/") + kA + "/r", AsBytes("forged"));
  (void)b.link().Publish(std::string("cai/") + kB + "/r", AsBytes("honest"));
  ASSERT_TRUE(Until([&] { return !ingest.seen.empty(); }));
  RunFor(300);

  ASSERT_EQ(ingest.seen.size(), 1u);
  EXPECT_EQ(ingest.seen[0].payload, "honest");
  // A asked for everything and still hears nothing of B.
  EXPECT_TRUE(a.seen.empty());
  (void)ingest.link().Publish(std::string("cai/") + kA + "/d",
                              AsBytes("for a"));
  ASSERT_TRUE(Until([&] { return !a.seen.empty(); }));
  EXPECT_EQ(a.seen[0].payload, "for a");
  Finish({&ingest, &a, &b});
}

TEST_F(LinkTest, Restart_OfTheBrokerLosesNothing) {
  Peer ingest(io_, *broker_, broker_->Ingest(), "ingest", {"cai/+/r"});
  Peer device(io_, *broker_, broker_->Device(kA), kA, {});
  ASSERT_TRUE(Until([&] { return ingest.connections && device.connections; }));
  RunFor(200);

  broker_->Stop();
  ASSERT_TRUE(
      Until([&] { return !device.lost.empty() && !ingest.lost.empty(); }));
  // More than fits into the in-flight table.
  const std::string topic = std::string("cai/") + kA + "/r";
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(device.link().Publish(topic, AsBytes(std::to_string(i))).ok());
  broker_->Start();

  ASSERT_TRUE(Until([&] { return ingest.seen.size() >= 50; }));
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(ingest.seen[i].payload, std::to_string(i));
  EXPECT_EQ(device.connections, 2);
  Finish({&ingest, &device});
}

TEST_F(LinkTest, Connect_RefusesABrokerOfAnotherCaAndAnotherName) {
  Broker other;
  TlsFiles mixed = broker_->Ingest();
  mixed.ca = other.Ingest().ca;
  Peer wrong_ca(io_, *broker_, mixed, "x", {});
  ASSERT_TRUE(Until([&] { return !wrong_ca.lost.empty(); }));
  EXPECT_EQ(wrong_ca.connections, 0);

  MqttState last = MqttState::kConnected;
  MqttLink wrong_name(
      io_,
      {.port = broker_->port(),
       .verify_name = "elsewhere.cai.local",
       .client_id = "y"},
      *ClientTls(broker_->Ingest()), [](const MqttMessage&) {},
      [&](MqttState state, const std::string&) { last = state; });
  wrong_name.Start();
  EXPECT_TRUE(Until([&] { return last == MqttState::kLost; }));
  EXPECT_FALSE(wrong_name.connected());
  wrong_name.Stop();
  Finish({&wrong_ca});
}

TEST_F(LinkTest, Connect_TheBrokerRefusesACertificateOfAnotherCa) {
  Broker other;
  TlsFiles mixed = other.Ingest();
  mixed.ca = broker_->Ingest().ca;
  Peer stranger(io_, *broker_, mixed, "x", {});
  ASSERT_TRUE(Until([&] { return !stranger.lost.empty(); }));
  EXPECT_EQ(stranger.connections, 0);
  Finish({&stranger});
}

TEST_F(LinkTest, Publish_RefusesWhatCouldNeverGoAndWhatIsTooMuch) {
  broker_->Stop();
  MqttLink link(io_,
                {.port = broker_->port(), .client_id = "z", .max_queued = 2},
                *ClientTls(broker_->Ingest()), [](const MqttMessage&) {});
  EXPECT_EQ(link.Publish("cai/x", Blob(9000)).error(), Error::kMqttTooLarge);
  for (std::size_t i = 0; i < mqtt::Client::kMaxInFlight + 2; ++i)
    EXPECT_TRUE(link.Publish("cai/x", Blob(10)).ok()) << i;
  EXPECT_EQ(link.Publish("cai/x", Blob(10)).error(), Error::kMqttBusy);
}

}  // namespace
}  // namespace cai::host
