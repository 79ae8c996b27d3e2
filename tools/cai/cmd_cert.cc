// `cai cert`: certificates in files. The CA itself is `cai ca`.
#include <cstdio>

#include "host/certs/certs.h"
#include "host/common/json.h"
#include "tools/cai/commands.h"
#include "tools/cai/files.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

using certs::Purpose;

boost::json::array List(const std::vector<std::string>& texts) {
  boost::json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

boost::json::object Fields(const certs::Description& about) {
  boost::json::object out{{"subject", about.subject},
                          {"issuer", about.issuer},
                          {"serial", about.serial},
                          {"not_before", host::UtcText(about.not_before)},
                          {"not_after", host::UtcText(about.not_after)},
                          {"key", about.key}};
  if (about.thumbprint) out["thumbprint"] = *about.thumbprint;
  out["fingerprint"] = about.fingerprint;
  out["ca"] = about.authority;
  out["usages"] = List(about.usages);
  out["names"] = List(about.names);
  return out;
}

std::string Joined(const boost::json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (!value.is_array()) return value.get_bool() ? "yes" : "no";
  std::string out;
  for (const auto& one : value.get_array())
    out += (out.empty() ? "" : ", ") + std::string(one.get_string());
  return out;
}

host::CertificatePtr Read(const std::string& path) {
  return OrNot(host::ReadCertificate(path), path, "a certificate in PEM");
}

void Show(const std::string& file) {
  const auto certificate = Read(file);
  const auto fields = Fields(certs::Describe(certificate.get()));
  if (common().json) {
    std::puts(boost::json::serialize(fields).c_str());
    return;
  }
  for (const auto& [name, value] : fields)
    std::printf("%-11s %s\n", std::string(name).c_str(), Joined(value).c_str());
}

struct VerifyOptions {
  std::string file, ca, purpose, host;
  std::optional<std::int64_t> at;
};

void Verify(const VerifyOptions& options) {
  const auto certificate = Read(options.file);
  const auto authority = Read(options.ca);
  certs::Check check;
  check.purpose = options.purpose == "client"   ? Purpose::kClient
                  : options.purpose == "server" ? Purpose::kServer
                                                : Purpose::kAny;
  check.at = options.at.value_or(host::NowSeconds());
  check.host = options.host;
  const auto verified =
      certs::Verify(certificate.get(), authority.get(), check);
  if (!verified.ok())
    throw Stop(options.file + ": " + verified.error().words,
               "is it this CA's, and for this purpose?");
  if (common().json)
    std::puts("{\"verified\":true}");
  else
    std::printf("%s: the CA vouches for it\n", options.file.c_str());
}

struct RequestOptions {
  std::string key, out;
  certs::Subject subject;
};

void Request(const RequestOptions& options) {
  const auto key = Or(keyfile::Read(options.key));
  const bool agrees = key.kind == crypto::KeyKind::kX25519 ||
                      key.kind == crypto::KeyKind::kX448;
  if (!key.is_private || agrees)
    throw Stop(options.key + " cannot sign",
               "the private key is expected, of a kind that signs");
  const std::string pem = Or(certs::Request(key, options.subject));
  Or(host::WriteNewFile(options.out, AsBytes(pem), 0644));
  if (common().json)
    std::printf("{\"request\":%s}\n", host::JsonString(options.out).c_str());
  else
    std::printf("%s: a request for this key\n", options.out.c_str());
}

// ---- registration -----------------------------------------------------------

void RegisterShow(CLI::App& group) {
  auto* const command = group.add_subcommand("show", "say what is in it");
  auto file = std::make_shared<std::string>();
  command->add_option("file", *file, "certificate (PEM)")->required();
  command->footer("Example:\n  cai cert show ca/ca.crt");
  command->callback([file] { Show(*file); });
}

void RegisterVerify(CLI::App& group) {
  auto* const command = group.add_subcommand(
      "verify", "check that a CA vouches for it, now and for its purpose");
  auto o = std::make_shared<VerifyOptions>();
  command->add_option("file", o->file, "certificate (PEM)")->required();
  command->add_option("--ca", o->ca, "the CA's certificate (PEM)")->required();
  command->add_option("--purpose", o->purpose, "client or server")
      ->check(CLI::IsMember({"client", "server"}));
  command->add_option("--host", o->host, "a name that it has to be for");
  command->add_option("--at", o->at, "Unix seconds instead of now")
      ->check(CLI::Range(std::int64_t{0}, kYear9999));
  command->footer(
      "Example:\n  cai cert verify broker.crt --ca ca.crt --purpose server "
      "--host localhost");
  command->callback([o] { Verify(*o); });
}

void RegisterRequest(CLI::App& group) {
  auto* const command = group.add_subcommand(
      "request", "ask for a certificate for a key (PKCS#10)");
  auto o = std::make_shared<RequestOptions>();
  command->add_option("--key", o->key, "the private key (PEM or COSE_Key)")
      ->required();
  command
      ->add_option("--common-name", o->subject.common_name,
                   "CN; of a device its UUID")
      ->required();
  command->add_option("--unit", o->subject.unit, "OU");
  command->add_option("--organization", o->subject.organization, "O");
  command->add_option("-o,--out", o->out, "file for the request (PEM)")
      ->required();
  command->footer(
      "Example:\n  cai cert request --key k.pem --common-name $UUID --out "
      "k.csr");
  command->callback([o] { Request(*o); });
}

}  // namespace

void RegisterCert(CLI::App& app) {
  auto* const group = app.add_subcommand("cert", "certificates in files");
  group->require_subcommand(1);
  RegisterShow(*group);
  RegisterVerify(*group);
  RegisterRequest(*group);
}

}  // namespace cai::cli
