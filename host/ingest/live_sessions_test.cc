#include "host/ingest/live_sessions.h"

#include <gtest/gtest.h>

namespace cai::ingest {
namespace {

using Key = LiveSessions::Key;

// Keys whose hashes meet: the last eight bytes are alike.
Key KeyOf(unsigned number, std::uint16_t key_id = 7) {
  Key key{.key_id = key_id};
  CopyInto(key.device, BigEndian(number));
  return key;
}

wire::LiveSession Session(unsigned floor) {
  wire::ReceiverState state;
  state.floor_epoch = floor;
  return {wire::Suite::kAes128Gcm, std::move(state)};
}

TEST(LiveSessions, Find_FindsEachOfThoseThatCollide) {
  LiveSessions sessions(100);
  for (unsigned i = 0; i < 100; ++i) sessions.Put(KeyOf(i), {}, Session(i));
  for (unsigned i = 0; i < 100; ++i) {
    ASSERT_NE(sessions.Find(KeyOf(i)), nullptr);
    EXPECT_EQ(sessions.Find(KeyOf(i))->session.state().floor_epoch, i);
    EXPECT_EQ(sessions.Find(KeyOf(i, 8)), nullptr);
    sessions.Expect(KeyOf(i));
    sessions.Approach(KeyOf(i), i);
  }
  EXPECT_EQ(sessions.Find(KeyOf(100)), nullptr);
}

TEST(LiveSessions, Put_ReplacesTheOneThatIsThere) {
  LiveSessions sessions(4);
  const LiveSessions::Version newer{std::byte{1}};
  sessions.Put(KeyOf(1), {}, Session(1));
  sessions.Put(KeyOf(1), newer, Session(2));
  const auto* const entry = sessions.Find(KeyOf(1));
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->version, newer);
  EXPECT_EQ(entry->session.state().floor_epoch, 2u);
}

TEST(LiveSessions, Put_ForgetsAllWhenFull) {
  LiveSessions sessions(2);
  for (unsigned i = 0; i < 3; ++i) sessions.Put(KeyOf(i), {}, Session(i));
  EXPECT_EQ(sessions.Find(KeyOf(0)), nullptr);
  EXPECT_EQ(sessions.Find(KeyOf(1)), nullptr);
  EXPECT_NE(sessions.Find(KeyOf(2)), nullptr);
}

}  // namespace
}  // namespace cai::ingest
