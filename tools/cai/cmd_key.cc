// `cai key`: keys in files, as PEM and as COSE_Key.
#include <cstdio>

#include "host/common/json.h"
#include "host/keyfile/keyfile.h"
#include "tools/cai/commands.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

using host::Blob;
using keyfile::Format;
using keyfile::Key;

struct Options {
  std::string file, out, format = "pem", kind = "P-256";
};

Format FormatOf(const Options& options) {
  return options.format == "cose" ? Format::kCose : Format::kPem;
}

boost::json::object Describe(const Key& key) {
  return {{"kind", keyfile::KindName(key.kind)},
          {"private", key.is_private},
          {"thumbprint", host::Hex(Or(keyfile::Thumbprint(key)))}};
}

void Print(const boost::json::object& fields) {
  if (common().json) {
    std::puts(boost::json::serialize(fields).c_str());
    return;
  }
  for (const auto& [name, value] : fields) {
    const std::string text = value.is_string() ? std::string(value.get_string())
                                               : boost::json::serialize(value);
    std::printf("%-11s %s\n", std::string(name).c_str(), text.c_str());
  }
}

// Private keys 0600, public ones readable; nothing is overwritten.
void Write(const Key& key, const Options& options) {
  Blob encoded = Or(keyfile::Encode(key, FormatOf(options)));
  const auto written =
      host::WriteNewFile(options.out, encoded, key.is_private ? 0600 : 0644);
  Wipe(encoded);
  Or(written);
  auto fields = Describe(key);
  fields["file"] = options.out;
  Print(fields);
}

void New(const Options& options) {
  const auto kind = keyfile::KindOf(options.kind);
  if (!kind.ok())
    throw Stop("--kind " + options.kind + " is not known",
               "P-256, P-384, P-521, Ed25519, Ed448, X25519 or X448",
               kExitUsage);
  Write(Or(keyfile::Generate(*kind)), options);
}

void Show(const Options& options) {
  const Key key = Or(keyfile::Read(options.file));
  auto fields = Describe(key);
  const Key open = Or(keyfile::PublicHalf(key));
  fields["cose_key"] = host::Hex(Or(keyfile::Encode(open, Format::kCose)));
  Print(fields);
}

void Public(const Options& options) {
  Write(Or(keyfile::PublicHalf(Or(keyfile::Read(options.file)))), options);
}

void Convert(const Options& options) {
  Write(Or(keyfile::Read(options.file)), options);
}

void Thumbprint(const Options& options) {
  const Key key = Or(keyfile::Read(options.file));
  const std::string print = host::Hex(Or(keyfile::Thumbprint(key)));
  if (common().json)
    std::printf("{\"thumbprint\":\"%s\"}\n", print.c_str());
  else
    std::puts(print.c_str());
}

// ---- registration -----------------------------------------------------------

using Command = void (*)(const Options&);

struct Subcommand {
  CLI::App* app;
  std::shared_ptr<Options> options = std::make_shared<Options>();

  Subcommand(CLI::App& group, const char* name, const char* what,
             const char* example, Command command)
      : app(group.add_subcommand(name, what)) {
    app->footer(std::string("Example:\n  ") + example);
    app->callback([o = options, command] { command(*o); });
  }
  Subcommand& File() {
    app->add_option("file", options->file,
                    "PEM (also a certificate) or COSE_Key")
        ->required();
    return *this;
  }
  Subcommand& Out(const char* flag) {
    app->add_option("-o,--out", options->out, "file to write, never over one")
        ->required();
    app->add_option(flag, options->format, "pem (default) or cose")
        ->check(CLI::IsMember({"pem", "cose"}));
    return *this;
  }
};

}  // namespace

void RegisterKey(CLI::App& app) {
  auto* const group = app.add_subcommand("key", "keys, as PEM and as COSE_Key");
  group->require_subcommand(1);
  Subcommand made(*group, "new", "make a private key",
                  "cai key new --kind Ed25519 --out signer.pem", New);
  made.Out("--format");
  made.app->add_option(
      "--kind", made.options->kind,
      "P-256 (default), P-384, P-521, Ed25519, Ed448, X25519, X448");
  Subcommand(*group, "show", "kind, thumbprint and public COSE_Key of a key",
             "cai key show signer.pem", Show)
      .File();
  Subcommand(*group, "public", "write the public half of a key",
             "cai key public signer.pem --out signer.pub", Public)
      .File()
      .Out("--format");
  Subcommand(*group, "thumbprint", "SHA-256 thumbprint (RFC 9679)",
             "cai key thumbprint signer.pub", Thumbprint)
      .File();
  Subcommand(*group, "convert", "write a key in the other format",
             "cai key convert signer.pem --to cose --out signer.cbor", Convert)
      .File()
      .Out("--to");
}

}  // namespace cai::cli
