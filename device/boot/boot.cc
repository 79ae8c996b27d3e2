#include "device/boot/boot.h"

#include <cstring>

#include "device/boot/image_loader.h"
#include "device/boot/memory.h"
#include "device/nv/counters.h"
#include "device/nv/otp.h"
#include "lib/base/secret.h"
#include "lib/crypto/hash.h"
#include "lib/image/boot_record.h"
#include "lib/image/version.h"
#include "lib/keys/keys.h"

namespace cai::boot {
namespace {

static_assert(std::has_unique_object_representations_v<Handoff>);

MutableBytes BytesOf(Handoff& handoff) {
  // Safety: trivially copyable, without padding (asserted).
  return {reinterpret_cast<std::byte*>(&handoff), sizeof handoff};
}

// Takes every secret out of memory when boot is over, however it ends.
class Cleaner {
 public:
  explicit Cleaner(const Board& board) : board_(board) {}
  Cleaner(const Cleaner&) = delete;
  Cleaner& operator=(const Cleaner&) = delete;
  ~Cleaner() {
    Wipe(board_.otp_page);
    Wipe(board_.seed);
    if (!keep_handoff_) Wipe(BytesOf(*board_.handoff));
  }
  void KeepHandoff() { keep_handoff_ = true; }

 private:
  const Board& board_;
  bool keep_handoff_ = false;
};

template <std::size_t N>
void Copy(std::uint8_t (&to)[N], std::span<const std::byte, N> from) {
  std::memcpy(to, from.data(), N);
}

template <std::size_t N>
void CopyText(char (&to)[N], std::string_view from) {
  std::memset(to, 0, N);
  std::memcpy(to, from.data(), std::min(from.size(), N));
}

Component& NextComponent(Handoff& handoff, std::string_view type,
                         std::string_view version) {
  Component& component = handoff.components[handoff.component_count++];
  CopyText(component.type, type);
  CopyText(component.version, version);
  return component;
}

// In ROM nothing signed it: the signer stays zero.
void AddBootLoader(Handoff& handoff, Bytes code) {
  Component& component = NextComponent(handoff, "BL", kBootVersion);
  Copy<32>(component.measurement, crypto::Sha256::Of(code));
}

// Its signer may have given it a type of its own (checked when it was loaded).
std::string_view TypeOf(const Loaded& loaded, std::string_view standard) {
  if (loaded.image.boot_record.empty()) return standard;
  const auto record = image::ParseBootRecord(loaded.image.boot_record);
  return record.ok() ? record->type : standard;
}

void AddImage(Handoff& handoff, std::string_view type, const Loaded& loaded) {
  std::array<char, image::kVersionText> text;
  const auto& version = loaded.image.header.version;
  Component& component = NextComponent(handoff, TypeOf(loaded, type),
                                       image::FormatVersion(version, text));
  Copy<32>(component.measurement, loaded.image.hash);
  Copy<32>(component.signer, loaded.signer);
}

void CopyHashes(std::uint8_t (&to)[Handoff::kMaxRoots][32],
                const otp::HashList& from) {
  static_assert(otp::HashList::kMax <= Handoff::kMaxRoots);
  for (std::size_t i = 0; i < from.size(); ++i)
    Copy<32>(to[i], from.items()[i]);
}

// What boot works with once OTP was read.
struct Chip {
  const Board& board;
  const otp::Page& page;
  nv::Lifecycle lifecycle;
};

// Nothing is derived, and nothing runs, on a device that was given up.
Result<nv::Lifecycle> CheckLifecycle() {
  CAI_TRY_ASSIGN(const nv::Lifecycle now, nv::ReadLifecycle());
  if (now == nv::Lifecycle::kDecommissioned) return Error::kBootDecommissioned;
  return now;
}

std::uint32_t Detail(std::uint32_t which, std::uint32_t slot) {
  return which << 8 | slot;
}

// Also erases what was tried and not confirmed. An empty slot is no news.
Candidates InspectSlots() {
  Candidates found;
  for (std::uint32_t which = 0; which < kImages; ++which)
    for (std::uint32_t slot = 0; slot < kSlotsEach; ++slot) {
      const auto candidate = Inspect(kSlots[which][slot]);
      if (candidate.ok())
        found[which][slot] = *candidate;
      else if (candidate.error() != Error::kBootSlotEmpty)
        Note(Step::kRefused, Detail(which, slot), candidate.error());
    }
  return found;
}

Result<Loaded> LoadFrom(const Chip& chip, std::uint32_t which,
                        std::uint32_t slot) {
  Note(Step::kCandidate, Detail(which, slot), Error{});
  const Board& board = chip.board;
  const auto signers = SignersOf(which, chip.page, chip.lifecycle);
  if (!signers.ok()) return signers.error();
  const Wanted wanted{which, *signers,
                      which == kSecure ? board.secure : board.nonsecure};
  Result<Loaded> loaded = LoadImage(wanted, kSlots[which][slot]);
  if (loaded.ok())
    Note(Step::kAccepted, Detail(which, slot), Error{});
  else
    Note(Step::kRefused, Detail(which, slot), loaded.error());
  return loaded;
}

struct LoadedPair {
  Pair slots;
  Loaded secure;
  Loaded nonsecure;
};

Error NothingFits(const Candidates& left) {
  for (const auto& slots : left)
    if (!slots[0] && !slots[1]) return Error::kBootNoImage;
  return Error::kBootNoPair;
}

// The best pair of which both are valid. A refused image drops out, and what
// then is best is tried; each slot is loaded at most once, since pairs are
// ordered by their secure image first.
Result<LoadedPair> LoadBestPair(const Chip& chip) {
  Candidates left = InspectSlots();
  std::optional<Loaded> secure;
  std::uint32_t secure_slot = kSlotsEach;
  while (const auto pair = BestPair(left)) {
    if (pair->secure != secure_slot) {
      const auto loaded = LoadFrom(chip, kSecure, pair->secure);
      if (!loaded.ok()) {
        left[kSecure][pair->secure].reset();
        continue;
      }
      secure.emplace(*loaded);
      secure_slot = pair->secure;
    }
    const auto loaded = LoadFrom(chip, kNonSecure, pair->nonsecure);
    if (loaded.ok()) return LoadedPair{*pair, *secure, *loaded};
    left[kNonSecure][pair->nonsecure].reset();
  }
  Clear(chip.board.secure.memory);
  return NothingFits(left);
}

// Chosen by what the slots claimed; here by what was verified.
Status CheckDependencies(const LoadedPair& pair) {
  const image::Image& secure = pair.secure.image;
  const image::Image& nonsecure = pair.nonsecure.image;
  for (const image::Image* image : {&secure, &nonsecure})
    if (!Satisfied(image->dependencies(), secure.header.version,
                   nonsecure.header.version))
      return Error::kImageDependency;
  return kDone;
}

// From now on nothing older than these two starts here. Together, and only once
// both are confirmed: else a trial that fails would leave nothing to return to.
Status RaiseFloors(const LoadedPair& pair) {
  CAI_TRY(nv::AdvanceCounter(FloorOf(kSecure),
                             *pair.secure.image.security_counter));
  return nv::AdvanceCounter(FloorOf(kNonSecure),
                            *pair.nonsecure.image.security_counter);
}

Status Commit(const LoadedPair& pair) {
  const nv::Region& secure = kSlots[kSecure][pair.slots.secure];
  const nv::Region& nonsecure = kSlots[kNonSecure][pair.slots.nonsecure];
  CAI_TRY_ASSIGN(const bool secure_stays, IsConfirmed(secure));
  CAI_TRY_ASSIGN(const bool nonsecure_stays, IsConfirmed(nonsecure));
  if (secure_stays && nonsecure_stays) return RaiseFloors(pair);
  CAI_TRY(MarkTried(secure));
  return MarkTried(nonsecure);
}

// Before anything random is used (protocol 1.2). Zero tells the SPE that this
// start has no number of its own: it then neither attests nor seals.
std::uint32_t CountBoot() {
  const auto b = nv::BumpCounter(nv::Counter::kBoot);
  Note(Step::kCounter, b.ok() ? *b : 0, b.ok() ? Error{} : Error::kBootCounter);
  return b.ok() ? *b : 0;
}

Status DeriveIdentity(Handoff& handoff, const otp::Page& otp) {
  CAI_TRY_ASSIGN(handoff.key_generation,
                 nv::ReadCounter(nv::Counter::kKeyGeneration));
  Secret<32> root;
  keys::SpeRoot(otp.huk, keys::LifecycleClass(handoff.lifecycle),
                handoff.key_generation, root.mutable_bytes());
  Copy<32>(handoff.spe_root, root.bytes());
  Copy<16>(handoff.uuid, keys::Uuid(otp.huk));
  Copy<33>(handoff.ueid, keys::Ueid(otp.huk));
  Note(Step::kIdentity, handoff.key_generation, Error{});
  return kDone;
}

void CopyOtp(Handoff& handoff, const otp::Page& otp) {
  Copy<32>(handoff.implementation_id, otp.implementation_id);
  CopyHashes(handoff.service_roots, otp.service_roots);
  CopyHashes(handoff.model_owners, otp.model_owners);
}

void CloseHandoff(Handoff& handoff) {
  const MutableBytes bytes = BytesOf(handoff);
  const auto digest =
      crypto::Sha256::Of(bytes.first(offsetof(Handoff, digest)));
  Copy<32>(handoff.digest, digest);
}

// At the very end: what was verified is what will run.
Status CheckBoth(const LoadedPair& pair) {
  CAI_TRY(CheckAgain(pair.secure));
  CAI_TRY(CheckAgain(pair.nonsecure));
  return CheckDependencies(pair);
}

Result<LoadedPair> Load(const Chip& chip, Handoff& handoff) {
  AddBootLoader(handoff, chip.board.boot_code);
  CAI_TRY_ASSIGN(const LoadedPair pair, LoadBestPair(chip));
  CAI_TRY(CheckDependencies(pair));
  CAI_TRY(Commit(pair));
  AddImage(handoff, "SPE", pair.secure);
  AddImage(handoff, "NSPE", pair.nonsecure);
  handoff.slots[kSecure] = static_cast<std::uint8_t>(pair.slots.secure);
  handoff.slots[kNonSecure] = static_cast<std::uint8_t>(pair.slots.nonsecure);
  return pair;
}

Result<std::uint32_t> Run(const Board& board, Handoff& handoff) {
  handoff.magic = Handoff::kMagic;
  handoff.version = 1;
  CAI_TRY_ASSIGN(const otp::Page page, otp::Parse(board.otp_page));
  CAI_TRY_ASSIGN(const nv::Lifecycle lifecycle, CheckLifecycle());
  handoff.lifecycle = static_cast<std::uint16_t>(lifecycle);
  CAI_TRY_ASSIGN(const LoadedPair pair,
                 Load({board, page, lifecycle}, handoff));
  handoff.boot_count = CountBoot();
  CAI_TRY(DeriveIdentity(handoff, page));
  CopyOtp(handoff, page);
  Copy<otp::kSeedSize>(handoff.seed, board.seed);
  handoff.ns_vectors = board.nonsecure.link_address + image::kHeaderSize;
  CAI_TRY(CheckBoth(pair));
  CloseHandoff(handoff);
  Note(Step::kLaunch, *pair.secure.image.security_counter, Error{});
  return board.secure.link_address +
         static_cast<std::uint32_t>(image::kHeaderSize);
}

}  // namespace

Result<std::uint32_t> Boot(const Board& board) {
  Note(Step::kStart, 0, Error{});
  Cleaner cleaner(board);
  Wipe(BytesOf(*board.handoff));
  const Result<std::uint32_t> vectors = Run(board, *board.handoff);
  if (vectors.ok()) {
    cleaner.KeepHandoff();
  } else {
    Note(Step::kHalted, 0, vectors.error());
  }
  return vectors;
}

}  // namespace cai::boot
