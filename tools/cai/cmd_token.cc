// cai token: what is in any attestation token, and whether to believe it.
#include <cstdio>
#include <memory>

#include "host/common/keys.h"
#include "host/common/state.h"
#include "host/ingest/references.h"
#include "host/registry/registry.h"
#include "host/verifier/explain.h"
#include "host/verifier/result.h"
#include "lib/crypto/openssl/keys.h"
#include "tools/cai/commands.h"
#include "tools/cai/files.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

namespace json = boost::json;
using host::Blob;
using verifier::Expectations;
using verifier::Verdict;

constexpr std::size_t kMaxTokenFile = 1 << 20;

Blob ReadToken(const std::string& path) {
  return verifier::FromFile(ReadInput(path, kMaxTokenFile));
}

Blob HexOption(const std::string& text, const char* option) {
  auto bytes = host::FromHex(text);
  if (bytes.ok() && !bytes->empty()) return *std::move(bytes);
  throw Stop(std::string(option) + " is not hexadecimal",
             "an even number of digits 0-9 and a-f", kExitUsage);
}

// ---- show ------------------------------------------------------------------

std::string ScalarText(const json::value& value) {
  if (value.is_string()) return host::OneLine(value.get_string());
  return json::serialize(value);
}

bool IsShort(const json::value& value) {
  if (value.is_object()) return value.get_object().empty();
  if (!value.is_array()) return true;
  for (const json::value& one : value.get_array())
    if (one.is_structured()) return false;
  return true;
}

void Print(const json::value& value, int indent);

void PrintField(std::string_view given, const json::value& value, int indent) {
  const std::string name = host::OneLine(given);
  const auto width = static_cast<int>(name.size());
  std::printf("%*s%.*s", indent, "", width, name.data());
  if (IsShort(value)) {
    std::printf("%*s %s\n", std::max(0, 18 - width), "",
                ScalarText(value).c_str());
    return;
  }
  std::puts("");
  Print(value, indent + 2);
}

// Objects as lines of name and value, what is in them indented.
void Print(const json::value& value, int indent) {
  if (value.is_object()) {
    for (const auto& [name, one] : value.get_object())
      PrintField(name, one, indent);
    return;
  }
  for (const json::value& one : value.as_array()) {
    if (one.is_object())
      PrintField("-", one, indent);
    else
      std::printf("%*s- %s\n", indent, "", ScalarText(one).c_str());
  }
}

void Show(const std::string& file) {
  auto explained = verifier::Explain(ReadToken(file));
  if (!explained.ok())
    throw Stop(file + ": " + explained.error().Text(),
               "a token is COSE_Sign1 or COSE_Mac0, unsigned claims, or a "
               "detached bundle; CBOR, hexadecimal, or claims as JSON");
  if (common().json)
    std::puts(json::serialize(*explained).c_str());
  else
    Print(*explained, 0);
}

// ---- verify: what the options say ------------------------------------------

struct VerifyOptions {
  std::string file, key, ueid, policy, profile, nonce, audience, purpose,
      request, references_key, ear, ear_json, signer;
  std::vector<std::string> references;
  bool registry = false;
  std::int64_t boot = -1;
  std::int64_t time = 0;
};

void AddKey(const VerifyOptions& options, Expectations& out) {
  if (options.key.empty()) {
    if (options.ueid.empty()) return;
    throw Stop("--ueid without --key", "it says whose key that is", kExitUsage);
  }
  verifier::TrustAnchor anchor;
  anchor.key = std::make_shared<const verifier::TokenKey>(
      Or(verifier::TokenKey::Read(options.key)));
  if (!options.ueid.empty()) anchor.ueid = HexOption(options.ueid, "--ueid");
  anchor.source = options.key;
  out.anchors.push_back(std::move(anchor));
}

// Endorsed attestation keys of all devices that are active.
void AddRegistry(Expectations& out) {
  const auto folder = common().StateDir();
  if (!host::fs::is_directory(folder))
    throw Stop("no state folder " + folder.string(), "--state names another");
  const auto state = Or(host::State::Open(folder.string()));
  if (!host::fs::exists(state.registry_db()))
    throw Stop("no registry in " + folder.string(), "--state names another");
  auto registry = Or(registry::Registry::Open(state.registry_db()));
  for (const auto& device : Or(registry.Devices())) {
    if (device.status != registry::DeviceStatus::kActive) continue;
    const auto& e = device.endorsement;
    out.anchors.push_back({std::make_shared<const verifier::TokenKey>(
                               Or(verifier::TokenKey::OfPublic(e.iak))),
                           host::ToBlob(e.ueid),
                           host::ToBlob(e.implementation_id),
                           "the registry's " + e.name});
  }
  const auto path = ingest::References::PathIn(state);
  if (host::fs::exists(path))
    out.references.Append(Or(verifier::ReadReferenceValues(path)));
}

void AddReferences(const VerifyOptions& options, Expectations& out) {
  std::optional<verifier::TokenKey> signer;
  if (!options.references_key.empty())
    signer = Or(verifier::TokenKey::Read(options.references_key));
  for (const std::string& path : options.references)
    out.references.Append(
        Or(verifier::ReadReferenceValues(path, signer ? &*signer : nullptr)));
  for (const auto& anchor : out.references.anchors)
    out.anchors.push_back(anchor);
}

Expectations Expected(const VerifyOptions& options) {
  Expectations out;
  AddKey(options, out);
  if (options.registry) AddRegistry(out);
  AddReferences(options, out);
  if (out.anchors.empty())
    throw Stop("no key to verify with",
               "name one with --key, or use --registry or --references with "
               "attestation keys",
               kExitUsage);
  if (!options.policy.empty())
    out.policy = Or(verifier::Policy::Read(options.policy));
  if (!options.profile.empty()) out.profile = options.profile;
  if (!options.nonce.empty()) out.nonce = HexOption(options.nonce, "--nonce");
  if (!options.audience.empty())
    out.service = HexOption(options.audience, "--audience");
  if (!options.request.empty())
    out.request_digest = HexOption(options.request, "--request-digest");
  if (!options.purpose.empty()) out.purpose = options.purpose;
  if (options.boot >= 0)
    out.boot_count = static_cast<std::uint32_t>(options.boot);
  out.now = options.time != 0 ? options.time : host::NowSeconds();
  return out;
}

// ---- verify: the verdict ---------------------------------------------------

json::object VectorOf(const eat::TrustVector& vector) {
  json::object out;
  for (std::size_t i = 0; i < vector.fields.size(); ++i)
    if (vector.fields[i])
      out[eat::TrustName(i)] = static_cast<int>(*vector.fields[i]);
  return out;
}

json::object Describe(const Verdict& verdict) {
  json::array parts, findings;
  for (const verifier::Part& part : verdict.parts)
    parts.push_back({{"name", part.name},
                     {"status", eat::TierName(part.Status())},
                     {"trustworthiness", VectorOf(part.vector)}});
  for (const verifier::Finding& finding : verdict.findings)
    findings.push_back({{"error", ErrorName(finding.error)},
                        {"words", std::string(ErrorWords(finding.error)) +
                                      ": " + finding.words}});
  return {{"status", eat::TierName(verdict.Status())},
          {"profile", verdict.profile},
          {"ueid", host::Hex(verdict.ueid)},
          {"key", verdict.anchor},
          {"parts", parts},
          {"findings", findings},
          {"unchecked",
           json::array(verdict.unchecked.begin(), verdict.unchecked.end())}};
}

void PrintPart(const verifier::Part& part) {
  std::printf("  %-16s %s", host::OneLine(part.name).c_str(),
              std::string(eat::TierName(part.Status())).c_str());
  const char* separator = ": ";
  for (const auto& [name, value] : VectorOf(part.vector)) {
    std::printf("%s%s %s", separator, std::string(name).c_str(),
                json::serialize(value).c_str());
    separator = ", ";
  }
  std::puts("");
}

void PrintText(const Verdict& verdict) {
  std::printf("status    %s\n",
              std::string(eat::TierName(verdict.Status())).c_str());
  if (!verdict.profile.empty())
    std::printf("profile   %s\n", host::OneLine(verdict.profile).c_str());
  if (!verdict.ueid.empty())
    std::printf("ueid      %s\n", host::Hex(verdict.ueid).c_str());
  std::printf("key       %s\n", verdict.anchor.c_str());
  for (const verifier::Part& part : verdict.parts) PrintPart(part);
  for (const verifier::Finding& finding : verdict.findings)
    std::printf("because   %s: %s\n",
                std::string(ErrorWords(finding.error)).c_str(),
                host::OneLine(finding.words).c_str());
  for (const std::string& what : verdict.unchecked)
    std::printf("unchecked %s\n", host::OneLine(what).c_str());
}

// ---- verify: the result ----------------------------------------------------

Blob Signed(const Blob& ear, const std::string& signer) {
  if (signer.empty()) return ear;
  const host::KeyPtr key = Or(host::ReadKey(signer));
  const auto handle = crypto::ImportEvp(key.get());
  if (!handle.ok())
    throw Stop(signer + " is no private key on P-256",
               "make one with `cai image keygen`");
  const crypto::ScopedKey scoped(*handle);
  return Or(verifier::SignResult(ear, scoped.get()));
}

void WriteResult(const VerifyOptions& options, const Expectations& expected,
                 const Verdict& verdict, const Blob& token) {
  if (options.ear.empty() && options.ear_json.empty()) return;
  const verifier::ResultSource source{"confidential-ai", "cai", expected.now};
  const Blob ear =
      Or(verifier::EncodeResult(verdict, expected.policy, token, source));
  if (!options.ear.empty())
    Or(host::WriteNewFile(options.ear, Signed(ear, options.signer), 0644));
  if (options.ear_json.empty()) return;
  const std::string text = Or(verifier::ResultJson(ear)) + "\n";
  if (options.ear.empty())
    Or(host::WriteNewFile(options.ear_json, AsBytes(text), 0644));
  else
    WriteSecond(options.ear, options.ear_json, AsBytes(text));
}

const char* HintFor(Error error) {
  switch (error) {
    case Error::kEatNoKey:
      return "its UEID is in `cai token show`; whose keys are known is in "
             "`cai registry list`";
    case Error::kEatUnsigned:
      return "only a signed or authenticated token can be verified";
    case Error::kEatWrongProfile:
      return "`cai token show` says which profile it has";
    case Error::kEatWrongNonce:
      return "it answers another challenge, or is a replay";
    case Error::kEatWrongAlgorithm:
      return "a key has one algorithm: ES256 on P-256, ES384 on P-384, ES512 "
             "on P-521, HMAC for secrets";
    case Error::kEatLifecycle:
      return "a policy may name more lifecycles than \"secured\"";
    default:
      return "";
  }
}

void Verify(const VerifyOptions& options) {
  if (!options.signer.empty() && options.ear.empty())
    throw Stop("--signer without --ear", "it signs that file", kExitUsage);
  for (const std::string& path : {options.ear, options.ear_json})
    if (!path.empty()) Absent(path);
  const Blob token = ReadToken(options.file);
  const Expectations expected = Expected(options);
  const auto verdict = verifier::Appraise(token, expected);
  if (!verdict.ok())
    throw Stop(options.file + ": refused: " + verdict.error().Text(),
               HintFor(verdict.error().error));
  WriteResult(options, expected, *verdict, token);
  if (common().json)
    std::puts(json::serialize(Describe(*verdict)).c_str());
  else
    PrintText(*verdict);
  if (verdict->Status() == eat::Tier::kContraindicated)
    throw Stop(options.file + ": contraindicated",
               "the lines `because` say what is not as it should be");
}

// ---- registration ----------------------------------------------------------

void RegisterShow(CLI::App& group) {
  auto* const command = group.add_subcommand(
      "show", "say what is in a token; needs no key, verifies nothing");
  auto file = std::make_shared<std::string>();
  command
      ->add_option("file", *file,
                   "CBOR, hexadecimal, or claims as JSON; - is standard input")
      ->required();
  command->footer("Example:\n  cai token show ai.cbor");
  command->callback([file] { Show(*file); });
}

void AddKeyOptions(CLI::App& command, VerifyOptions& o) {
  command.add_option("--key", o.key,
                     "the attester's key: PEM, JWK or COSE_Key");
  command.add_option("--ueid", o.ueid, "whose key that is (hexadecimal)");
  command.add_flag("--registry", o.registry,
                   "keys and references of the state folder");
  command.add_option("--references", o.references,
                     "reference values: of `cai reference`, CoRIM or CoMID");
  command.add_option("--references-key", o.references_key,
                     "who signed the CoRIM");
}

void AddExpectationOptions(CLI::App& command, VerifyOptions& o) {
  command.add_option("--nonce", o.nonce, "that it must answer (hexadecimal)");
  command.add_option("--profile", o.profile, "that it must have");
  command.add_option("--policy", o.policy, "what is accepted (TOML)");
  command.add_option("--audience", o.audience,
                     "of an AI token: the service (hexadecimal)");
  command
      .add_option("--boot", o.boot, "of an AI token: the device's boot count")
      ->check(CLI::Range(1LL, 0xffffffffLL));
  command.add_option("--request-digest", o.request,
                     "of a key token: SHA-256 (hexadecimal)");
  command.add_option("--purpose", o.purpose,
                     "of a key token: tls-client or cose-sign");
  command.add_option("--time", o.time, "Unix seconds to take for now")
      ->check(CLI::Range(std::int64_t{1}, kYear9999));
}

void RegisterVerify(CLI::App& group) {
  auto* const command = group.add_subcommand(
      "verify", "check a token and say what to think of it");
  auto o = std::make_shared<VerifyOptions>();
  command
      ->add_option("file", o->file, "CBOR or hexadecimal; - is standard input")
      ->required();
  AddKeyOptions(*command, *o);
  AddExpectationOptions(*command, *o);
  command->add_option("--ear", o->ear,
                      "write the attestation result (CBOR; signed, if "
                      "--signer)");
  command->add_option("--ear-json", o->ear_json, "write it as JSON, unsigned");
  command->add_option("--signer", o->signer,
                      "the verifier's private key (PEM)");
  command->footer(
      "Example:\n  cai token verify ai.cbor --key iak.pem --ueid $UEID --nonce "
      "$NONCE");
  command->callback([o] { Verify(*o); });
}

}  // namespace

void RegisterToken(CLI::App& app) {
  auto* const group =
      app.add_subcommand("token", "look at and verify attestation tokens");
  group->require_subcommand(1);
  RegisterShow(*group);
  RegisterVerify(*group);
}

}  // namespace cai::cli
