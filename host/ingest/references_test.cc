#include "host/ingest/references.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace cai::ingest {
namespace {

crypto::Digest Filled(int value) {
  crypto::Digest digest;
  digest.fill(std::byte(value));
  return digest;
}

class ReferencesTest : public testing::Test {
 protected:
  ReferencesTest() {
    char pattern[] = "/tmp/cai-references-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~ReferencesTest() override { host::fs::remove_all(folder_); }

  host::fs::path Path() const { return folder_ / "references.json"; }
  // "" if it is read, else the name of the refusal.
  std::string Reading(const std::string& text) {
    EXPECT_TRUE(host::WriteFile(Path(), text).ok());
    const auto references = References::Read(Path());
    return references.ok() ? ""
                           : std::string(ErrorName(references.error().error));
  }

  host::fs::path folder_;
};

TEST_F(ReferencesTest, AreReadAsTheyWereWritten) {
  References written;
  written.Add({"SPE", "1.0", Filled(1), Filled(2)});
  written.AddEngine({"cai-nn", "1", Filled(3), {}});
  written.AddModel({"sine \"3\"", "2", Filled(4), {"low", "high"}});
  ASSERT_TRUE(written.Write(Path()).ok());

  const auto read = References::Read(Path());
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->firmware.size(), 1u);
  EXPECT_EQ(read->firmware[0].type, "SPE");
  EXPECT_EQ(read->firmware[0].measurement, Filled(1));
  EXPECT_EQ(read->firmware[0].signer, Filled(2));
  EXPECT_EQ(read->engines.size(), 1u);
  const Component* model = read->FindModel(Filled(4));
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->name, "sine \"3\"");
  EXPECT_EQ(model->labels, (std::vector<std::string>{"low", "high"}));
  EXPECT_EQ(read->FindModel(Filled(3)), nullptr);
}

TEST_F(ReferencesTest, WithoutAFile_ThereAreNone) {
  const auto read = References::Read(Path());
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->firmware.empty() && read->models.empty());
}

TEST_F(ReferencesTest, Add_ReplacesTheSameDigest) {
  References references;
  references.AddModel({"old", "1", Filled(1), {}});
  references.AddModel({"new", "2", Filled(1), {"x"}});
  ASSERT_EQ(references.models.size(), 1u);
  EXPECT_EQ(references.models[0].name, "new");
  references.Add({"SPE", "1", Filled(1), Filled(2)});
  references.Add({"NSPE", "1", Filled(1), Filled(2)});
  references.Add({"SPE", "2", Filled(1), Filled(3)});
  ASSERT_EQ(references.firmware.size(), 2u);
  EXPECT_EQ(references.firmware[1].signer, Filled(3));
}

TEST_F(ReferencesTest, ADamagedFileIsRefused_NeverReadAsEmpty) {
  const std::string hash(64, 'a');
  const auto with_model = [](const std::string& model) {
    return R"({"firmware": [], "engines": [], "models": [)" + model + "]}";
  };
  EXPECT_EQ(Reading(with_model(R"({"name": "m", "version": "1", "digest": ")" +
                               hash + "\"}")),
            "");
  for (const std::string& damaged :
       {std::string(), std::string("{"), std::string("[]"),
        std::string(R"({"firmware": [], "engines": []})"),
        std::string(R"({"firmware": {}, "engines": [], "models": []})"),
        with_model("1"), with_model(R"({"name": "m", "version": "1"})"),
        with_model(R"({"name": "m", "version": 1, "digest": ")" + hash + "\"}"),
        with_model(R"({"name": "m", "version": "1", "digest": "aa"})"),
        with_model(R"({"name": "m", "version": "1", "digest": ")" +
                   hash.substr(1) + "x\"}"),
        with_model(R"({"name": "m", "version": "1", "labels": 1, "digest": ")" +
                   hash + "\"}")})
    EXPECT_EQ(Reading(damaged), "HostDamaged") << damaged;
}

TEST_F(ReferencesTest, TheViewHasTheSameValues) {
  References references;
  references.Add({"SPE", "1", Filled(1), Filled(2)});
  references.AddEngine({"e", "1", Filled(3), {}});
  references.AddModel({"m", "1", Filled(4), {}});
  const ReferenceView view(references);
  const eat::ReferenceValues values = view.values();
  ASSERT_EQ(values.firmware.size(), 1u);
  EXPECT_EQ(values.firmware[0].type, "SPE");
  EXPECT_EQ(values.firmware[0].signer, Filled(2));
  ASSERT_EQ(values.engines.size(), 1u);
  EXPECT_EQ(values.engines[0], Filled(3));
  ASSERT_EQ(values.models.size(), 1u);
  EXPECT_EQ(values.models[0], Filled(4));
}

}  // namespace
}  // namespace cai::ingest
