#include "host/dashboard/view.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "host/common/json.h"
#include "host/common/keys.h"
#include "host/dashboard/dashboard.h"
#include "host/ingest/store.h"
#include "host/registry/registry.h"

namespace cai::dashboard {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kNow = 1'800'000'000'000;

class ViewTest : public testing::Test {
 protected:
  ViewTest() : folder_(MakeFolder()), state_(folder_) {
    auto registry = registry::Registry::Open(state_.registry_db());
    registry::Endorsement e;
    e.uuid = uuid_;
    e.board = "an547";
    e.name = "<anna>";
    e.iak = *host::PublicOf(host::GenerateKey()->get());
    EXPECT_TRUE(registry->Endorse(e, kNow / 1000).ok());
    session_.device = uuid_.Text();
    session_.counter = 1'792;
    session_.first = 40;
    session_.generation = 2;
    session_.token_id.fill(std::byte{0xab});
    session_.status = "attested";
    session_.components = {{"engine", "1", {}, {}}, {"sine", "3", {}, {}}};
    session_.wrapped = host::Blob(4);
    store_.emplace(*ingest::Store::Open(state_.readings_db()));
    view_ = std::make_shared<View>(*View::Open(state_));
  }
  ~ViewTest() override { host::fs::remove_all(folder_); }

  void Add(std::uint32_t sequence, std::optional<std::string> label) {
    if (sequence == 0) {
      ASSERT_TRUE(store_->Install(session_, session_.token_id, kNow).ok());
    }
    const std::int32_t input = static_cast<std::int32_t>(sequence);
    ASSERT_TRUE(store_
                    ->Add(session_,
                          {sequence,
                           1'000,
                           {5, 9},
                           1,
                           {input, -7},
                           host::Blob(2, std::byte{0x7f}),
                           label,
                           {}},
                          kNow + 500)
                    .ok());
  }
  json::object Everything() {
    const auto text = view_->Everything();
    EXPECT_TRUE(text.ok());
    return json::parse(*text).as_object();
  }
  host::HttpResponse Get(const std::string& path, const std::string& host,
                         const std::string& method = "GET") {
    host::HttpRequest request;
    request.method = method;
    request.path = path;
    if (!host.empty()) request.headers = {{"Host", host}};
    return MakeHandler(view_)(request);
  }

  host::fs::path folder_;
  host::State state_;
  host::Uuid uuid_{};
  ingest::Session session_;
  std::optional<ingest::Store> store_;
  std::shared_ptr<View> view_;

 private:
  static host::fs::path MakeFolder() {
    char pattern[] = "/tmp/cai-view-XXXXXX";
    return mkdtemp(pattern);
  }
};

TEST_F(ViewTest, BeforeAnyReading_ThereAreTheDevices) {
  const json::object all = Everything();
  EXPECT_TRUE(all.at("readings").as_array().empty());
  EXPECT_TRUE(all.at("refusals").as_array().empty());
  const json::array& devices = all.at("devices").as_array();
  ASSERT_EQ(devices.size(), 1u);
  EXPECT_EQ(devices[0].at("name"), "<anna>");
  EXPECT_EQ(devices[0].at("board"), "an547");
  EXPECT_EQ(devices[0].at("readings"), 0);
  EXPECT_TRUE(devices[0].at("label").is_null());
}

TEST_F(ViewTest, AReadingShowsAllItsColumns) {
  Add(0, "low");
  const json::object all = Everything();
  const json::array& readings = all.at("readings").as_array();
  ASSERT_EQ(readings.size(), 1u);
  const json::value expected = {{"id", 1},
                                {"device", uuid_.Text()},
                                {"name", "<anna>"},
                                {"number", 40},
                                {"model", "sine"},
                                {"model_version", "3"},
                                {"model_hash", std::string(64, '0')},
                                {"inputs", json::array{0, -7}},
                                {"output", "7f7f"},
                                {"label", "low"},
                                {"token_id", host::Hex(session_.token_id)},
                                {"status", "attested"},
                                {"received", 1'800'000'000.5},
                                {"taken_from_ms", 5},
                                {"taken_to_ms", 9},
                                {"session", 1'792},
                                {"sequence", 0},
                                {"service_generation", 2}};
  EXPECT_EQ(readings[0], expected) << json::serialize(readings[0]);
}

TEST_F(ViewTest, TheNewestAreFirst_AndForty) {
  for (std::uint32_t i = 0; i < 45; ++i)
    Add(i, i == 44 ? std::nullopt : std::optional<std::string>("low"));
  const json::object all = Everything();
  const json::array& readings = all.at("readings").as_array();
  ASSERT_EQ(readings.size(), 40u);
  EXPECT_EQ(readings[0].at("sequence"), 44);
  EXPECT_TRUE(readings[0].at("label").is_null());
  EXPECT_EQ(readings[39].at("sequence"), 5);
  const json::value& device = all.at("devices").as_array()[0];
  EXPECT_EQ(device.at("readings"), 45);
  EXPECT_EQ(device.at("label"), "low");
  const json::array& trace = device.at("trace").as_array();
  ASSERT_EQ(trace.size(), 40u);
  EXPECT_EQ(trace.front(), 4);
  EXPECT_EQ(trace.back(), 43);
}

TEST_F(ViewTest, RefusalsAndGapsAreCounted) {
  Add(0, "low");
  session_.counter += 256;
  session_.first = 50;
  ASSERT_TRUE(store_->Install(session_, session_.token_id, kNow).ok());
  ASSERT_TRUE(
      store_->Refuse(uuid_.Text(), Error::kWireFork, "a\"b", kNow).ok());
  const json::object all = Everything();
  const json::value& device = all.at("devices").as_array()[0];
  EXPECT_EQ(device.at("refused"), 1);
  EXPECT_EQ(device.at("missing"), 9);  // 41 .. 49
  const json::value& refusal = all.at("refusals").as_array()[0];
  EXPECT_EQ(refusal.at("reason"), "WireFork");
  EXPECT_EQ(refusal.at("topic"), "a\"b");
}

TEST_F(ViewTest, AMarkMovesOverWhatWasShown) {
  for (std::uint32_t i = 0; i < 3; ++i) Add(i, "low");
  View::Mark mark = *view_->Before(2);
  std::vector<std::int64_t> seen;
  const auto show = [&](const json::object& row) {
    seen.push_back(row.at("sequence").as_int64());
  };
  ASSERT_TRUE(view_->Readings(mark, 1, show).ok());
  EXPECT_EQ(seen, (std::vector<std::int64_t>{1}));
  ASSERT_TRUE(view_->Readings(mark, 9, show).ok());
  ASSERT_TRUE(view_->Readings(mark, 9, show).ok());
  EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 2}));
}

TEST_F(ViewTest, Page_AnswersThisMachineAlone) {
  // A page from elsewhere that rebinds its name to 127.0.0.1 sends its own.
  for (const std::string& host : std::vector<std::string>{
           "", "evil.example", "evil.example:8080", "localhost.evil.example",
           "127.0.0.1.evil.example:80", "192.168.0.1", "evil@localhost"})
    for (const std::string& path :
         std::vector<std::string>{"/", "/api/state", "/api/events"})
      EXPECT_EQ(Get(path, host).status, 403) << host;
  for (const std::string& host :
       std::vector<std::string>{"localhost", "127.0.0.1:8080"})
    EXPECT_EQ(Get("/api/state", host).status, 200) << host;
}

TEST_F(ViewTest, Page_HasItsFilesAndRefusesTheRest) {
  const auto page = Get("/", "localhost");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(page.body.starts_with("<!")) << page.body.substr(0, 20);
  EXPECT_EQ(Get("/../readings.db", "localhost").status, 404);
  EXPECT_EQ(Get("/", "localhost", "POST").status, 405);
  const auto policy = std::pair<std::string, std::string>(
      "Content-Security-Policy", "default-src 'self'");
  EXPECT_NE(std::ranges::find(page.headers, policy), page.headers.end());
}

TEST_F(ViewTest, Events_AreWhatCameSince) {
  Add(0, "low");
  const auto response = Get("/api/events", "localhost:1");
  ASSERT_TRUE(response.events);
  EXPECT_EQ(response.events(), "");
  Add(1, "high");
  ASSERT_TRUE(store_->Refuse("x", Error::kWireFork, "t", kNow).ok());
  const std::string text = response.events();
  EXPECT_TRUE(text.starts_with("event: reading\ndata: {\"id\":2,")) << text;
  EXPECT_NE(text.find("\n\nevent: refusal\ndata: {"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\n\n"));
  EXPECT_EQ(response.events(), "");
}

}  // namespace
}  // namespace cai::dashboard
