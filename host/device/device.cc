#include "host/device/device.h"

#include <toml++/toml.h>

#include <algorithm>
#include <system_error>

#include "device/nv/flash.h"
#include "device/nv/lifecycle.h"
#include "device/nv/otp.h"
#include "host/ca/service.h"
#include "host/device/image_key.h"
#include "host/device/nv_file.h"
#include "host/registry/registry.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "lib/image/image.h"
#include "lib/keys/keys.h"

namespace cai::device {
namespace {

using host::Problem;

constexpr std::uint8_t kSecuredClass = 3;  // RFC 9783, 4.3.1
constexpr std::size_t kMaxName = 32;
// Of otp.bin and nv.bin; counted up when device/nv/layout.h moves something.
constexpr std::int64_t kLayout = 2;

bool IsName(std::string_view name) {
  if (name.empty() || name.size() > kMaxName || name[0] == '-') return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

Finished CheckName(std::string_view name) {
  if (IsName(name)) return kDone;
  return Problem(Error::kHostUsage, "device name '" + std::string(name) + "'",
                 "1 to 32 of a-z, 0-9, '-', '_', not '-' first");
}

Finished AddKey(const fs::path& path, otp::HashList& list) {
  auto owner = ReadImageKey(path);
  if (!owner.ok() && owner.error().error == Error::kHostNotFound)
    return Problem(Error::kHostNotFound, "the image key " + path.string(),
                   "cai image keygen --out " + path.string());
  if (!owner.ok()) return owner.error();
  const auto hash = crypto::Sha256::Of(image::EncodePublicKey(*owner));
  if (list.Contains(hash))
    return Problem(Error::kHostExists, "the image key " + path.string(),
                   "a second key has to be another one");
  CAI_TRY(list.Add(hash));
  return kDone;
}

// One key for each world, and a second if there is one: for the day on which
// the first is revoked.
Finished AddKeys(const host::State& state, const std::string& world,
                 otp::HashList& list) {
  const fs::path keys = state.root() / "image-keys";
  CAI_TRY(AddKey(keys / (world + ".key"), list));
  const fs::path second = keys / (world + "-2.key");
  std::error_code ignored;
  if (!fs::exists(second, ignored)) return kDone;
  return AddKey(second, list);
}

// What RFC 9783 calls the implementation: the board's immutable part.
ByteArray<32> ImplementationId(const Board& board) {
  return crypto::Sha256::Of(
      {AsBytes("confidential-ai implementation "), AsBytes(board.name)});
}

Outcome<otp::Page> PlanPage(const host::State& state, const Board& board,
                            std::span<const std::byte, 32> huk) {
  otp::Page page{.huk = huk,
                 .implementation_id = ImplementationId(board),
                 .secure_image_keys = {},
                 .nonsecure_image_keys = {},
                 .service_roots = {},
                 .model_owners = {}};
  CAI_TRY(AddKeys(state, "secure", page.secure_image_keys));
  CAI_TRY(AddKeys(state, "nonsecure", page.nonsecure_image_keys));
  CAI_TRY_ASSIGN(const ca::Service service, ca::Service::Open(state));
  CAI_TRY(page.service_roots.Add(service.RootHash()));
  return page;
}

// The public half of the key that the device will attest with, from the same
// derivation that it runs itself.
Outcome<crypto::P256Public> AttestationKey(std::span<const std::byte, 32> huk) {
  Secret<32> root, scalar;
  keys::SpeRoot(huk, kSecuredClass, 0, root.mutable_bytes());
  CAI_TRY(keys::Scalar(root.bytes(), keys::kIak, 0, scalar.mutable_bytes()));
  CAI_TRY_ASSIGN(const auto key, crypto::ImportScalar(scalar.bytes()));
  const auto owner = crypto::PublicKey(key);
  crypto::Release(key);
  if (!owner.ok()) return owner.error();
  return *owner;
}

Outcome<registry::Endorsement> Endorse(std::span<const std::byte, 32> huk,
                                       std::string_view name,
                                       const Board& board) {
  registry::Endorsement endorsement;
  endorsement.uuid.bytes = keys::Uuid(huk);
  endorsement.ueid = keys::Ueid(huk);
  endorsement.implementation_id = ImplementationId(board);
  CAI_TRY_ASSIGN(endorsement.iak, AttestationKey(huk));
  endorsement.board = board.name;
  endorsement.name = name;
  return endorsement;
}

// From now on the device is a secured one.
Finished MakeFlash(const fs::path& path, const Board& board) {
  CAI_TRY(NvFile::Create(path, board));
  CAI_TRY_ASSIGN(NvFile file, NvFile::Open(path, board));
  CAI_TRY(nv::ChangeLifecycle(nv::Lifecycle::kPsaRotProvisioning));
  CAI_TRY(nv::ChangeLifecycle(nv::Lifecycle::kSecured));
  return file.Sync();
}

std::string DescriptionOf(const registry::Endorsement& endorsement) {
  return "# Made by `cai device make`; nothing here is secret.\n"
         "name = \"" +
         endorsement.name + "\"\nboard = \"" + endorsement.board +
         "\"\nuuid = \"" + endorsement.uuid.Text() + "\"\nueid = \"" +
         host::Hex(endorsement.ueid) + "\"\nimplementation_id = \"" +
         host::Hex(endorsement.implementation_id) +
         "\"\nlayout = " + std::to_string(kLayout) + "\n";
}

Finished Fill(const fs::path& folder, const otp::Page& page,
              const registry::Endorsement& endorsement, const Board& board) {
  // otp.bin is the HUK's only place; the copy on the way is wiped.
  Secret<otp::kPageSize> bytes;
  CAI_TRY(otp::Encode(page, bytes.mutable_bytes()));
  CAI_TRY(host::WriteFile(folder / "otp.bin", bytes.bytes()));
  CAI_TRY(MakeFlash(folder / "nv.bin", board));
  return host::WriteFile(folder / "device.toml", DescriptionOf(endorsement));
}

Finished Record(const host::State& state,
                const registry::Endorsement& endorsement, bool replace) {
  CAI_TRY_ASSIGN(auto registry, registry::Registry::Open(state.registry_db()));
  auto done = registry.Endorse(endorsement, host::NowSeconds(), replace);
  if (!done.ok() && done.error().error == Error::kRegistryConflict)
    return Problem(Error::kRegistryConflict, done.error().words,
                   "--replace if the device of that name is lost");
  return done;
}

Problem Damaged(const fs::path& path, std::string_view what) {
  return {Error::kHostDamaged, path.string() + ": " + std::string(what),
          "remove the device's folder and make it anew"};
}

}  // namespace

// A folder that goes away again unless it is kept.
class Draft {
 public:
  explicit Draft(fs::path path) : path_(std::move(path)) {}
  ~Draft() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  const fs::path& path() const { return path_; }

  // RENAME is atomic: the device is there whole or not at all.
  Finished KeepAs(const fs::path& to) {
    std::error_code error;
    fs::rename(path_, to, error);
    if (error)
      return Problem(Error::kHostIo, to.string() + ": " + error.message());
    return kDone;
  }

 private:
  fs::path path_;
};

Outcome<Device> Device::Open(const host::State& state, std::string_view name) {
  CAI_TRY(CheckName(name));
  return OpenFolder(name, state.devices() / name);
}

Outcome<Device> Device::OpenFolder(std::string_view name,
                                   const fs::path& folder) {
  const fs::path path = folder / "device.toml";
  auto text = host::ReadText(path);
  if (!text.ok() && text.error().error == Error::kHostNotFound)
    return Problem(Error::kHostNotFound, "the device " + std::string(name),
                   "cai device list shows those that exist");
  if (!text.ok()) return text.error();
  toml::table table;
  try {
    table = toml::parse(*text);
  } catch (const toml::parse_error& error) {
    return Damaged(path, error.description());
  }
  const auto board = table["board"].value<std::string>();
  const auto uuid = table["uuid"].value<std::string>();
  if (!board || !uuid) return Damaged(path, "board or uuid is missing");
  if (table["layout"].value_or(std::int64_t{1}) != kLayout)
    return Damaged(path, "made by another version, with another layout");
  const auto known = FindBoard(*board);
  const auto id = host::ParseUuid(*uuid);
  if (!known.ok() || !id.ok()) return Damaged(path, "board or uuid is wrong");
  return Device(std::string(name), *known, *id, folder);
}

// A make that was killed when the registry knew the device already: all that is
// left to do is to give its folder the name. device.toml was written last.
Outcome<bool> Device::Resume(const host::State& state, std::string_view name,
                             Draft& draft) {
  const auto device = OpenFolder(name, draft.path());
  if (!device.ok()) return false;
  CAI_TRY_ASSIGN(auto registry, registry::Registry::Open(state.registry_db()));
  const auto known = registry.FindByName(name);
  if (!known.ok() || known->endorsement.uuid != device->uuid()) return false;
  CAI_TRY(draft.KeepAs(state.devices() / name));
  return true;
}

Outcome<Device> Device::Make(const host::State& state, std::string_view name,
                             std::string_view board_name, bool replace) {
  CAI_TRY(CheckName(name));
  CAI_TRY_ASSIGN(const Board* const board, FindBoard(board_name));
  const fs::path folder = state.devices() / name;
  std::error_code ignored;
  if (fs::exists(folder, ignored))
    return Problem(Error::kHostExists, "the device " + std::string(name),
                   "take another name, or remove " + folder.string());

  CAI_TRY(host::MakeFolder(state.devices()));
  Draft draft(state.devices() / ("." + std::string(name) + ".new"));
  CAI_TRY_ASSIGN(const bool resumed, Resume(state, name, draft));
  if (resumed) return Open(state, name);
  Secret<32> huk;
  CAI_TRY(crypto::Random(huk.mutable_bytes()));
  CAI_TRY_ASSIGN(const otp::Page page, PlanPage(state, *board, huk.bytes()));
  CAI_TRY_ASSIGN(const auto endorsement, Endorse(huk.bytes(), name, *board));

  fs::remove_all(draft.path(), ignored);  // of a make that was killed early
  CAI_TRY(host::MakeFolder(draft.path()));
  CAI_TRY(Fill(draft.path(), page, endorsement, *board));
  CAI_TRY(Record(state, endorsement, replace));
  CAI_TRY(draft.KeepAs(folder));
  return Device(std::string(name), board, endorsement.uuid, folder);
}

Outcome<std::vector<Device>> Device::List(const host::State& state) {
  std::vector<Device> devices;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(state.devices(), error)) {
    const std::string name = entry.path().filename().string();
    if (!IsName(name)) continue;
    CAI_TRY_ASSIGN(Device device, Open(state, name));
    devices.push_back(std::move(device));
  }
  std::ranges::sort(devices, {}, &Device::name);
  return devices;
}

Outcome<host::FileLock> Device::Lock() const {
  // A second is for running(), which holds it for a moment.
  auto lock = host::FileLock::Wait(folder_ / "lock", "the device " + name_, 1);
  if (!lock.ok() && lock.error().error == Error::kHostInUse)
    return Problem(Error::kHostInUse, "the device " + name_,
                   "it runs or is being written; cai device stop " + name_);
  return lock;
}

bool Device::running() const {
  const auto lock =
      host::FileLock::Take(folder_ / "lock", "the device " + name_);
  return !lock.ok() && lock.error().error == Error::kHostInUse;
}

}  // namespace cai::device
