// What is put into a device's flash: images and configuration.
#include "device/boot/install.h"

#include <optional>

#include "device/boot/image_loader.h"
#include "device/boot/signers.h"
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
#include "lib/image/trailer.h"
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
  std::uint32_t which;
  std::uint32_t link;
  std::uint32_t room;
};

struct File {
  fs::path path;
  host::Blob bytes;
  image::PaddedImage parsed;

  Bytes image() const { return Bytes(bytes).first(parsed.image.size); }
};

std::string_view AdviceOn(Error error) {
  switch (error) {
    case Error::kImageKeyUnknown:
      return "sign it with the key in image-keys that the device was made with";
    case Error::kImageKeyRevoked:
      return "sign it with another of the device's keys";
    case Error::kImageLoadAddress:
      return "sign it for this board and world: cai image sign --board --world";
    case Error::kImageRollback:
      return "sign it with a security counter not below the device's";
    case Error::kImageTlvMissing:
      return "boot needs the signer's whole key and a security counter in it "
             "(imgtool: --public-key-format full --security-counter N)";
    case Error::kImageBootRecord:
      return "sign it anew: a boot record names its own signer, and a type of "
             "at most 8 characters";
    case Error::kCounterExhausted:
      return "sign it with the security counter that the device stands at";
    case Error::kImageDependency:
      return "install both images together: --secure and --nonsecure";
    default:
      return "cai image show FILE says what is in it";
  }
}

Problem Refused(const fs::path& path, Error error) {
  return Problem(error, path.string(), std::string(AdviceOn(error)));
}

Outcome<File> ReadImage(const fs::path& path) {
  CAI_TRY_ASSIGN(host::Blob bytes, host::ReadFile(path));
  const auto parsed = image::ParsePadded(bytes);
  if (!parsed.ok()) return Refused(path, parsed.error());
  return File{path, std::move(bytes), *parsed};
}

Status CheckAsBootDoes(const World& world, const otp::Page& page,
                       const image::Image& image) {
  if (image.size > world.room) return Error::kImageNoRoom;
  if (image.header.flags != image::kFlagRamLoad) return Error::kImageFlags;
  if (image.header.header_size != image::kHeaderSize)
    return Error::kImageHeader;
  if (image.header.load_address != world.link) return Error::kImageLoadAddress;
  if (image.public_key.empty()) return Error::kImageTlvMissing;
  CAI_TRY_ASSIGN(const auto lifecycle, nv::ReadLifecycle());
  CAI_TRY_ASSIGN(const auto signers,
                 boot::SignersOf(world.which, page, lifecycle));
  const auto signer = crypto::Sha256::Of(image.public_key);
  CAI_TRY(boot::FindSigner(signers, signer));
  CAI_TRY(boot::CheckRecord(image, signer));
  CAI_TRY(image::CheckHash(image));
  CAI_TRY_ASSIGN(const auto key, image::DecodePublicKey(image.public_key));
  CAI_TRY(image::CheckSignature(image, key));
  if (!image.security_counter) return Error::kImageTlvMissing;
  CAI_TRY_ASSIGN(const auto floor, nv::ReadCounter(boot::FloorOf(world.which)));
  if (*image.security_counter < floor) return Error::kImageRollback;
  return boot::CheckRoomForFloor(image, world.which, floor);
}

boot::Candidate CandidateOf(const image::Image& image) {
  return {image.header.version, image.dependency_list, image.dependency_count};
}

// What boot would choose from if it started now.
class Slots {
 public:
  Slots(const World (&worlds)[boot::kImages], const otp::Page& page) {
    for (const World& world : worlds)
      for (std::uint32_t slot = 0; slot < boot::kSlotsEach; ++slot)
        if (Starts(world, page, slot))
          found_[world.which][slot] =
              *boot::Inspect(boot::kSlots[world.which][slot]);
    running_ = boot::BestPair(found_);
    for (const World& world : worlds) free_[world.which] = Choose(world.which);
  }

  // The one that a new image goes to.
  std::uint32_t FreeSlot(std::uint32_t which) const { return free_[which]; }
  bool first_installation() const { return !running_; }

  void Put(std::uint32_t which, const image::Image& image) {
    if (!running_) found_[which] = {};
    found_[which][FreeSlot(which)] = CandidateOf(image);
  }
  // Whether boot will choose what was put there.
  bool Chooses(std::uint32_t which) const {
    const auto pair = boot::BestPair(found_);
    const std::uint32_t slot = FreeSlot(which);
    return pair && slot == (which == image::kSecureImage ? pair->secure
                                                         : pair->nonsecure);
  }

 private:
  // The slot that the next start does not use; but what is installed and was
  // never started gives way before what its trial would fall back on.
  std::uint32_t Choose(std::uint32_t which) const {
    if (!running_) return 0;
    const std::uint32_t next =
        which == image::kSecureImage ? running_->secure : running_->nonsecure;
    const auto confirmed = boot::IsConfirmed(boot::kSlots[which][next]);
    const bool on_trial = confirmed.ok() && !*confirmed;
    return on_trial && found_[which][1 - next] ? next : 1 - next;
  }

  static bool Starts(const World& world, const otp::Page& page,
                     std::uint32_t slot) {
    const nv::Region& region = boot::kSlots[world.which][slot];
    if (!boot::Inspect(region).ok()) return false;
    const auto bytes = nv::View(region.offset, region.size);
    const auto image = image::Parse(*bytes);
    return image.ok() && CheckAsBootDoes(world, page, *image).ok();
  }

  boot::Candidates found_;
  std::uint32_t free_[boot::kImages] = {};
  std::optional<boot::Pair> running_;
};

Finished CheckChosen(const Slots& slots, std::uint32_t which,
                     const File& file) {
  if (slots.Chooses(which)) return kDone;
  if (file.parsed.image.dependency_count != 0)
    return Refused(file.path, Error::kImageDependency);
  return Problem(Error::kHostExists,
                 file.path.string() + ": an image that the device prefers",
                 "sign it with a version above the running image's");
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
  CAI_TRY_ASSIGN(const OtpFile otp, OtpFile::Read(device));
  CAI_TRY_ASSIGN(const auto lock, device.Lock());
  CAI_TRY_ASSIGN(NvFile nv_file, NvFile::Open(device.nv(), device.board()));
  const Board& board = device.board();
  const World worlds[] = {
      {image::kSecureImage, board.secure_link, board.secure_room},
      {image::kNonSecureImage, board.nonsecure_link, board.nonsecure_room}};
  const fs::path* const paths[] = {&what.secure, &what.nonsecure};
  Slots slots(worlds, otp.page());
  std::optional<File> files[boot::kImages];
  for (const World& world : worlds) {
    if (paths[world.which]->empty()) continue;
    CAI_TRY_ASSIGN(files[world.which], ReadImage(*paths[world.which]));
    const File& file = *files[world.which];
    const Status good = CheckAsBootDoes(world, otp.page(), file.parsed.image);
    if (!good.ok() && !what.unchecked) return Refused(file.path, good.error());
    slots.Put(world.which, file.parsed.image);
  }
  for (const World& world : worlds)
    if (files[world.which] && !what.unchecked)
      CAI_TRY(CheckChosen(slots, world.which, *files[world.which]));
  for (const World& world : worlds) {
    if (!files[world.which]) continue;
    const File& file = *files[world.which];
    const bool confirmed = what.confirm || slots.first_installation() ||
                           file.parsed.trailer.confirmed;
    const std::uint32_t slot = slots.FreeSlot(world.which);
    CAI_TRY(boot::WriteSlot(boot::kSlots[world.which][slot], file.image(),
                            confirmed));
  }
  return nv_file.Sync();
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
