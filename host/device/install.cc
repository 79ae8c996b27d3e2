// What is put into a device's flash: images and configuration.
#include "device/nv/counters.h"
#include "device/nv/flash.h"
#include "device/nv/otp.h"
#include "host/ca/authority.h"
#include "host/ca/service.h"
#include "host/common/keys.h"
#include "host/device/device.h"
#include "host/device/nv_file.h"
#include "lib/base/secret.h"
#include "lib/crypto/hash.h"
#include "lib/image/image.h"
#include "lib/wire/configuration.h"

namespace cai::device {
namespace {

using host::Problem;

// The page in memory for as long as it is looked at.
class OtpFile {
 public:
  static Outcome<OtpFile> Read(const Device& device) {
    CAI_TRY_ASSIGN(host::Blob bytes,
                   host::ReadFile(device.otp(), otp::kPageSize));
    if (bytes.size() != otp::kPageSize)
      return Problem(Error::kBootOtpDamaged, device.otp().string());
    OtpFile file(std::move(bytes));
    const auto page = otp::Parse(Bytes(file.bytes_).first<otp::kPageSize>());
    if (!page.ok()) return Problem(page.error(), device.otp().string());
    file.page_ = *page;
    return file;
  }
  OtpFile(OtpFile&&) = default;
  OtpFile& operator=(OtpFile&&) = delete;
  ~OtpFile() { Wipe(bytes_); }
  const otp::Page& page() const { return *page_; }

 private:
  explicit OtpFile(host::Blob bytes) : bytes_(std::move(bytes)) {}
  host::Blob bytes_;
  std::optional<otp::Page> page_;
};

// One of the two images, and all that boot will hold against it.
struct World {
  std::string_view name;
  nv::Region slots[2];
  nv::Counter counter;
  std::uint32_t link;
  std::uint32_t room;
  const otp::HashList* keys;
};

Status CheckAsBootDoes(const World& world, Bytes file) {
  CAI_TRY_ASSIGN(const image::Image image, image::ParseWhole(file));
  if (file.size() > world.room) return Error::kImageNoRoom;
  if (image.header.flags != image::kFlagRamLoad) return Error::kImageFlags;
  if (image.header.header_size != image::kHeaderSize)
    return Error::kImageHeader;
  if (image.header.load_address != world.link) return Error::kImageLoadAddress;
  if (image.public_key.empty()) return Error::kImageTlvMissing;
  if (!world.keys->Contains(crypto::Sha256::Of(image.public_key)))
    return Error::kImageKeyUnknown;
  CAI_TRY(image::CheckHash(image));
  CAI_TRY_ASSIGN(const auto key, image::DecodePublicKey(image.public_key));
  CAI_TRY(image::CheckSignature(image, key));
  if (!image.security_counter) return Error::kImageTlvMissing;
  CAI_TRY_ASSIGN(const auto floor, nv::ReadCounter(world.counter));
  if (*image.security_counter < floor) return Error::kImageRollback;
  return kDone;
}

std::string_view AdviceOn(Error error) {
  switch (error) {
    case Error::kImageKeyUnknown:
      return "sign it with the key in image-keys that the device was made with";
    case Error::kImageLoadAddress:
      return "sign it for this board and world: cai image sign --board --world";
    case Error::kImageRollback:
      return "sign it with a security counter not below the device's";
    default:
      return "cai image show FILE says what is in it";
  }
}

Finished Check(const World& world, const fs::path& path, Bytes file) {
  const Status good = CheckAsBootDoes(world, file);
  if (good.ok()) return kDone;
  return Problem(good.error(), path.string(),
                 std::string(AdviceOn(good.error())));
}

Finished EraseSlot(const nv::Region& slot) {
  for (std::uint32_t at = 0; at < slot.size; at += nv::kSectorSize) {
    CAI_TRY_ASSIGN(const Bytes sector,
                   nv::View(slot.offset + at, nv::kSectorSize));
    const bool blank = std::ranges::all_of(
        sector, [](std::byte b) { return b == std::byte{0xFF}; });
    if (!blank) CAI_TRY(nv::Erase(slot.offset + at));
  }
  return kDone;
}

// The sector with the header goes last, so that a half-written image is none.
Finished WriteSlot(const nv::Region& slot, Bytes file) {
  if (file.size() > slot.size) return Error::kImageNoRoom;
  CAI_TRY(EraseSlot(slot));
  const std::size_t first = std::min<std::size_t>(file.size(), nv::kSectorSize);
  const nv::Region rest{slot.offset + nv::kSectorSize,
                        slot.size - nv::kSectorSize};
  CAI_TRY(nv::Replace(rest, file.subspan(first)));
  CAI_TRY(nv::Replace({slot.offset, nv::kSectorSize}, file.first(first)));
  return kDone;
}

Finished Put(const World& world, Bytes file, bool second_slot) {
  if (!second_slot) CAI_TRY(EraseSlot(world.slots[1]));
  return WriteSlot(world.slots[second_slot ? 1 : 0], file);
}

Finished WriteConfiguration(const Device& device, Bytes message) {
  host::Blob bytes(4 + message.size());
  for (std::size_t i = 0; i < 4; ++i)
    bytes[i] = std::byte(message.size() >> (8 * i));
  CopyInto(MutableBytes(bytes).subspan(4), message);
  CAI_TRY_ASSIGN(const auto lock, device.Lock());
  CAI_TRY_ASSIGN(NvFile file, NvFile::Open(device.nv(), device.board()));
  const Status written = nv::Replace(nv::kConfig, bytes);
  Wipe(bytes);
  CAI_TRY(written);
  return file.Sync();
}

struct Credential {
  host::CertificatePtr ca;
  host::CertificatePtr certificate;
  Secret<32> scalar;
};

Outcome<Credential> ReadCredential(const host::State& state) {
  const host::TlsFiles files = ca::BootstrapCredential(state);
  CAI_TRY_ASSIGN(auto authority, host::ReadCertificate(files.ca));
  CAI_TRY_ASSIGN(auto certificate, host::ReadCertificate(files.certificate));
  CAI_TRY_ASSIGN(const auto key, host::ReadKey(files.key));
  CAI_TRY_ASSIGN(auto scalar, host::ScalarOf(key.get()));
  return Credential{std::move(authority), std::move(certificate),
                    std::move(scalar)};
}

}  // namespace

Finished Install(const Device& device, const Installation& what) {
  CAI_TRY_ASSIGN(const host::Blob secure, host::ReadFile(what.secure));
  CAI_TRY_ASSIGN(const host::Blob nonsecure, host::ReadFile(what.nonsecure));
  CAI_TRY_ASSIGN(const OtpFile otp, OtpFile::Read(device));
  CAI_TRY_ASSIGN(const auto lock, device.Lock());
  CAI_TRY_ASSIGN(NvFile file, NvFile::Open(device.nv(), device.board()));
  const Board& board = device.board();
  const World s{"secure",
                {nv::kSecureSlotA, nv::kSecureSlotB},
                nv::Counter::kSecureImage,
                board.secure_link,
                board.secure_room,
                &otp.page().secure_image_keys};
  const World ns{"nonsecure",
                 {nv::kNonSecureSlotA, nv::kNonSecureSlotB},
                 nv::Counter::kNonSecureImage,
                 board.nonsecure_link,
                 board.nonsecure_room,
                 &otp.page().nonsecure_image_keys};
  if (!what.unchecked) {
    CAI_TRY(Check(s, what.secure, secure));
    CAI_TRY(Check(ns, what.nonsecure, nonsecure));
  }
  CAI_TRY(Put(s, secure, what.second_slot));
  CAI_TRY(Put(ns, nonsecure, what.second_slot));
  return file.Sync();
}

Finished Configure(const host::State& state, const Device& device,
                   const Settings& settings) {
  CAI_TRY_ASSIGN(const ca::Service service, ca::Service::Open(state));
  CAI_TRY_ASSIGN(const auto root,
                 ca::BorrowedKey::Read(state.service() / "root.key"));
  CAI_TRY_ASSIGN(const Credential credential, ReadCredential(state));
  const host::Blob ca_der = host::CertificateDer(credential.ca.get());
  const host::Blob own_der = host::CertificateDer(credential.certificate.get());

  wire::Configuration plan;
  plan.bootstrap = {ca::kBootstrapHost, settings.host_ip,
                    settings.bootstrap_port};
  plan.broker = {ca::kBrokerHost, settings.host_ip, settings.broker_port};
  plan.ca_certificate = ca_der;
  plan.svc = service.svc;
  plan.interval_ms = settings.interval_ms;
  plan.bootstrap_certificate = own_der;
  plan.bootstrap_scalar = credential.scalar.bytes();
  plan.uuid = device.uuid().bytes;
  plan.issued_at = static_cast<std::uint64_t>(host::NowSeconds());
  plan.root = service.root;

  host::Blob scratch(wire::Configuration::kMaxPayload);
  host::Blob out(wire::Configuration::kMaxEncoded);
  const auto message = wire::MakeConfiguration(plan, root.get(), scratch, out);
  if (!message.ok())
    return Problem(message.error(), "the configuration of " + device.name());
  const Finished written = WriteConfiguration(device, *message);
  Wipe(out);
  return written;
}

Finished ConfigureFrom(const Device& device, const fs::path& path) {
  CAI_TRY_ASSIGN(const host::Blob message,
                 host::ReadFile(path, wire::Configuration::kMaxEncoded));
  CAI_TRY_ASSIGN(const OtpFile otp, OtpFile::Read(device));
  const auto opened = wire::OpenConfiguration(
      message, otp.page().service_roots.items(), device.uuid().bytes);
  if (!opened.ok())
    return Problem(opened.error(), path.string(),
                   "cai device config makes one for this device");
  return WriteConfiguration(device, message);
}

}  // namespace cai::device
