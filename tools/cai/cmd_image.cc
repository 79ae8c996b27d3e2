// `cai image`: keys for images, and images in MCUboot's format.
#include <cstdio>

#include "host/ca/service.h"
#include "host/common/json.h"
#include "host/common/keys.h"
#include "host/common/text.h"
#include "host/device/boards.h"
#include "lib/crypto/hash.h"
#include "lib/image/image.h"
#include "tools/cai/commands.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

namespace fs = std::filesystem;

std::string KeyHash(const crypto::P256Public& key) {
  return host::Hex(crypto::Sha256::Of(image::EncodePublicKey(key)));
}

// ---- keygen -----------------------------------------------------------------

void Keygen(const fs::path& out) {
  if (fs::exists(out))
    throw Stop(out.string() + " exists already",
               "a key is never overwritten: move it away first");
  const auto key = Or(host::GenerateKey());
  if (out.has_parent_path() && !fs::exists(out.parent_path()))
    Or(host::MakeFolder(out.parent_path()));
  Or(host::WriteKey(out, key.get()));
  const std::string hash = KeyHash(Or(host::PublicOf(key.get())));
  if (common().json) {
    std::puts(boost::json::serialize(
                  boost::json::object{{"key", out.string()}, {"hash", hash}})
                  .c_str());
  } else {
    std::printf("%s: a new P-256 key, hash %s\n", out.c_str(), hash.c_str());
  }
}

// ---- sign -------------------------------------------------------------------

struct SignOptions {
  fs::path in, out, key;
  std::string board, world, version, depends;
  std::uint32_t security_counter = 1;
};

// "1.2.0" is a version of the other world's image.
std::optional<image::Dependency> DependencyOf(const SignOptions& options) {
  if (options.depends.empty()) return std::nullopt;
  const auto version = image::ParseVersion(options.depends);
  if (!version.ok())
    throw Stop("--depends " + options.depends + " is no version",
               "like 1.2.3 or 1.2.3+4", kExitUsage);
  const std::uint8_t other = options.world == "secure" ? 1 : 0;
  return image::Dependency{other, *version};
}

image::Fields FieldsOf(const SignOptions& options) {
  const auto* const board = Or(device::FindBoard(options.board));
  const auto version = image::ParseVersion(options.version);
  if (!version.ok())
    throw Stop("--version " + options.version + " is no version",
               "like 1.2.3 or 1.2.3+4", kExitUsage);
  image::Fields fields;
  fields.load_address =
      options.world == "secure" ? board->secure_link : board->nonsecure_link;
  fields.version = *version;
  fields.security_counter = options.security_counter;
  fields.dependency = DependencyOf(options);
  return fields;
}

void Sign(const SignOptions& options) {
  const auto payload = Or(host::ReadFile(options.in));
  const auto fields = FieldsOf(options);
  const auto key = Or(ca::BorrowedKey::Read(options.key));
  host::Blob out(image::MaxSize(fields, payload.size()));
  const auto image = image::Sign(fields, payload, key.get(), out);
  if (!image.ok())
    throw Stop(
        options.in.string() + ": " + std::string(ErrorWords(image.error())),
        "");
  const auto* const board = Or(device::FindBoard(options.board));
  const std::uint32_t room =
      options.world == "secure" ? board->secure_room : board->nonsecure_room;
  if (image->size() > room)
    throw Stop(options.in.string() + " is too large for the board",
               "at most " + std::to_string(room) + " bytes when signed");
  Or(host::WriteFile(options.out, *image, 0644));
  if (!common().json)
    std::printf("%s: %zu bytes\n", options.out.c_str(), image->size());
  else
    std::printf("{\"image\":%s,\"size\":%zu}\n",
                host::JsonString(options.out.string()).c_str(), image->size());
}

// ---- verify, show
// -------------------------------------------------------------

image::Image ParseFile(const fs::path& path, Bytes bytes) {
  const auto image = image::ParseWhole(bytes);
  if (image.ok()) return *image;
  throw Stop(path.string() + ": " + std::string(ErrorWords(image.error())),
             "an image that `cai image sign` or imgtool made?");
}

// A PEM file of either half.
crypto::P256Public ReadAnyKey(const fs::path& path) {
  const auto open = host::ReadPublicKey(path);
  if (open.ok()) return *open;
  return Or(host::PublicOf(Or(host::ReadKey(path)).get()));
}

void Verify(const fs::path& path, const fs::path& key_path) {
  const auto bytes = Or(host::ReadFile(path));
  const image::Image image = ParseFile(path, bytes);
  const auto key = ReadAnyKey(key_path);
  Status good = image::CheckHash(image);
  if (good.ok()) good = image::CheckSignature(image, key);
  if (!good.ok())
    throw Stop(path.string() + ": " + std::string(ErrorWords(good.error())),
               "do not install it: sign the original again");
  if (!image.public_key.empty() &&
      !Equal(image.public_key, image::EncodePublicKey(key)))
    throw Stop(path.string() +
                   ": carries another public key than it is "
                   "signed with",
               "do not install it: sign the original again");
  if (common().json)
    std::puts("{\"verified\":true}");
  else
    std::printf("%s: the signature verifies\n", path.c_str());
}

std::string Text(const image::Version& version) {
  std::array<char, image::kVersionText> text;
  return std::string(image::FormatVersion(version, text));
}

std::string SignerOf(const image::Image& image) {
  if (!image.public_key.empty())
    return host::Hex(crypto::Sha256::Of(image.public_key));
  return host::Hex(image.key_hash);
}

boost::json::object Describe(const image::Image& image) {
  boost::json::object out{{"version", Text(image.header.version)},
                          {"load_address", image.header.load_address},
                          {"payload_size", image.header.payload_size},
                          {"flags", image.header.flags},
                          {"size", image.size},
                          {"hash", host::Hex(image.hash)},
                          {"hash_matches", image::CheckHash(image).ok()},
                          {"signer", SignerOf(image)}};
  if (image.security_counter) out["security_counter"] = *image.security_counter;
  if (image.dependency)
    out["depends_on"] = {{"image", image.dependency->image},
                         {"version", Text(image.dependency->minimum)}};
  return out;
}

void Show(const fs::path& path) {
  const auto bytes = Or(host::ReadFile(path));
  const auto fields = Describe(ParseFile(path, bytes));
  if (common().json) {
    std::puts(boost::json::serialize(fields).c_str());
    return;
  }
  for (const auto& [name, value] : fields) {
    const std::string text = value.is_string() ? std::string(value.get_string())
                                               : boost::json::serialize(value);
    std::printf("%-17s %s\n", std::string(name).c_str(), text.c_str());
  }
}

// ---- registration
// -------------------------------------------------------------

void RegisterKeygen(CLI::App& group) {
  auto* const command = group.add_subcommand("keygen", "make a signing key");
  auto out = std::make_shared<std::string>();
  command->add_option("--out", *out, "file of the new key (PEM, mode 0600)")
      ->required();
  command->callback([out] { Keygen(*out); });
}

void RegisterSign(CLI::App& group) {
  auto* const command = group.add_subcommand("sign", "sign a raw binary");
  auto o = std::make_shared<SignOptions>();
  command->add_option("input", o->in, "raw binary, linked behind the header")
      ->required();
  command->add_option("--board", o->board, "an521 or an547")->required();
  command->add_option("--world", o->world, "secure or nonsecure")
      ->required()
      ->check(CLI::IsMember({"secure", "nonsecure"}));
  command->add_option("--key", o->key, "signing key (PEM)")->required();
  command->add_option("--version", o->version, "like 1.2.3+4")->required();
  command->add_option("--out", o->out, "file of the image")->required();
  command->add_option("--security-counter", o->security_counter,
                      "floor against rollback (default 1)");
  command->add_option("--depends", o->depends,
                      "least version of the other world's image");
  command->callback([o] { Sign(*o); });
}

void RegisterLooks(CLI::App& group) {
  auto* const verify =
      group.add_subcommand("verify", "check hash and signature");
  auto file = std::make_shared<std::string>();
  auto key = std::make_shared<std::string>();
  verify->add_option("image", *file)->required();
  verify->add_option("--key", *key, "key it should be signed with (PEM)")
      ->required();
  verify->callback([file, key] { Verify(*file, *key); });

  auto* const show = group.add_subcommand("show", "say what is in an image");
  show->add_option("image", *file)->required();
  show->callback([file] { Show(*file); });
}

}  // namespace

void RegisterImage(CLI::App& app) {
  auto* const group =
      app.add_subcommand("image", "sign and check firmware images");
  group->require_subcommand(1);
  RegisterKeygen(*group);
  RegisterSign(*group);
  RegisterLooks(*group);
}

}  // namespace cai::cli
