// `cai image verify | show`: whether an image is good, and all that is in it.
#include <cstdio>

#include "device/boot/image_loader.h"
#include "host/common/file.h"
#include "host/common/json.h"
#include "host/common/text.h"
#include "lib/crypto/hash.h"
#include "lib/image/boot_record.h"
#include "lib/image/tlv.h"
#include "lib/image/trailer.h"
#include "lib/image/version.h"
#include "tools/cai/commands.h"
#include "tools/cai/image_key.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

namespace fs = std::filesystem;
using boost::json::array;
using boost::json::object;

// ---- verify -----------------------------------------------------------------

Status CheckOwner(const image::Image& image, const crypto::P256Public& key) {
  const auto info = image::EncodePublicKey(key);
  if (!image.public_key.empty() && !Equal(image.public_key, info))
    return Error::kImageKeyUnknown;
  if (!image.key_hash.empty() &&
      !Equal(image.key_hash, crypto::Sha256::Of(info)))
    return Error::kImageKeyUnknown;
  return kDone;
}

// In the order in which boot would find it.
Status Check(Bytes file, const crypto::P256Public& key) {
  CAI_TRY_ASSIGN(const auto padded, image::ParsePadded(file));
  CAI_TRY(CheckOwner(padded.image, key));
  CAI_TRY(boot::CheckRecord(padded.image,
                            crypto::Sha256::Of(image::EncodePublicKey(key))));
  CAI_TRY(image::CheckHash(padded.image));
  return image::CheckSignature(padded.image, key);
}

void Verify(const fs::path& path, const fs::path& key_path) {
  const auto bytes = Or(host::ReadFile(path));
  const Status good = Check(bytes, ReadImageKey(key_path));
  object said{{"verified", good.ok()}};
  if (!good.ok()) said["reason"] = ErrorName(good.error());
  if (common().json) std::puts(boost::json::serialize(said).c_str());
  if (!good.ok())
    throw Stop(path.string() + ": " + std::string(ErrorWords(good.error())),
               good.error() == Error::kImageKeyUnknown
                   ? "is it the key that the image was signed with?"
                   : "do not install it: cai image show says what is in it");
  if (!common().json) std::printf("%s: the signature verifies\n", path.c_str());
}

// ---- show -------------------------------------------------------------------

std::string Text(const image::Version& version) {
  std::array<char, image::kVersionText> text;
  return std::string(image::FormatVersion(version, text));
}

array FlagsOf(std::uint32_t flags) {
  constexpr std::pair<std::uint32_t, const char*> kNames[] = {
      {0x01, "pic"},
      {0x04, "encrypted-aes128"},
      {0x08, "encrypted-aes256"},
      {0x10, "non-bootable"},
      {0x20, "ram-load"},
      {0x100, "rom-fixed"},
      {0x200, "compressed-lzma1"},
      {0x400, "compressed-lzma2"},
      {0x800, "compressed-arm-thumb"}};
  array out;
  for (const auto& [bit, name] : kNames) {
    if ((flags & bit) != 0) out.emplace_back(name);
    flags &= ~bit;
  }
  if (flags != 0) out.emplace_back(flags);
  return out;
}

object Explain(const image::BootRecord& record) {
  return {{"type", record.type},
          {"version", record.version},
          {"signer", host::Hex(record.signer)}};
}

// What its value means, where this project knows; else the bytes.
boost::json::value Meaning(const image::Entry& entry) {
  switch (static_cast<image::Tlv>(entry.type)) {
    case image::Tlv::kSecurityCounter:
      if (entry.value.size() == 4) return image::Little32(entry.value, 0);
      break;
    case image::Tlv::kDependency:
      if (const auto on = image::ReadDependency(entry.value); on.ok())
        return object{{"image", on->image}, {"version", Text(on->minimum)}};
      break;
    case image::Tlv::kBootRecord:
      if (const auto record = image::ParseBootRecord(entry.value); record.ok())
        return Explain(*record);
      break;
    default:
      break;
  }
  return boost::json::value(host::Hex(entry.value));
}

// As many as can be read; returns the bytes that the area takes.
std::size_t ListTlvs(Bytes from, bool is_protected, array& out) {
  const auto magic = is_protected ? image::kProtectedMagic : image::kTlvMagic;
  auto area = image::OpenTlvs(from, magic);
  if (!area.ok()) return 0;
  while (!area->entries.empty()) {
    const auto entry = image::NextEntry(area->entries);
    if (!entry.ok()) break;
    out.push_back(object{{"type", entry->type},
                         {"name", image::TlvName(entry->type)},
                         {"protected", is_protected},
                         {"size", entry->value.size()},
                         {"value", Meaning(*entry)}});
  }
  return area->size;
}

std::string SignerOf(const image::Image& image) {
  if (!image.public_key.empty())
    return host::Hex(crypto::Sha256::Of(image.public_key));
  return host::Hex(image.key_hash);
}

// The header's fields, also of an image that boot would refuse.
void DescribeHeader(Bytes file, object& out) {
  out["version"] = Text(image::ReadVersion(file, 20));
  out["load_address"] = image::Little32(file, 4);
  out["header_size"] = image::Little16(file, 8);
  out["protected_size"] = image::Little16(file, 10);
  out["payload_size"] = image::Little32(file, 12);
  out["flags"] = FlagsOf(image::Little32(file, 16));
}

void DescribeTlvs(Bytes file, object& out) {
  array tlvs;
  const std::uint64_t at =
      std::uint64_t{image::Little16(file, 8)} + image::Little32(file, 12);
  if (at < file.size()) {
    const Bytes rest = file.subspan(static_cast<std::size_t>(at));
    const std::size_t first = ListTlvs(rest, true, tlvs);
    ListTlvs(rest.subspan(std::min(first, rest.size())), false, tlvs);
  }
  out["tlvs"] = tlvs;
}

void DescribeParsed(const image::PaddedImage& padded, object& out) {
  const image::Image& image = padded.image;
  out["size"] = image.size;
  out["hash"] = host::Hex(image.hash);
  out["hash_matches"] = image::CheckHash(image).ok();
  out["signer"] = SignerOf(image);
  if (image.security_counter) out["security_counter"] = *image.security_counter;
  array depends;
  for (const image::Dependency& on : image.dependencies())
    depends.push_back(
        object{{"image", on.image}, {"version", Text(on.minimum)}});
  out["depends_on"] = depends;
  if (padded.padded)
    out["trailer"] = object{{"confirmed", padded.trailer.confirmed},
                            {"tried", padded.trailer.tried}};
}

object Describe(const fs::path& path, Bytes file) {
  if (file.size() < image::kHeaderFields ||
      image::Little32(file, 0) != image::kMagic)
    throw Stop(
        path.string() + ": " + std::string(ErrorWords(Error::kImageMagic)),
        "an image that `cai image sign` or imgtool made?");
  object out;
  DescribeHeader(file, out);
  const auto padded = image::ParsePadded(file);
  out["refused"] = padded.ok() ? "" : ErrorName(padded.error());
  if (padded.ok()) DescribeParsed(*padded, out);
  DescribeTlvs(file, out);
  return out;
}

std::string Line(const boost::json::value& value) {
  return value.is_string() ? std::string(value.get_string())
                           : boost::json::serialize(value);
}

void Show(const fs::path& path) {
  const auto bytes = Or(host::ReadFile(path));
  const object fields = Describe(path, bytes);
  if (common().json) {
    std::puts(boost::json::serialize(fields).c_str());
    return;
  }
  for (const auto& [name, value] : fields)
    if (name != "tlvs")
      std::printf("%-17s %s\n", std::string(name).c_str(), Line(value).c_str());
  for (const auto& tlv : fields.at("tlvs").as_array()) {
    const auto& one = tlv.as_object();
    std::printf("  0x%02x %-10s %-17s %4s B  %s\n",
                static_cast<unsigned>(one.at("type").to_number<int>()),
                one.at("protected").as_bool() ? "protected" : "",
                Line(one.at("name")).c_str(), Line(one.at("size")).c_str(),
                Line(one.at("value")).c_str());
  }
}

}  // namespace

void RegisterImageLooks(CLI::App& group) {
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

}  // namespace cai::cli
