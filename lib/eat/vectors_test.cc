// Examples of the editors of RFC 8392, RFC 9711, RFC 9783, the measured
// component and EAR, from ../shared/vectors; a few of our own where that folder
// is not.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "lib/eat/ear.h"
#include "lib/eat/envelope.h"
#include "lib/eat/measured.h"
#include "lib/eat/psa.h"
#include "lib/eat/test_claims.h"

namespace cai::eat {
namespace {

namespace fs = std::filesystem;
using testing::Hex;

const fs::path kShared = "../shared/vectors";

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

Raw ReadEdn(const fs::path& path) {
  const auto item = FromEdn(ReadText(path));
  EXPECT_TRUE(item) << path;
  return item.value_or(Raw());
}

std::vector<fs::path> FilesIn(const fs::path& folder, std::string_view end) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().string().ends_with(end)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

#define SKIP_WITHOUT(folder)                                          \
  if (!fs::exists(folder))                                            \
  GTEST_SKIP() << (folder) << " is not here: its files are not read." \
               << " Our own examples are."

// ---- RFC 9711 --------------------------------------------------------------

// The claims and those of all submodules; the first error.
Status ReadAll(Bytes in, int depth = 0) {
  if (depth > 4) return Error::kCborTooDeep;
  CAI_TRY_ASSIGN(const ClaimsSet claims, ReadClaims(in));
  if (!claims.submodules) return kDone;
  for (const Submodule& submodule : *claims.submodules) {
    if (submodule.kind == Submodule::Kind::kClaims)
      CAI_TRY(ReadAll(submodule.item, depth + 1));
    if (submodule.kind != Submodule::Kind::kToken) continue;
    CAI_TRY_ASSIGN(const Envelope nested, OpenEnvelope(submodule.content));
    CAI_TRY(ReadAll(nested.payload, depth + 1));
  }
  return kDone;
}

TEST(Vectors, Rfc9711Payloads_AreRead) {
  const fs::path folder = kShared / "rfc9711-eat/cddl/Example-Payloads";
  SKIP_WITHOUT(folder);
  int read = 0;
  for (const fs::path& file : FilesIn(folder, ".diag")) {
    const Status status = ReadAll(ReadEdn(file));
    ++read;
    // Its submodules give a name (a text) as swversion, which is an array.
    if (file.filename() == "submods.diag") {
      EXPECT_EQ(ErrorOf(status), Error::kCborWrongType);
      continue;
    }
    EXPECT_TRUE(status.ok()) << file << ErrorName(status.error());
  }
  EXPECT_EQ(read, 9);
}

TEST(Vectors, Rfc9711Tokens_AreOpened) {
  const fs::path folder = kShared / "rfc9711-eat/cddl/Example-Tokens";
  SKIP_WITHOUT(folder);
  const Raw cwt = ReadEdn(folder / "valid_cwt.diag");
  const auto envelope = OpenEnvelope(cwt);
  ASSERT_TRUE(envelope.ok());
  EXPECT_TRUE(envelope->tagged);
  EXPECT_EQ(envelope->algorithm, -7);
  const auto claims = ReadClaims(envelope->payload);
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ(claims->oem_id->enterprise, 64242);
  EXPECT_EQ(claims->hardware_version->text, "3.1");

  const Raw deb = ReadEdn(folder / "valid_deb.diag");
  const auto bundle = OpenEnvelope(deb);
  ASSERT_TRUE(bundle.ok());
  EXPECT_TRUE(ReadAll(OpenEnvelope(bundle->payload)->payload).ok());
  EXPECT_TRUE(ReadAll(**FindDetached(*bundle, "TEE")).ok());
}

// ---- RFC 9783 --------------------------------------------------------------

struct Bad {
  const char* file;
  Error error;
  std::int64_t claim;
};

TEST(Vectors, Rfc9783Claims_PassOrFailForTheirReason) {
  const fs::path folder = kShared / "rfc9783-psa-token/cddl/test";
  SKIP_WITHOUT(folder);
  using enum Error;
  const Bad bad[] = {
      {"FAIL_BootSeed_too_big", kEatMalformed, 268},
      {"FAIL_BootSeed_too_small", kEatMalformed, 268},
      {"FAIL_ImplementationID_missing", kEatMissingClaim, 2396},
      {"FAIL_ImplementationID_wrong_format", kEatMalformed, 2396},
      {"FAIL_InstanceID_missing", kEatMissingClaim, 256},
      {"FAIL_InstanceID_wrong_format", kEatMalformed, 256},
      {"FAIL_SoftwareComponent_Measurement_missing", kEatMissingClaim, 2399}};
  std::size_t good = 0, refused = 0;
  for (const fs::path& file : FilesIn(folder, ".diag")) {
    const Raw in = ReadEdn(file);
    std::int64_t where = 0;
    const auto claims = ReadPsaClaims(in, cbor::Mode::kLenient, &where);
    const Status status =
        claims.ok() ? CheckPsa(*claims, &where) : Status(claims.error());
    const auto* found = std::ranges::find_if(
        bad, [&](const Bad& b) { return file.stem() == b.file; });
    if (found == std::end(bad)) {
      EXPECT_TRUE(status.ok()) << file << ErrorName(status.error());
      ++good;
    } else {
      EXPECT_EQ(ErrorOf(status), found->error) << file;
      EXPECT_EQ(where, found->claim) << file;
      ++refused;
    }
  }
  EXPECT_EQ(good, 2u);
  EXPECT_EQ(refused, std::size(bad));
}

TEST(Vectors, Rfc9783Tokens_AreRead) {
  const fs::path folder = kShared / "rfc9783-psa-token/cddl/example";
  SKIP_WITHOUT(folder);
  for (const char* name : {"psa-sign1", "psa-mac0"}) {
    const std::string text = ReadText(folder / (std::string(name) + ".cbor"));
    // The diagnostic form is the same message.
    EXPECT_EQ(Hex(AsBytes(text)),
              Hex(ReadEdn(folder / (std::string(name) + ".diag"))));
    const auto envelope = OpenEnvelope(AsBytes(text));
    ASSERT_TRUE(envelope.ok());
    const auto claims = ReadPsaClaims(envelope->payload);
    ASSERT_TRUE(claims.ok()) << name;
    EXPECT_TRUE(CheckPsa(*claims).ok()) << name;
    EXPECT_EQ((*claims->software_components)[0].type, "PRoT");
    EXPECT_EQ(LifecycleName(*claims->lifecycle), "secured");
  }
  const Raw example = ReadEdn(folder / "psa-token.diag");
  const auto claims = ReadPsaClaims(example);
  ASSERT_TRUE(claims.ok());
  EXPECT_TRUE(CheckPsa(*claims).ok());
  EXPECT_EQ(claims->certification_reference, "1234567890123-12345");
}

// ---- The others ------------------------------------------------------------

TEST(Vectors, MeasuredComponents_AreRead) {
  const fs::path folder = kShared / "eat-measured-component/cddl";
  SKIP_WITHOUT(folder);
  int read = 0;
  for (const fs::path& file : FilesIn(folder, ".diag")) {
    const Raw in = ReadEdn(file);
    const auto component = ReadMeasured(in);
    ASSERT_TRUE(component.ok()) << file << ErrorName(component.error());
    Raw out(in.size());
    cbor::Writer writer(out);
    WriteMeasured(*component, writer);
    EXPECT_EQ(Hex(*writer.Finish()), Hex(in)) << file;
    ++read;
  }
  EXPECT_EQ(read, 3);

  std::string text = ReadText(folder / "eat-ex1.diag.in");
  text.replace(text.find("TBD1"), 4, "65002");
  const Raw eat = *FromEdn(text);
  const auto claims = ReadClaims(eat);
  ASSERT_TRUE(claims.ok());
  const auto component = ReadMeasured((*claims->measurements)[0].content);
  ASSERT_TRUE(component.ok());
  EXPECT_EQ(component->name, "boot loader X");
  EXPECT_EQ(component->authorities->size(), 2u);
}

TEST(Vectors, EarExamples_AreRead) {
  const fs::path folder = kShared / "ear/cddl/examples";
  SKIP_WITHOUT(folder);
  int read = 0;
  for (const fs::path& file : FilesIn(folder, ".diag")) {
    if (file.filename().string().find("cbor") == std::string::npos) continue;
    const Raw in = ReadEdn(file);
    const auto ear = DecodeEar(in);
    ASSERT_TRUE(ear.ok()) << file << ErrorName(ear.error());
    EXPECT_EQ(ear->issued, 1666529184);
    EXPECT_EQ(ear->verifier.build, "vts 0.0.1");
    EXPECT_EQ(AsText(ear->raw_evidence), "lifeboatman");
    EXPECT_EQ(ear->appraisals[0].policy_id,
              "https://veraison.example/policy/1/60a0068d");
    ++read;
  }
  EXPECT_EQ(read, 3);
}

// The `cbor` of a vector's output.
Raw OutputOf(const fs::path& file) {
  const std::string text = ReadText(file);
  const std::size_t from = text.find("\"cbor\":\"") + 8;
  return testing::FromHex(text.substr(from, text.find('"', from) - from));
}

TEST(Vectors, CwtExamples_AreReadOrSaidToBeEncrypted) {
  const fs::path folder = kShared / "cose-wg-Examples/CWT";
  SKIP_WITHOUT(folder);
  const auto check = [](const ClaimsSet& claims) {
    EXPECT_EQ(claims.issuer, "coap://as.example.com");
    EXPECT_EQ(claims.subject, "erikw");
    EXPECT_EQ(claims.audience->names[0], "coap://light.example.com");
    EXPECT_EQ(claims.expires->integer, 1444064944);
    EXPECT_EQ(claims.not_before->integer, 1443944944);
    EXPECT_EQ(claims.issued->integer, 1443944944);
    EXPECT_EQ(Hex(claims.token_id->value), "0b71");
  };
  const Raw signed_token = OutputOf(folder / "A_3.json");
  check(*ReadClaims(OpenEnvelope(signed_token)->payload));
  const Raw mac = OutputOf(folder / "A_4.json");
  check(*ReadClaims(OpenEnvelope(mac)->payload));
  // A.5 is encrypted, A.6 signed and then encrypted, A.7 has a float as iat.
  EXPECT_EQ(ErrorOf(OpenEnvelope(OutputOf(folder / "A_5.json"))),
            Error::kEatEncrypted);
  EXPECT_EQ(ErrorOf(OpenEnvelope(OutputOf(folder / "A_6.json"))),
            Error::kEatEncrypted);
  const Raw floating = OutputOf(folder / "A_7.json");
  const auto claims = ReadClaims(OpenEnvelope(floating)->payload);
  ASSERT_TRUE(claims.ok()) << ErrorName(claims.error());
  EXPECT_TRUE(claims->issued->is_float);
  EXPECT_EQ(claims->issued->value(), 1443944944.5);
}

// ---- Our own, wherever this runs -------------------------------------------

TEST(Vectors, OwnExamples_AreRead) {
  int read = 0;
  for (const fs::path& file : FilesIn("lib/eat/testdata/claims", ".diag")) {
    const Status status = ReadAll(ReadEdn(file));
    EXPECT_TRUE(status.ok()) << file << ErrorName(status.error());
    ++read;
  }
  EXPECT_GE(read, 4);
}

}  // namespace
}  // namespace cai::eat
