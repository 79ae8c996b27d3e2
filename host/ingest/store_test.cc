#include "host/ingest/store.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace cai::ingest {
namespace {

constexpr std::uint64_t kNow = 1'800'000'000'000;
constexpr std::uint64_t kHour = 3'600'000;

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    char pattern[] = "/tmp/cai-store-XXXXXX";
    folder_ = mkdtemp(pattern);
    store_.emplace(*Store::Open(Path()));
    rows_.emplace(*OpenReadings(Path()));
    nonce_.fill(std::byte{5});
  }
  ~StoreTest() override { host::fs::remove_all(folder_); }

  host::fs::path Path() const { return folder_ / "readings.db"; }

  static Session Sample(std::uint64_t counter) {
    Session s;
    s.device = "d";
    s.counter = counter;
    s.id.fill(std::byte(counter));
    s.first = 100;
    s.generation = 3;
    s.suite = wire::Suite::kAes128Gcm;
    s.token_id.fill(std::byte{7});
    s.token_uptime_ms = 1'000;
    s.nonce_issued_ms = kNow - 10;
    s.token_received_ms = kNow;
    s.status = "attested";
    s.components = {{"engine", "1", {}, {}}, {"m\"x", "2", {}, {"a", "b"}}};
    s.wrapped = Blob(40, std::byte{9});
    return s;
  }
  static StoredReading Row(std::uint32_t sequence) {
    return {sequence, 2'000, {1, 2}, 1, {-1, 2}, Blob(2), "a", {}};
  }
  void Install(const Session& session) {
    ASSERT_TRUE(store_->Install(session, nonce_, kNow).ok());
  }
  std::int64_t Number(const std::string& sql) {
    auto row = rows_->Prepare(sql);
    EXPECT_TRUE(row.ok() && *row->Step()) << sql;
    return row.ok() ? row->Int(0) : -1;
  }

  host::fs::path folder_;
  std::optional<Store> store_;
  std::optional<host::Database> rows_;
  ByteArray<32> nonce_{};
};

TEST_F(StoreTest, ASessionIsFoundAgainWhole) {
  const Session s = Sample(0x1'0002);
  Install(s);
  const auto found = store_->FindSession("d", 2);
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->counter, s.counter);
  EXPECT_EQ((*found)->id, s.id);
  EXPECT_EQ((*found)->first, s.first);
  EXPECT_EQ((*found)->generation, s.generation);
  EXPECT_EQ((*found)->suite, s.suite);
  EXPECT_EQ((*found)->token_id, s.token_id);
  EXPECT_EQ((*found)->token_uptime_ms, s.token_uptime_ms);
  EXPECT_EQ((*found)->nonce_issued_ms, s.nonce_issued_ms);
  EXPECT_EQ((*found)->token_received_ms, s.token_received_ms);
  EXPECT_EQ((*found)->status, s.status);
  EXPECT_EQ((*found)->wrapped, s.wrapped);
  ASSERT_EQ((*found)->components.size(), 2u);
  EXPECT_EQ((*found)->components[1].name, "m\"x");
  EXPECT_EQ((*found)->components[1].labels,
            (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(store_->FindSession("d", 3)->has_value());
  EXPECT_FALSE(store_->FindSession("e", 2)->has_value());
}

TEST_F(StoreTest, Install_SpendsTheNonce_AllOrNothing) {
  ASSERT_TRUE(store_->IssueNonce(nonce_, "d", kNow).ok());
  EXPECT_FALSE((*store_->FindNonce(nonce_))->spent_by.has_value());
  Install(Sample(5));
  EXPECT_EQ((*store_->FindNonce(nonce_))->spent_by, Sample(5).token_id);
  // The same counter again is the database's refusal, and changes nothing.
  Session again = Sample(5);
  again.token_id.fill(std::byte{8});
  EXPECT_FALSE(store_->Install(again, nonce_, kNow).ok());
  EXPECT_EQ((*store_->FindNonce(nonce_))->spent_by, Sample(5).token_id);
}

TEST_F(StoreTest, History_KeepsTheMaximumForEver) {
  EXPECT_FALSE(store_->History("d", 5)->sessions.max_counter.has_value());
  Install(Sample(9));
  Session late = Sample(5);
  late.state = SessionState::kDraining;
  Install(late);
  store_.emplace(*Store::Open(Path()));
  const auto history = store_->History("d", 5);
  EXPECT_EQ(history->sessions.max_counter, 9u);
  EXPECT_EQ(history->sessions.id_at_counter, late.id);
  EXPECT_FALSE(store_->History("d", 6)->sessions.id_at_counter.has_value());
  EXPECT_FALSE(history->forked);
  ASSERT_TRUE(store_->MarkFork("d").ok());
  EXPECT_TRUE(store_->History("d", 5)->forked);
}

TEST_F(StoreTest, AReadingAndTheSessionsState_AreOneTransaction) {
  Session s = Sample(5);
  Install(s);
  s.wrapped = Blob(40, std::byte{1});
  ASSERT_TRUE(store_->Add(s, Row(4), kNow).ok());
  EXPECT_EQ((*store_->FindSession("d", 5))->wrapped, s.wrapped);
  EXPECT_TRUE(store_->FindDigest(s, 4)->has_value());
  EXPECT_FALSE(store_->FindDigest(s, 3)->has_value());
  EXPECT_EQ(store_->History("d", 5)->next_number, 105u);
  EXPECT_EQ(Number("SELECT number FROM readings"), 104);

  // UNIQUE (device, sc, seq) is the last word: the state stays, too.
  Session other = s;
  other.wrapped = Blob(40, std::byte{2});
  EXPECT_FALSE(store_->Add(other, Row(4), kNow).ok());
  EXPECT_EQ((*store_->FindSession("d", 5))->wrapped, s.wrapped);
}

TEST_F(StoreTest, OtherPlaintexts_AreKnownByTheirDigest) {
  Session s = Sample(5);
  Install(s);
  crypto::Digest digest;
  digest.fill(std::byte{3});
  s.state = SessionState::kClosed;
  ASSERT_TRUE(store_->AddOther(s, 6, digest, "close", kNow).ok());
  EXPECT_EQ(*store_->FindDigest(s, 6), digest);
  EXPECT_EQ((*store_->FindSession("d", 5))->state, SessionState::kClosed);
  EXPECT_EQ(store_->History("d", 5)->next_number, 107u);
}

TEST_F(StoreTest, WhatTheNewerSessionOvertook_IsErasedAfterAnHour) {
  Session closed = Sample(5), disputed = Sample(6);
  Install(closed);
  ASSERT_TRUE(store_->SetState(closed, SessionState::kClosed).ok());
  Install(disputed);
  ASSERT_TRUE(store_->SetState(disputed, SessionState::kDisputed).ok());
  Install(Sample(7));
  Install(Sample(8));
  ASSERT_TRUE(store_->EndDrained(kNow + kHour).ok());
  EXPECT_EQ(Number("SELECT count(*) FROM sessions WHERE wrapped IS NULL"), 0);
  ASSERT_TRUE(store_->EndDrained(kNow + kHour + 1).ok());
  EXPECT_FALSE(store_->FindSession("d", 5)->has_value());
  EXPECT_FALSE(store_->FindSession("d", 6)->has_value());
  EXPECT_FALSE(store_->FindSession("d", 7)->has_value());
  EXPECT_TRUE(store_->FindSession("d", 8)->has_value());
  EXPECT_EQ(Number("SELECT state FROM sessions WHERE sc = 6"), 3);
  EXPECT_EQ(Number("SELECT state FROM sessions WHERE sc = 7"), 2);
}

TEST_F(StoreTest, OldUnspentNonces_AreForgotten) {
  ASSERT_TRUE(store_->IssueNonce(nonce_, "d", kNow).ok());
  ASSERT_TRUE(store_->EndDrained(kNow + 24 * kHour).ok());
  EXPECT_TRUE(store_->FindNonce(nonce_)->has_value());
  ASSERT_TRUE(store_->EndDrained(kNow + 24 * kHour + 1).ok());
  EXPECT_FALSE(store_->FindNonce(nonce_)->has_value());
}

// 49: a flood leaves others' evidence, and other reasons, alone.
TEST_F(StoreTest, Refusals_AreARingPerDeviceAndReason) {
  ASSERT_TRUE(store_->Refuse("d", Error::kCryptoBadTag, "first", kNow).ok());
  ASSERT_TRUE(store_->Refuse("e", Error::kWireFork, "other", kNow).ok());
  ASSERT_TRUE(store_->Refuse("d", Error::kWireFork, "other", kNow).ok());
  for (int i = 0; i < 64; ++i)
    ASSERT_TRUE(store_->Refuse("d", Error::kCryptoBadTag, "flood", kNow).ok());
  EXPECT_EQ(Number("SELECT count(*) FROM refusals WHERE topic = 'flood'"), 64);
  EXPECT_EQ(Number("SELECT count(*) FROM refusals WHERE topic = 'first'"), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM refusals WHERE topic = 'other'"), 2);
}

// Names of devices that do not exist cost nothing: their ring is one.
TEST_F(StoreTest, Refusals_OfStrangersDoNotGrowWithTheirNames) {
  ASSERT_TRUE(store_->Refuse("d", Error::kWireFork, "other", kNow).ok());
  for (int i = 0; i < 1'100; ++i)
    ASSERT_TRUE(store_
                    ->Refuse("stranger " + std::to_string(i),
                             Error::kWireUnknownDevice, "t", kNow)
                    .ok());
  EXPECT_EQ(Number("SELECT count(*) FROM refusals"), 1'024 + 1);
}

TEST(Components, SurviveTextAndBack) {
  EXPECT_TRUE(ComponentsFromJson("").empty());
  EXPECT_TRUE(ComponentsFromJson("{}").empty());
  EXPECT_TRUE(ComponentsFromJson("[").empty());
  const std::vector<Component> one = {{"n\n\"", "v", {std::byte{1}}, {"ü"}}};
  const auto back = ComponentsFromJson(ComponentsToJson(one));
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].name, one[0].name);
  EXPECT_EQ(back[0].digest, one[0].digest);
  EXPECT_EQ(back[0].labels, one[0].labels);
}

TEST(Store, RefusesAFileThatIsNoDatabase) {
  char pattern[] = "/tmp/cai-store-XXXXXX";
  const host::fs::path folder = mkdtemp(pattern);
  ASSERT_TRUE(
      host::WriteFile(folder / "readings.db", std::string(5'000, 'x')).ok());
  const auto store = Store::Open(folder / "readings.db");
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().error, Error::kHostDamaged);
  host::fs::remove_all(folder);
}

}  // namespace
}  // namespace cai::ingest
