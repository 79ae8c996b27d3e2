#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <limits>

#include "host/common/file.h"
#include "host/common/keys.h"
#include "host/common/sqlite.h"
#include "host/common/state.h"
#include "host/common/text.h"

namespace cai::host {
namespace {

class CommonTest : public testing::Test {
 protected:
  CommonTest() {
    char pattern[] = "/tmp/cai-common-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~CommonTest() override { fs::remove_all(folder_); }
  fs::path folder_;
};

// ---- Text ------------------------------------------------------------------

TEST(Text, Base64_IsThatOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"}};  // RFC 4648, 10
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(Base64(AsBytes(plain)), encoded);
    EXPECT_EQ(AsText(*FromBase64(encoded)), plain);
  }
}

TEST(Text, FromBase64_RefusesWhatHasAnotherSpelling) {
  for (const char* bad : {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm 8=",
                          "Zg==Zg==", "Zm8-"})
    EXPECT_FALSE(FromBase64(bad).ok()) << bad;
}

TEST(Text, Hex_GoesBothWays) {
  EXPECT_EQ(Hex(*FromHex("00ff1A")), "00ff1a");
  EXPECT_FALSE(FromHex("0").ok());
  EXPECT_FALSE(FromHex("0g").ok());
}

TEST(Text, ParseUuid_TakesTheOneFormAlone) {
  const std::string good = "396c7a48-a1a6-4682-ba36-70d13f3b8902";
  EXPECT_EQ(ParseUuid(good)->Text(), good);
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(ParseUuid(good.substr(0, size)).ok());
  EXPECT_FALSE(ParseUuid("396C7A48-A1A6-4682-BA36-70D13F3B8902").ok());
  EXPECT_FALSE(ParseUuid("396c7a48a1a6-4682-ba36-70d13f3b8902-").ok());
  EXPECT_FALSE(ParseUuid("396c7a48-a1a6-4682-ba36-70d13f3b890/").ok());
}

TEST(Text, ParseAnyUuid_TakesWhatPeopleWrite) {
  const std::string good = "396c7a48-a1a6-4682-ba36-70d13f3b8902";
  for (const std::string& text :
       {good, "urn:uuid:" + good, "{" + good + "}",
        std::string("396C7A48A1A64682BA3670D13F3B8902")})
    EXPECT_EQ(ParseAnyUuid(text)->Text(), good) << text;
  EXPECT_FALSE(ParseAnyUuid("{" + good).ok());
}

TEST(Text, JsonString_EscapesWhatJsonMust) {
  EXPECT_EQ(JsonString("a\"\\\n\x01z"), "\"a\\\"\\\\\\u000a\\u0001z\"");
  EXPECT_EQ(JsonString("\x7f\xc2\x9bü\u20ac"), "\"\\u007f\\u009bü\u20ac\"");
  EXPECT_EQ(JsonString("a\xff\xc3"), "\"a\\ufffd\\ufffd\"");
}

TEST(Text, OneLine_LetsNoControlThrough) {
  EXPECT_EQ(OneLine("plain \"ü\\\u20ac\xf0\x9f\x98\x80"),
            "plain \"ü\\\u20ac\xf0\x9f\x98\x80");
  EXPECT_EQ(OneLine("a\x1b[2J\n\t\x7f"), "a\\x1b[2J\\x0a\\x09\\x7f");
  EXPECT_EQ(OneLine("\xc2\x9b\xc2\xa0\xff\xe2\x82"),
            "\\xc2\\x9b\xc2\xa0\\xff\\xe2\\x82");
}

// ---- Files -----------------------------------------------------------------

TEST_F(CommonTest, WriteFile_ReplacesWholeAndPrivately) {
  const auto path = folder_ / "secret";
  ASSERT_TRUE(WriteFile(path, std::string_view("one")).ok());
  ASSERT_TRUE(WriteFile(path, std::string_view("two")).ok());
  EXPECT_EQ(*ReadText(path), "two");
  struct stat info{};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  // No temporary is left beside it.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(CommonTest, WriteFile_ThatFailsLeavesTheOldOne) {
  const auto path = folder_ / "file";
  ASSERT_TRUE(WriteFile(path, std::string_view("old")).ok());
  fs::create_directory(folder_ / "taken");
  EXPECT_FALSE(WriteFile(folder_ / "taken", std::string_view("x")).ok());
  EXPECT_FALSE(WriteFile(folder_ / "no/where", std::string_view("x")).ok());
  EXPECT_EQ(*ReadText(path), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2);
}

TEST_F(CommonTest, ReadFile_IsBoundedAndSaysWhatIsMissing) {
  const auto path = folder_ / "file";
  ASSERT_TRUE(WriteFile(path, std::string(100, 'x')).ok());
  EXPECT_EQ(ReadFile(path, 100)->size(), 100u);
  EXPECT_EQ(ReadFile(path, 99).error().error, Error::kHostTooLarge);
  EXPECT_EQ(ReadFile(folder_ / "none").error().error, Error::kHostNotFound);
}

TEST_F(CommonTest, FileLock_IsForOneAtATime) {
  {
    const auto first = FileLock::Take(folder_ / "lock", "the test");
    ASSERT_TRUE(first.ok());
    const auto second = FileLock::Take(folder_ / "lock", "the test");
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().error, Error::kHostInUse);
    EXPECT_FALSE(second.error().hint.empty());
  }
  EXPECT_TRUE(FileLock::Take(folder_ / "lock", "the test").ok());
}

TEST_F(CommonTest, ChoosePort_KeepsItUnlessItIsTaken) {
  const State state(folder_);
  const auto first = state.ChoosePort(state.broker(), 0);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*state.ChoosePort(state.broker(), 0), *first);
  EXPECT_EQ(state.SavedPort(state.broker()), *first);
  ASSERT_TRUE(WriteFile(state.broker() / "port", std::string_view("x")).ok());
  EXPECT_FALSE(state.SavedPort(state.broker()).has_value());
}

// ---- Keys ------------------------------------------------------------------

TEST_F(CommonTest, Keys_SurviveTheirFileAndTheirScalar) {
  const KeyPtr key = *GenerateKey();
  ASSERT_TRUE(WriteKey(folder_ / "k", key.get()).ok());
  const KeyPtr again = *ReadKey(folder_ / "k");
  EXPECT_EQ(*PublicOf(again.get()), *PublicOf(key.get()));
  const auto scalar = ScalarOf(key.get());
  const KeyPtr rebuilt = *KeyFromScalar(scalar->bytes());
  EXPECT_EQ(*PublicOf(rebuilt.get()), *PublicOf(key.get()));
}

TEST_F(CommonTest, Keys_OffTheCurveAndOnAnotherAreRefused) {
  crypto::P256Public point = *PublicOf(GenerateKey()->get());
  point.xy[63] ^= std::byte{1};
  EXPECT_FALSE(KeyFromPublic(point).ok());
  const KeyPtr other(EVP_EC_gen("P-384"));
  EXPECT_FALSE(PublicOf(other.get()).ok());
  ASSERT_TRUE(WriteKey(folder_ / "k", other.get()).ok());
  EXPECT_EQ(ReadKey(folder_ / "k").error().error, Error::kHostDamaged);
}

// ---- SQLite ----------------------------------------------------------------

constexpr std::array<const char*, 2> kSchema = {
    "CREATE TABLE t(a INTEGER, b BLOB, c TEXT) STRICT;",
    "ALTER TABLE t ADD COLUMN d TEXT;"};

TEST_F(CommonTest, Sqlite_MigratesFromEachVersionAndNotBack) {
  const auto path = folder_ / "db";
  const std::span<const char* const> all(kSchema);
  ASSERT_TRUE(Database::Open(path, all.first(1)).ok());
  auto database = Database::Open(path, all);
  ASSERT_TRUE(database.ok());
  EXPECT_TRUE(database->Run("INSERT INTO t(d) VALUES('x')").ok());
  const auto back = Database::Open(path, all.first(1));
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().error, Error::kHostDamaged);
}

TEST_F(CommonTest, Sqlite_BindsAndReadsEveryType) {
  auto database = *Database::Open(folder_ / "db", kSchema);
  const Blob blob = *FromHex("00ff00");
  ASSERT_TRUE(database
                  .Run("INSERT INTO t VALUES(?, ?, ?, ?)",
                       std::numeric_limits<std::int64_t>::min(), blob,
                       std::string("a\0b", 3), std::optional<std::string>())
                  .ok());
  Statement row = *database.Prepare("SELECT a, b, c, d FROM t");
  ASSERT_TRUE(*row.Step());
  EXPECT_EQ(row.Int(0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(row.Bytes(1), blob);
  EXPECT_EQ(row.Text(2), std::string("a\0b", 3));
  EXPECT_TRUE(row.IsNull(3));
  EXPECT_FALSE(*row.Step());
}

TEST_F(CommonTest, Sqlite_TransactionRollsBackUnlessCommitted) {
  auto database = *Database::Open(folder_ / "db", kSchema);
  for (const bool commit : {false, true}) {
    auto transaction = *Transaction::Begin(database);
    ASSERT_TRUE(database.Run("INSERT INTO t(a) VALUES(1)").ok());
    if (commit) {
      ASSERT_TRUE(transaction.Commit().ok());
    }
  }
  Statement count = *database.Prepare("SELECT count(*) FROM t");
  ASSERT_TRUE(*count.Step());
  EXPECT_EQ(count.Int(0), 1);
}

}  // namespace
}  // namespace cai::host
