#include "device/boot/testing.h"

#include <cstdlib>

#include "device/nv/flash.h"
#include "device/platform/sim/sim.h"
#include "lib/image/trailer.h"

namespace cai::boot {

void Note(Step step, std::uint32_t detail, Error error) {
  testing::Notes().push_back({step, detail, error});
}

namespace testing {

std::vector<Noted>& Notes() {
  static std::vector<Noted> notes;
  return notes;
}

Key::Key(int number) {
  ByteArray<32> scalar{};
  scalar[31] = std::byte(number);
  const auto key = crypto::ImportScalar(scalar);
  if (!key.ok()) std::abort();
  private_ = *key;
}

crypto::Digest Key::hash() const {
  return crypto::Sha256::Of(
      image::EncodePublicKey(*crypto::PublicKey(private_)));
}

Device::Device() : secure_ram_(8192), nonsecure_ram_(8192) {
  huk.fill(std::byte{0x11});
  Notes().clear();
  sim::Manufacture();
}

void Device::PowerOn() {
  otp::Page page{huk, {}, {}, {}, {}, {}, {}};
  page.implementation_id.fill(std::byte{0x22});
  ByteArray<32> root;
  root.fill(std::byte{0x33});
  const bool good = page.secure_image_keys.Add(secure_key.hash()).ok() &&
                    page.secure_image_keys.Add(second_key.hash()).ok() &&
                    page.debug_keys.Add(debug_key.hash()).ok() &&
                    page.nonsecure_image_keys.Add(nonsecure_key.hash()).ok() &&
                    page.service_roots.Add(root).ok() &&
                    otp::Encode(page, page_).ok();
  if (!good) std::abort();
  if (damage_otp) page_[100] ^= std::byte{1};
  seed_.fill(std::byte{0x5e});
  handoff_.magic = 0xdeadbeef;  // whatever RAM holds
}

Result<std::uint32_t> Device::Boot() {
  PowerOn();
  return boot::Boot({.otp_page = page_,
                     .seed = seed_,
                     .secure = {secure_ram_, kSecureLink},
                     .nonsecure = {nonsecure_ram_, kNonSecureLink},
                     .boot_code = code_,
                     .handoff = &handoff_});
}

image::Fields Device::SecureFields(image::Version version) {
  image::Fields fields;
  fields.load_address = kSecureLink;
  fields.version = version;
  fields.security_counter = 1;
  return fields;
}

image::Fields Device::NonSecureFields(image::Version version) {
  image::Fields fields = SecureFields(version);
  fields.load_address = kNonSecureLink;
  return fields;
}

std::vector<std::byte> Device::Signed(const image::Fields& fields,
                                      const Key& key, int fill) {
  const std::vector<std::byte> payload(80, std::byte(fill));
  std::vector<std::byte> out(image::MaxSize(fields, payload.size()));
  const auto image = image::Sign(fields, payload, key.get(), out);
  if (!image.ok()) std::abort();
  out.resize(image->size());
  return out;
}

void Device::Install(const nv::Region& slot, Bytes image, Mark mark) {
  const MutableBytes to = sim::NvForAttack().subspan(slot.offset, slot.size);
  std::ranges::fill(to.first(16384), std::byte{0xFF});
  std::ranges::fill(to.last(4096), std::byte{0xFF});
  CopyInto(to, image);
  if (mark != Mark::kNone) image::WriteTrailer(to, mark == Mark::kConfirmed);
  if (mark == Mark::kTried) to[to.size() - 32] = std::byte{1};
}

Status Device::Confirm(const nv::Region& slot) {
  return nv::Program(slot.offset + slot.size - 24, image::kTrailerFlag);
}

void Device::InstallBoth() {
  Install(nv::kSecureSlotA, Signed(SecureFields({1, 0, 0, 0}), secure_key));
  Install(nv::kNonSecureSlotA,
          Signed(NonSecureFields({1, 0, 0, 0}), nonsecure_key));
}

Error Device::RefusalOf(std::uint32_t which, std::uint32_t slot) const {
  for (const Noted& note : Notes())
    if (note.step == Step::kRefused && note.detail == (which << 8 | slot))
      return note.error;
  return Error{};
}

}  // namespace testing
}  // namespace cai::boot
