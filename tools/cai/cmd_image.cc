// `cai image keygen | sign`: keys for images, and images in MCUboot's format.
#include <cstdio>

#include "device/boot/handoff.h"
#include "device/nv/layout.h"
#include "host/ca/service.h"
#include "host/common/json.h"
#include "host/common/keys.h"
#include "host/common/text.h"
#include "host/device/boards.h"
#include "lib/crypto/hash.h"
#include "lib/image/boot_record.h"
#include "lib/image/image.h"
#include "lib/image/trailer.h"
#include "lib/image/version.h"
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
  std::error_code ignored;  // WriteKey says what is wrong
  if (fs::exists(out, ignored))
    throw Stop(out.string() + " exists already",
               "a key is never overwritten: move it away first");
  const auto key = Or(host::GenerateKey());
  if (out.has_parent_path() && !fs::exists(out.parent_path(), ignored))
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
  std::string board, world, version, boot_record;
  std::vector<std::string> depends;
  std::uint32_t security_counter = 1;
  bool pad = false, confirm = false;

  bool secure() const { return world == "secure"; }
};

image::Version VersionOf(const std::string& option, const std::string& text) {
  const auto version = image::ParseVersion(text);
  if (!version.ok())
    throw Stop(option + " " + text + " is no version", "like 1.2.3 or 1.2.3+4",
               kExitUsage);
  return *version;
}

// "1.2.0" is a version of the other world's image, "0:1.2.0" of image 0.
image::Dependency DependencyOf(const SignOptions& options,
                               const std::string& text) {
  std::uint8_t on =
      options.secure() ? image::kNonSecureImage : image::kSecureImage;
  std::string version = text;
  if (text.starts_with("0:") || text.starts_with("1:")) {
    on = text[0] == '0' ? image::kSecureImage : image::kNonSecureImage;
    version = text.substr(2);
  }
  return {on, VersionOf("--depends", version)};
}

// What a signed image is made of; owns what `fields` points to.
class Plan {
 public:
  Plan(const SignOptions& options, const crypto::P256Public& signer) {
    if (options.depends.size() > image::kMaxDependencies)
      throw Stop("--depends: more than " +
                     std::to_string(image::kMaxDependencies) + " of them",
                 "an image has no room for more", kExitUsage);
    for (const std::string& text : options.depends)
      dependencies_.push_back(DependencyOf(options, text));
    const auto* const board = Or(device::FindBoard(options.board));
    fields.load_address =
        options.secure() ? board->secure_link : board->nonsecure_link;
    fields.version = VersionOf("--version", options.version);
    fields.security_counter = options.security_counter;
    fields.dependencies = dependencies_;
    if (options.boot_record != "none") AddRecord(options, signer);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  image::Fields fields;

 private:
  void AddRecord(const SignOptions& options, const crypto::P256Public& signer) {
    const auto hash = crypto::Sha256::Of(image::EncodePublicKey(signer));
    std::array<char, image::kVersionText> text;
    const std::string type = !options.boot_record.empty() ? options.boot_record
                             : options.secure()           ? "SPE"
                                                          : "NSPE";
    if (type.size() > sizeof(boot::Component::type))
      throw Stop("--boot-record " + type + " is too long",
                 "at most 8 characters fit the hand-off", kExitUsage);
    fields.boot_record = *image::EncodeBootRecord(
        {type, image::FormatVersion(fields.version, text), hash}, record_);
    if (!image::ParseBootRecord(fields.boot_record).ok())
      throw Stop("--boot-record: the type is not text in UTF-8", "like SPE",
                 kExitUsage);
  }

  std::vector<image::Dependency> dependencies_;
  ByteArray<image::BootRecord::kMaxEncoded> record_;
};

// As large as its slot, with a trailer at the end.
void Pad(const SignOptions& options, host::Blob& image) {
  const nv::Region slot =
      options.secure() ? nv::kSecureSlotA : nv::kNonSecureSlotA;
  image.resize(slot.size, std::byte{0xFF});
  image::WriteTrailer(image, options.confirm);
}

void CheckRoom(const SignOptions& options, std::size_t size) {
  const auto* const board = Or(device::FindBoard(options.board));
  const std::uint32_t room =
      options.secure() ? board->secure_room : board->nonsecure_room;
  if (size > room)
    throw Stop(options.in.string() + " is too large for the board",
               "at most " + std::to_string(room) + " bytes when signed");
}

void Sign(const SignOptions& options) {
  const auto payload = Or(host::ReadFile(options.in));
  const auto key = OrNot(ca::BorrowedKey::Read(options.key), options.key,
                         "a private P-256 key in PEM, not encrypted",
                         "cai image keygen makes one");
  const auto signer = crypto::PublicKey(key.get());
  if (!signer.ok())
    throw Stop(options.key.string() + " is no signing key",
               "cai image keygen makes one");
  const Plan plan(options, *signer);
  host::Blob out(image::MaxSize(plan.fields, payload.size()));
  const auto image = image::Sign(plan.fields, payload, key.get(), out);
  if (!image.ok())
    throw Stop(
        options.in.string() + ": " + std::string(ErrorWords(image.error())),
        "");
  CheckRoom(options, image->size());
  out.resize(image->size());
  if (options.pad || options.confirm) Pad(options, out);
  Or(host::WriteFile(options.out, out, 0644));
  if (!common().json)
    std::printf("%s: %zu bytes\n", options.out.c_str(), out.size());
  else
    std::printf("{\"image\":%s,\"size\":%zu}\n",
                host::JsonString(options.out.string()).c_str(), out.size());
}

// ---- registration -----------------------------------------------------------

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
                      "least version of the other world's image; repeatable");
  command->add_option("--boot-record", o->boot_record,
                      "type in the boot record (default SPE or NSPE), or none");
  command->add_flag("--pad", o->pad, "as large as the slot, on trial");
  command->add_flag("--confirm", o->confirm, "the same, confirmed");
  command->callback([o] { Sign(*o); });
}

}  // namespace

void RegisterImage(CLI::App& app) {
  auto* const group =
      app.add_subcommand("image", "sign and check firmware images");
  group->require_subcommand(1);
  RegisterKeygen(*group);
  RegisterSign(*group);
  RegisterImageLooks(*group);
}

}  // namespace cai::cli
