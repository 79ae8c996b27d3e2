#include "device/ns/uplink/uplink.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "device/ns/testing/spe_fake.h"
#include "lib/wire/downlink.h"

namespace cai::ns {
namespace {

using spm::SealKind;
using testing::fake_spe;

struct FakePublisher : Publisher {
  bool ready() const override { return is_ready; }
  bool full() const override { return sent.size() - done >= room; }
  Result<std::uint16_t> Publish(Channel channel, Bytes message) override {
    if (full()) return Error::kNsUplinkFull;
    sent.emplace_back(channel, AsText(message));
    return static_cast<std::uint16_t>(sent.size());
  }
  bool is_ready = true;
  std::size_t room = 100, done = 0;
  std::vector<std::pair<Channel, std::string>> sent;
};

class UplinkTest : public ::testing::Test {
 protected:
  UplinkTest() {
    fake_spe() = {};
    svc_.fill(std::byte{7});
    uplink_.SetService(svc_);
  }
  void Run() {
    while (uplink_.Advance(publisher_, now_, 0)) {
    }
  }
  void RunUntil(std::uint64_t time) {
    while (now_ < time) {
      now_ = std::min(time, std::max(now_ + 1, uplink_.Deadline()));
      Run();
    }
  }
  void Seal(SealKind kind, const std::string& bytes) {
    fake_spe().next.push_back({kind, 0, bytes});
  }
  void Need() {
    ByteArray<8> memory;
    uplink_.OnDownlink(*wire::EncodeNeed(memory));
  }
  void Done(std::uint16_t number) {
    ++publisher_.done;
    uplink_.OnPublished(number, mqtt::Reason::kSuccess);
  }

  std::uint64_t now_ = 1'000'000;
  wire::Svc svc_;
  FakePublisher publisher_;
  Uplink uplink_;
};

TEST_F(UplinkTest, PublishesInTheSecureSidesOrder) {
  Seal(SealKind::kSession, "session");
  Seal(SealKind::kReading, "r0");
  Seal(SealKind::kReading, "r1");
  Run();
  ASSERT_EQ(publisher_.sent.size(), 3u);
  EXPECT_EQ(publisher_.sent[0],
            std::pair(Channel::kSession, std::string("session")));
  EXPECT_EQ(publisher_.sent[1],
            std::pair(Channel::kReading, std::string("r0")));
  EXPECT_EQ(publisher_.sent[2],
            std::pair(Channel::kReading, std::string("r1")));
}

TEST_F(UplinkTest, WaitsAsLongAsItIsTold) {
  fake_spe().next.push_back({SealKind::kNothing, 750, ""});
  Run();
  EXPECT_EQ(fake_spe().asked, 1);
  EXPECT_EQ(uplink_.Deadline(), now_ + 750);
  now_ += 749;
  Run();
  EXPECT_EQ(fake_spe().asked, 1);
  now_ += 1;
  Run();
  EXPECT_EQ(fake_spe().asked, 2);
}

// Back pressure: a full publisher is not a reason to take and lose a message.
TEST_F(UplinkTest, StopsAskingWhileThereIsNoRoom) {
  publisher_.room = 2;
  for (int i = 0; i < 4; ++i) Seal(SealKind::kReading, "r" + std::to_string(i));
  RunUntil(now_ + 10'000);
  EXPECT_EQ(publisher_.sent.size(), 2u);
  EXPECT_EQ(fake_spe().next.size(), 2u);
  Done(1);
  Run();
  EXPECT_EQ(publisher_.sent.size(), 3u);
  Done(2);
  Run();
  EXPECT_EQ(publisher_.sent[3].second, "r3");
}

TEST_F(UplinkTest, GoesOnTakingReadingsWhileTheLinkIsDown) {
  publisher_.is_ready = false;
  Seal(SealKind::kReading, "r0");
  Run();
  EXPECT_EQ(publisher_.sent.size(), 1u);
}

TEST_F(UplinkTest, GreetsWithItsServiceWhenAKeyIsMissing) {
  Seal(SealKind::kNeedServiceKey, "");
  Run();
  ASSERT_EQ(publisher_.sent.size(), 1u);
  EXPECT_EQ(publisher_.sent[0].first, Channel::kSession);
  const auto hello = wire::ParseHello(AsBytes(publisher_.sent[0].second));
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->svc, svc_);
}

TEST_F(UplinkTest, DoesNotGreetWhileTheLinkIsDown) {
  publisher_.is_ready = false;
  for (int i = 0; i < 5; ++i) Seal(SealKind::kNeedServiceKey, "");
  Run();
  EXPECT_TRUE(publisher_.sent.empty());
  publisher_.is_ready = true;
  uplink_.OnReady();
  Run();
  EXPECT_EQ(publisher_.sent.size(), 1u);
}

TEST_F(UplinkTest, GreetsAtMostOnceInFiveSeconds) {
  std::uint64_t last = 0;
  for (int i = 0; i < 1000; ++i) Seal(SealKind::kNeedServiceKey, "");
  for (int i = 0; i < 600; ++i) {
    const std::size_t before = publisher_.sent.size();
    Run();
    if (publisher_.sent.size() != before) {
      EXPECT_TRUE(last == 0 || now_ - last >= 5'000) << now_ - last;
      last = now_;
      Done(static_cast<std::uint16_t>(publisher_.sent.size()));
    }
    now_ += 100;
  }
  EXPECT_GE(publisher_.sent.size(), 2u);
}

TEST_F(UplinkTest, HandsKeyAndChallengeToTheSecureSideAndAsksAtOnce) {
  Seal(SealKind::kNeedServiceKey, "");
  Run();
  Seal(SealKind::kSession, "session");
  ByteArray<64> memory;
  const Bytes challenge = *wire::EncodeChallenge({}, memory);
  uplink_.OnDownlink(challenge);
  EXPECT_EQ(fake_spe().downlinks,
            std::vector<std::string>{std::string(AsText(challenge))});
  Run();
  EXPECT_EQ(publisher_.sent.back().second, "session");
}

TEST_F(UplinkTest, UnknownDownlink_ReachesNobody) {
  uplink_.OnDownlink(AsBytes("junk"));
  uplink_.OnDownlink({});
  EXPECT_EQ(uplink_.counters().unknown, 2u);
  EXPECT_TRUE(fake_spe().downlinks.empty());
  EXPECT_TRUE(fake_spe().service_keys.empty());
}

TEST_F(UplinkTest, Need_RepeatsTheSameBytesWithoutTheSecureSide) {
  Seal(SealKind::kSession, "session");
  Run();
  Done(1);
  const int asked = fake_spe().asked;
  Need();
  Run();
  ASSERT_EQ(publisher_.sent.size(), 2u);
  EXPECT_EQ(publisher_.sent[1], publisher_.sent[0]);
  EXPECT_EQ(fake_spe().asked, asked);
}

// protocol.md 3, test 25.
TEST_F(UplinkTest, NeedFlood_RepeatsOncePerThirtySeconds) {
  Seal(SealKind::kSession, "session");
  Run();
  Done(1);
  const std::uint64_t end = now_ + 90'000;
  while (now_ < end) {
    Need();
    const std::size_t before = publisher_.sent.size();
    Run();
    if (publisher_.sent.size() != before)
      Done(static_cast<std::uint16_t>(publisher_.sent.size()));
    now_ += 50;
  }
  EXPECT_EQ(uplink_.counters().repeats, 3u);  // at 0, 30 and 60 s
}

TEST_F(UplinkTest, Need_WhileTheSessionIsInFlight_IsAnsweredByThat) {
  Seal(SealKind::kSession, "session");
  Run();
  Need();
  Run();
  EXPECT_EQ(publisher_.sent.size(), 1u);
}

TEST_F(UplinkTest, Need_BeforeAnySession_IsNothing) {
  Need();
  Run();
  EXPECT_TRUE(publisher_.sent.empty());
}

TEST_F(UplinkTest, Failure_IsCountedAndTriedAgainLater) {
  fake_spe().seal_fails = true;
  Run();
  EXPECT_EQ(uplink_.counters().failures, 1u);
  EXPECT_EQ(uplink_.last_status(), -132);
  EXPECT_EQ(uplink_.Deadline(), now_ + 2000);
  fake_spe().seal_fails = false;
  Seal(SealKind::kReading, "r");
  now_ += 2000;
  Run();
  EXPECT_EQ(publisher_.sent.size(), 1u);
}

TEST_F(UplinkTest, BrokersAnswers_AreCounted) {
  uplink_.OnPublished(1, mqtt::Reason::kSuccess);
  uplink_.OnPublished(2, mqtt::Reason::kNoMatchingSubscribers);
  uplink_.OnPublished(3, mqtt::Reason::kNotAuthorized);
  EXPECT_EQ(uplink_.counters().acknowledged, 2u);
  EXPECT_EQ(uplink_.counters().unheard, 1u);
  EXPECT_EQ(uplink_.counters().refused, 1u);
}

}  // namespace
}  // namespace cai::ns
