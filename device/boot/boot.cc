#include "device/boot/boot.h"

#include <cstring>

#include "device/boot/image_loader.h"
#include "device/nv/counters.h"
#include "device/nv/otp.h"
#include "lib/base/secret.h"
#include "lib/crypto/hash.h"
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

void AddImage(Handoff& handoff, std::string_view type, const Loaded& loaded) {
  std::array<char, image::kVersionText> text;
  const auto& version = loaded.image.header.version;
  Component& component =
      NextComponent(handoff, type, image::FormatVersion(version, text));
  Copy<32>(component.measurement, loaded.image.hash);
  Copy<32>(component.signer, loaded.signer);
}

void CopyHashes(std::uint8_t (&to)[Handoff::kMaxRoots][32],
                const otp::HashList& from) {
  static_assert(otp::HashList::kMax <= Handoff::kMaxRoots);
  for (std::size_t i = 0; i < from.size(); ++i)
    Copy<32>(to[i], from.items()[i]);
}

// A chip that was never taken through manufacture is in assembly and test.
Result<std::uint16_t> ReadLifecycle() {
  CAI_TRY_ASSIGN(std::uint32_t state, nv::ReadCounter(nv::Counter::kLifecycle));
  if (state == 0) state = 1;
  if (state > 6) return Error::kBootOtpDamaged;
  return static_cast<std::uint16_t>(state << 12);
}

Result<Loaded> LoadSecure(const Board& board, const otp::Page& otp) {
  return LoadImage({.which = kSecure,
                    .slots = {nv::kSecureSlotA, nv::kSecureSlotB},
                    .counter = nv::Counter::kSecureImage,
                    .keys = &otp.secure_image_keys,
                    .place = board.secure,
                    .beside = nullptr});
}

Result<Loaded> LoadNonSecure(const Board& board, const otp::Page& otp,
                             const image::Image& secure) {
  return LoadImage({.which = kNonSecure,
                    .slots = {nv::kNonSecureSlotA, nv::kNonSecureSlotB},
                    .counter = nv::Counter::kNonSecureImage,
                    .keys = &otp.nonsecure_image_keys,
                    .place = board.nonsecure,
                    .beside = &secure});
}

// Before anything random is used (protocol 1.2). Zero tells the SPE that this
// start has no number of its own: it then neither attests nor seals.
std::uint32_t CountBoot() {
  const auto b = nv::BumpCounter(nv::Counter::kBoot);
  Note(Step::kCounter, b.ok() ? *b : 0, b.ok() ? Error{} : Error::kBootCounter);
  return b.ok() ? *b : 0;
}

// From now on nothing older than these two starts here.
Status RaiseFloors(const Loaded& secure, const Loaded& nonsecure) {
  CAI_TRY(nv::AdvanceCounter(nv::Counter::kSecureImage,
                             *secure.image.security_counter));
  return nv::AdvanceCounter(nv::Counter::kNonSecureImage,
                            *nonsecure.image.security_counter);
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

// Hashed again at the very end: what was verified is what will run.
Status CheckBoth(const Loaded& secure, const Loaded& nonsecure) {
  CAI_TRY(CheckAgain(secure));
  return CheckAgain(nonsecure);
}

Result<std::uint32_t> Run(const Board& board, Handoff& handoff) {
  handoff.magic = Handoff::kMagic;
  handoff.version = 1;
  CAI_TRY_ASSIGN(const otp::Page otp, otp::Parse(board.otp_page));
  CAI_TRY_ASSIGN(handoff.lifecycle, ReadLifecycle());
  AddBootLoader(handoff, board.boot_code);
  CAI_TRY_ASSIGN(const Loaded secure, LoadSecure(board, otp));
  AddImage(handoff, "SPE", secure);
  CAI_TRY_ASSIGN(const Loaded nonsecure,
                 LoadNonSecure(board, otp, secure.image));
  AddImage(handoff, "NSPE", nonsecure);
  CAI_TRY(RaiseFloors(secure, nonsecure));

  handoff.boot_count = CountBoot();
  CAI_TRY(DeriveIdentity(handoff, otp));
  CopyOtp(handoff, otp);
  Copy<otp::kSeedSize>(handoff.seed, board.seed);
  handoff.ns_vectors = board.nonsecure.link_address + image::kHeaderSize;
  CAI_TRY(CheckBoth(secure, nonsecure));
  CloseHandoff(handoff);
  Note(Step::kLaunch, *secure.image.security_counter, Error{});
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
