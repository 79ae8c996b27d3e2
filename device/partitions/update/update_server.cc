// Sid::kUpdate: what runs on trial, and its confirmation. The partition reaches
// the last sector of each slot and nothing else of the flash: it can confirm
// the images that boot verified and started, and no other.
#include <array>

#include "device/partitions/update/api.h"
#include "device/spm/partition.h"
#include "lib/image/trailer.h"
#include "lib/image/version.h"

namespace cai::update {
namespace {

using image::TrailerField;
using spm::Message;

constexpr std::uint32_t kComponents = 2;
constexpr nv::Region kSlots[kComponents][2] = {
    {nv::kSecureSlotA, nv::kSecureSlotB},
    {nv::kNonSecureSlotA, nv::kNonSecureSlotB}};

// Set once at start, from what boot handed over.
struct Running {
  std::uint32_t slot = 0;
  image::Version version;
};
std::array<Running, kComponents> running;

// Until the next start; that is all that a rejection needs, for what is not
// accepted is not started again.
bool rejected = false;

// The boot loader comes first among what boot measured; images that run without
// boot have no version.
Result<image::Version> VersionOf(std::uint32_t component,
                                 const spm::BootData& boot) {
  if (component + 1 >= boot.component_count) return image::Version{};
  const auto& text = boot.components[component + 1].version;
  const char* const end = std::find(text, text + sizeof text, '\0');
  return image::ParseVersion({text, static_cast<std::size_t>(end - text)});
}

Status Start() {
  rejected = false;
  spm::BootData boot;
  CAI_TRY(spm::GetBootData(boot));
  for (std::uint32_t i = 0; i < kComponents; ++i) {
    if (boot.slots[i] > 1) return Error::kStoreNotFound;
    CAI_TRY_ASSIGN(const image::Version version, VersionOf(i, boot));
    running[i] = Running{boot.slots[i], version};
  }
  return kDone;
}

std::uint32_t EndOf(const nv::Region& slot) { return slot.offset + slot.size; }

Result<image::Trailer> ReadTrailer(const nv::Region& slot) {
  ByteArray<image::kTrailerSize> bytes;
  CAI_TRY(spm::FlashRead(EndOf(slot) - image::kTrailerSize, bytes));
  return image::ReadTrailer(bytes);
}

const nv::Region& RunningSlot(std::uint32_t component) {
  return kSlots[component][running[component].slot];
}
const nv::Region& OtherSlot(std::uint32_t component) {
  return kSlots[component][1 - running[component].slot];
}

Result<State> StateOf(std::uint32_t component) {
  CAI_TRY_ASSIGN(const image::Trailer now, ReadTrailer(RunningSlot(component)));
  if (!now.confirmed) return rejected ? State::kRejected : State::kTrial;
  CAI_TRY_ASSIGN(const image::Trailer next, ReadTrailer(OtherSlot(component)));
  const bool staged = next.released && !next.tried && !next.confirmed;
  return staged ? State::kStaged : State::kReady;
}

Status Query(Message& message) {
  if (message.in_count != 1 || message.out_count != 1)
    return Error::kIpcBadRequest;
  CAI_TRY_ASSIGN(const auto component, message.Read<std::uint32_t>(0));
  if (component >= kComponents) return Error::kStoreNotFound;
  CAI_TRY_ASSIGN(const State state, StateOf(component));
  const image::Version& version = running[component].version;
  return message.WriteValue(
      0, Info{state, version.major, version.minor, version.revision,
              version.build, kSlots[component][0].size - nv::kSectorSize});
}

Result<bool> OnTrial(std::uint32_t component) {
  CAI_TRY_ASSIGN(const State state, StateOf(component));
  return state == State::kTrial;
}

// One flash operation, read back: a cut before it reverts, after it stays.
Status Confirm(const nv::Region& slot) {
  const auto field = static_cast<std::uint32_t>(TrailerField::kImageOk);
  CAI_TRY(spm::FlashProgram(EndOf(slot) - field, image::kTrailerFlag));
  CAI_TRY_ASSIGN(const image::Trailer trailer, ReadTrailer(slot));
  if (!trailer.confirmed) return Error::kFlashNotErased;
  return kDone;
}

Status Accept() {
  bool any = false;
  for (std::uint32_t component = 0; component < kComponents; ++component) {
    CAI_TRY_ASSIGN(const bool on_trial, OnTrial(component));
    if (!on_trial) continue;
    CAI_TRY(Confirm(RunningSlot(component)));
    any = true;
  }
  if (!any) return Error::kImageUnconfirmed;
  return kDone;
}

Status Reject() {
  CAI_TRY_ASSIGN(const bool secure, OnTrial(0));
  CAI_TRY_ASSIGN(const bool nonsecure, OnTrial(1));
  if (!secure && !nonsecure) return Error::kImageUnconfirmed;
  rejected = true;
  return kDone;
}

Status Dispatch(Message& message) {
  switch (static_cast<Op>(message.op)) {
    case Op::kQuery:
      return Query(message);
    case Op::kAccept:
      return Accept();
    case Op::kReject:
      return Reject();
  }
  return Error::kIpcBadRequest;
}

psa_status_t ToPsa(Error error) {
  switch (error) {
    case Error::kStoreNotFound:
      return PSA_ERROR_DOES_NOT_EXIST;
    case Error::kImageUnconfirmed:
      return PSA_ERROR_BAD_STATE;
    case Error::kIpcNoRoom:
      return PSA_ERROR_BUFFER_TOO_SMALL;
    case Error::kIpcBadRequest:
      return PSA_ERROR_PROGRAMMER_ERROR;
    default:
      return PSA_ERROR_STORAGE_FAILURE;
  }
}

}  // namespace
}  // namespace cai::update

extern "C" psa_status_t cai_update_Start() {
  const cai::Status status = cai::update::Start();
  return status.ok() ? PSA_SUCCESS : cai::update::ToPsa(status.error());
}

extern "C" psa_status_t cai_update_Serve(cai::spm::Message* message) {
  const cai::Status status = cai::update::Dispatch(*message);
  return status.ok() ? PSA_SUCCESS : cai::update::ToPsa(status.error());
}
