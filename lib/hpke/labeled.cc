#include "lib/hpke/labeled.h"

#include <utility>

namespace cai::hpke {
namespace {

constexpr std::string_view kVersion = "HPKE-v1";

}  // namespace

LabeledHkdf::LabeledHkdf(crypto::HashAlgorithm hash, std::string_view name,
                         std::initializer_list<std::uint16_t> ids)
    : hash_(hash), suite_id_size_(name.size() + 2 * ids.size()) {
  CopyInto(suite_id_, AsBytes(name));
  std::size_t at = name.size();
  for (const std::uint16_t id : ids) {
    CopyInto(MutableBytes(suite_id_).subspan(at), BigEndian(id));
    at += 2;
  }
}

LabeledHkdf LabeledHkdf::Of(Kem kem) {
  return {HashOf(kem), "KEM", {std::to_underlying(kem)}};
}

LabeledHkdf LabeledHkdf::Of(Suite suite) {
  return {HashOf(suite.kdf),
          "HPKE",
          {std::to_underlying(suite.kem), std::to_underlying(suite.kdf),
           std::to_underlying(suite.aead)}};
}

Status LabeledHkdf::Extract(Bytes salt, std::string_view label, Bytes ikm,
                            MutableBytes prk) const {
  const Bytes parts[] = {AsBytes(kVersion),
                         Bytes(suite_id_).first(suite_id_size_), AsBytes(label),
                         ikm};
  return crypto::HkdfExtract(hash_, salt, parts, prk);
}

Status LabeledHkdf::Expand(Bytes prk, std::string_view label, Bytes info,
                           MutableBytes out) const {
  if (out.size() > 0xffff) return Error::kCryptoNoRoom;
  const auto size = BigEndian(static_cast<std::uint16_t>(out.size()));
  const Bytes parts[] = {size, AsBytes(kVersion),
                         Bytes(suite_id_).first(suite_id_size_), AsBytes(label),
                         info};
  return crypto::HkdfExpand(hash_, prk, parts, out);
}

}  // namespace cai::hpke
