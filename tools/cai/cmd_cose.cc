// `cai cose`: what a COSE message is, without any key.
#include <cstdio>

#include "host/inspect/explain.h"
#include "tools/cai/commands.h"
#include "tools/cai/files.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

using host::Blob;

constexpr std::size_t kMaxFile = 4 * inspect::kMaxInput;  // as text

template <typename T>
T Understood(Result<T> result, const std::string& path, const char* hint) {
  if (!result.ok())
    throw Stop((path == "-" ? "standard input" : path) + ": " +
                   std::string(ErrorWords(result.error())),
               hint);
  return *std::move(result);
}

void Inspect(const std::string& path, const std::string& assumed) {
  const Blob message =
      Understood(inspect::Decode(ReadInput(path, kMaxFile)), path,
                 "binary, hexadecimal and base64 are understood");
  const auto report =
      Understood(inspect::Explain(message, inspect::TypeOf(assumed)), path,
                 "--as says what an untagged message is");
  if (common().json)
    std::puts(boost::json::serialize(inspect::AsJson(report)).c_str());
  else
    std::fputs(inspect::AsLines(report).c_str(), stdout);
}

}  // namespace

void RegisterCose(CLI::App& app) {
  auto* const group = app.add_subcommand("cose", "COSE messages and keys");
  group->require_subcommand(1);
  auto* const inspect = group->add_subcommand(
      "inspect",
      "explain any COSE message or key: headers, recipients, sizes, what is "
      "odd "
      "about it; nothing is verified and no secret is shown");
  auto path = std::make_shared<std::string>();
  auto assumed = std::make_shared<std::string>();
  inspect
      ->add_option("file", *path,
                   "binary, hexadecimal or base64; - is standard input")
      ->required();
  inspect->add_option("--as", *assumed, "what it is, if it has no tag")
      ->check(CLI::IsMember({"sign1", "sign", "encrypt0", "encrypt", "mac0",
                             "mac", "key", "key-set"}));
  inspect->footer(
      "Example:\n  cai cose inspect session.cbor\n"
      "  echo d28443a10126a041614100 | cai cose inspect -");
  inspect->callback([path, assumed] { Inspect(*path, *assumed); });
}

}  // namespace cai::cli
