#include "device/partitions/storage/store.h"

#include <cstring>

#include "device/spm/partition.h"

namespace cai::storage {
namespace {

using storage_api::Info;
using storage_api::kMaxObject;

constexpr std::uint32_t kWriteOnce = 1;
// Confidentiality and what replay protection there is are given anyway.
constexpr std::uint32_t kKnownFlags = 7;

// The NSPE's own objects, and what crypto keeps for it: its persistent keys.
constexpr bool ForNonSecure(std::int32_t client) {
  return client < 0 ||
         client == static_cast<std::int32_t>(spm::PartitionId::kCrypto);
}

struct HalfHeader {
  static constexpr std::uint32_t kMagic = 0x53494143;  // "CAIS"

  std::uint32_t magic;
  std::uint32_t epoch;
  std::uint32_t store;
  std::uint32_t crc;
};
static_assert(sizeof(HalfHeader) == 16);
static_assert(std::has_unique_object_representations_v<HalfHeader>);

// Safety: both headers are trivially copyable without padding (asserted).
template <typename T>
Bytes View(const T& value) {
  return {reinterpret_cast<const std::byte*>(&value), sizeof(T)};
}
template <typename T>
MutableBytes MutableView(T& value) {
  return {reinterpret_cast<std::byte*>(&value), sizeof(T)};
}

// CRC-32 (IEEE 802.3), bit by bit: headers are short.
std::uint32_t Crc32(Bytes data) {
  std::uint32_t crc = 0xffffffff;
  for (const std::byte b : data) {
    crc ^= std::to_integer<std::uint32_t>(b);
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

template <typename T>
Bytes BeforeCrc(const T& header) {
  return View(header).first(offsetof(T, crc));
}

bool Erased(Bytes bytes) {
  return std::ranges::all_of(bytes,
                             [](std::byte b) { return b == std::byte{0xff}; });
}

constexpr std::uint32_t Padded(std::uint32_t size) {
  return (size + nv::kProgramUnit - 1) & ~(nv::kProgramUnit - 1);
}

// Of flash, a record of an object of this size takes (at most 2,112 bytes).
constexpr std::uint32_t RecordSize(std::uint32_t size) {
  return sizeof(RecordHeader) + Padded(size + crypto::kTagSize);
}

// What the AEAD authenticates besides the object.
Bytes Aad(const RecordHeader& header) { return BeforeCrc(header); }

}  // namespace

void Sealer::Start(Secret<32> key, std::uint32_t boot_count) {
  key_ = std::move(key);
  boot_count_ = boot_count;
  writes_ = 0;
}

Result<Sealer::Nonce> Sealer::NextNonce() {
  if (boot_count_ == 0 || writes_ == UINT32_MAX) return Error::kStoreNoNonce;
  Nonce nonce;
  std::ranges::copy(BigEndian(boot_count_), nonce.begin());
  std::ranges::copy(BigEndian(++writes_), nonce.begin() + 8);
  return nonce;
}

// ---- Mounting ---------------------------------------------------------------

Status Store::Mount() {
  mounted_ = false;
  formatted_ = false;
  count_ = 0;
  CAI_TRY(FindHalf());
  CAI_TRY(Scan());

  // Bytes after the last whole record are what a power cut left of one. They
  // cannot be programmed again, so the log goes on in the other half.
  CAI_TRY_ASSIGN(const bool clean, RestIsErased());
  if (!clean) CAI_TRY(Compact(nullptr));
  mounted_ = true;
  return kDone;
}

Status Store::EnsureMounted() { return mounted_ ? Status(kDone) : Mount(); }

// The half with the highest epoch among those whose header is whole.
Status Store::FindHalf() {
  bool found = false;
  for (int half = 0; half < 2; ++half) {
    HalfHeader header;
    CAI_TRY(Read(half_base(half), MutableView(header)));
    if (header.magic != HalfHeader::kMagic || header.store != store_ ||
        header.crc != Crc32(BeforeCrc(header)))
      continue;
    if (found && header.epoch < epoch_) continue;
    found = true;
    half_ = half;
    epoch_ = header.epoch;
  }
  return found ? Status(kDone) : Format();
}

Status Store::Format() {
  CAI_TRY(EraseHalf(0));
  CAI_TRY(WriteHalfHeader(0, 1));
  half_ = 0;
  epoch_ = 1;
  formatted_ = true;
  return kDone;
}

// Walks the records until the first that is none.
Status Store::Scan() {
  end_ = half_base(half_) + sizeof(HalfHeader);
  while (end_ + sizeof(RecordHeader) <= half_end()) {
    RecordHeader header;
    CAI_TRY(Read(end_, MutableView(header)));
    if (header.magic != RecordHeader::kMagic || header.size > kMaxObject ||
        header.crc != Crc32(BeforeCrc(header)) ||
        end_ + RecordSize(header.size) > half_end())
      return kDone;
    Note(header, end_);
    end_ += RecordSize(header.size);
  }
  return kDone;
}

// A later record replaces an earlier one. (A log never has more objects than
// entries_: Set() refuses. One made by somebody else loses the rest.)
void Store::Note(const RecordHeader& header, std::uint32_t offset) {
  Entry* entry = Find(header.client, header.uid);
  if (header.kind == RecordHeader::kRemoved) return Forget(entry);
  if (entry == nullptr) {
    if (count_ == kMaxObjects) return;
    entry = &entries_[count_++];
  }
  *entry = {.uid = header.uid,
            .client = header.client,
            .offset = offset,
            .flags = header.flags,
            .size = header.size};
}

Result<bool> Store::RestIsErased() {
  MutableBytes buffer = scratch_.first(1024);
  for (std::uint32_t at = end_; at < half_end();) {
    const std::size_t size =
        std::min<std::size_t>(buffer.size(), half_end() - at);
    CAI_TRY(Read(at, buffer.first(size)));
    if (!Erased(buffer.first(size))) return false;
    at += size;
  }
  return true;
}

Store::Entry* Store::Find(std::int32_t client, std::uint64_t uid) {
  for (std::size_t i = 0; i < count_; ++i)
    if (entries_[i].client == client && entries_[i].uid == uid)
      return &entries_[i];
  return nullptr;
}

void Store::Forget(Entry* entry) {
  if (entry != nullptr) *entry = entries_[--count_];
}

// ---- The functions of the API -----------------------------------------------

Status Store::Set(std::int32_t client, std::uint64_t uid, std::uint32_t flags,
                  Bytes data) {
  if (uid == 0) return Error::kStoreBadUid;
  if ((flags & ~kKnownFlags) != 0) return Error::kStoreBadFlags;
  if (data.size() > kMaxObject) return Error::kStoreTooLarge;
  CAI_TRY(EnsureMounted());

  const Entry* old = Find(client, uid);
  if (old != nullptr && (old->flags & kWriteOnce) != 0)
    return Error::kStoreWriteOnce;
  CAI_TRY(CheckRoom(client, old, data.size()));

  CAI_TRY_ASSIGN(const Record record,
                 Seal({.size = static_cast<std::uint32_t>(data.size()),
                       .client = client,
                       .flags = flags,
                       .uid = uid,
                       .kind = RecordHeader::kObject},
                      data));
  return AppendOrCompact(record);
}

Result<Bytes> Store::Get(std::int32_t client, std::uint64_t uid,
                         std::uint32_t offset, MutableBytes out) {
  if (uid == 0) return Error::kStoreBadUid;
  CAI_TRY(EnsureMounted());
  const Entry* entry = Find(client, uid);
  if (entry == nullptr) return Error::kStoreNotFound;
  if (offset > entry->size) return Error::kStoreBadOffset;

  RecordHeader header;
  CAI_TRY(Read(entry->offset, MutableView(header)));
  // Read again from flash: what was indexed is what must be there.
  if (header.size != entry->size || header.uid != uid ||
      header.client != client || header.store != store_)
    return Error::kStoreCorrupt;
  const MutableBytes sealed = scratch_.first(header.size + crypto::kTagSize);
  CAI_TRY(Read(entry->offset + sizeof(RecordHeader), sealed));

  const auto nonce = std::as_bytes(std::span(header.nonce));
  const auto plain =
      crypto::AeadOpen(crypto::AeadAlgorithm::kChaCha20Poly1305, sealer_.key(),
                       nonce, Aad(header), sealed, scratch_);
  if (!plain.ok()) return Error::kStoreCorrupt;
  const Bytes copied = CopyInto(out, plain->subspan(offset));
  Wipe(scratch_);
  return copied;
}

Result<Info> Store::GetInfo(std::int32_t client, std::uint64_t uid) {
  if (uid == 0) return Error::kStoreBadUid;
  CAI_TRY(EnsureMounted());
  const Entry* entry = Find(client, uid);
  if (entry == nullptr) return Error::kStoreNotFound;
  return Info{
      .capacity = entry->size, .size = entry->size, .flags = entry->flags};
}

Status Store::Remove(std::int32_t client, std::uint64_t uid) {
  if (uid == 0) return Error::kStoreBadUid;
  CAI_TRY(EnsureMounted());
  const Entry* entry = Find(client, uid);
  if (entry == nullptr) return Error::kStoreNotFound;
  if ((entry->flags & kWriteOnce) != 0) return Error::kStoreWriteOnce;

  CAI_TRY_ASSIGN(
      const Record record,
      Seal({.client = client, .uid = uid, .kind = RecordHeader::kRemoved}, {}));
  return AppendOrCompact(record);
}

// Counts what would live after the change, all clients together and the NSPE
// apart: it cannot crowd out the partitions.
Status Store::CheckRoom(std::int32_t client, const Entry* old,
                        std::size_t size) const {
  std::uint32_t all = RecordSize(size);
  std::uint32_t nonsecure = ForNonSecure(client) ? RecordSize(size) : 0;
  std::size_t objects = 1;
  std::size_t nonsecure_objects = ForNonSecure(client) ? 1 : 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Entry& entry = entries_[i];
    if (&entry == old) continue;
    all += RecordSize(entry.size);
    ++objects;
    if (!ForNonSecure(entry.client)) continue;
    nonsecure += RecordSize(entry.size);
    ++nonsecure_objects;
  }
  const std::uint32_t room = half_size() - sizeof(HalfHeader);
  if (objects > kMaxObjects || all > room) return Error::kStoreFull;
  if (ForNonSecure(client) && (nonsecure_objects > kMaxNonSecureObjects ||
                               nonsecure > room / kNonSecureShare))
    return Error::kStoreFull;
  return kDone;
}

// ---- Writing ----------------------------------------------------------------

Result<Store::Record> Store::Seal(RecordHeader header, Bytes data) {
  CAI_TRY_ASSIGN(const Sealer::Nonce nonce, sealer_.NextNonce());
  header.store = store_;
  std::memcpy(header.nonce, nonce.data(), nonce.size());
  header.crc = Crc32(BeforeCrc(header));

  CAI_TRY_ASSIGN(
      const Bytes sealed,
      crypto::AeadSeal(crypto::AeadAlgorithm::kChaCha20Poly1305, sealer_.key(),
                       nonce, Aad(header), data, scratch_));
  return Record{header, sealed};
}

// After a flash error what is in RAM may not be what is in flash.
Status Store::AppendOrCompact(const Record& record) {
  const bool fits = end_ + RecordSize(record.header.size) <= half_end();
  const Status status = fits ? Append(record) : Compact(&record);
  if (!status.ok()) mounted_ = false;
  return status;
}

Status Store::Append(const Record& record) {
  CAI_TRY(WriteRecord(record, end_));
  Note(record.header, end_);
  end_ += RecordSize(record.header.size);
  return kDone;
}

// The header last: it is what makes the bytes a record.
Status Store::WriteRecord(const Record& record, std::uint32_t offset) {
  CAI_TRY(Program(offset + sizeof(RecordHeader), record.sealed));
  return Program(offset, View(record.header));
}

// Moves the live records to the other half, with `replacing` in the place of
// the object that it supersedes. Nothing of it counts until the half header.
Status Store::Compact(const Record* replacing) {
  const int other = 1 - half_;
  CAI_TRY(EraseHalf(other));

  const Entry* superseded =
      replacing ? Find(replacing->header.client, replacing->header.uid)
                : nullptr;
  std::uint32_t to = half_base(other) + sizeof(HalfHeader);
  for (std::size_t i = 0; i < count_; ++i) {
    if (&entries_[i] == superseded) continue;
    CAI_TRY(CopyRecord(entries_[i], to));
    to += RecordSize(entries_[i].size);
  }
  if (replacing && replacing->header.kind == RecordHeader::kObject)
    CAI_TRY(WriteRecord(*replacing, to));

  CAI_TRY(WriteHalfHeader(other, epoch_ + 1));
  half_ = other;
  ++epoch_;
  count_ = 0;
  return Scan();
}

// As it is, nonce and all: the same plaintext under the same nonce.
Status Store::CopyRecord(const Entry& entry, std::uint32_t to) {
  const std::uint32_t size = RecordSize(entry.size);
  ByteArray<nv::kProgramMax> chunk;
  // The header last, as in WriteRecord().
  for (std::uint32_t at = sizeof(RecordHeader); at < size;) {
    const auto part = MutableBytes(chunk).first(
        std::min<std::size_t>(chunk.size(), size - at));
    CAI_TRY(Read(entry.offset + at, part));
    CAI_TRY(Program(to + at, part));
    at += part.size();
  }
  RecordHeader header;
  CAI_TRY(Read(entry.offset, MutableView(header)));
  return Program(to, View(header));
}

Status Store::WriteHalfHeader(int half, std::uint32_t epoch) {
  HalfHeader header{HalfHeader::kMagic, epoch, store_, 0};
  header.crc = Crc32(BeforeCrc(header));
  return Program(half_base(half), View(header));
}

// ---- Flash, relative to the region ------------------------------------------

Status Store::Read(std::uint32_t offset, MutableBytes out) {
  return spm::FlashRead(region_.offset + offset, out);
}

// In operations that the flash takes; the last is filled up with erased bytes.
Status Store::Program(std::uint32_t offset, Bytes data) {
  for (std::size_t at = 0; at < data.size(); at += nv::kProgramMax) {
    const Bytes part = data.subspan(
        at, std::min<std::size_t>(nv::kProgramMax, data.size() - at));
    ByteArray<nv::kProgramMax> unit;
    unit.fill(std::byte{0xff});
    CopyInto(unit, part);
    CAI_TRY(spm::FlashProgram(
        region_.offset + offset + at,
        Bytes(unit).first(Padded(static_cast<std::uint32_t>(part.size())))));
  }
  return kDone;
}

Status Store::EraseHalf(int half) {
  for (std::uint32_t at = 0; at < half_size(); at += nv::kSectorSize)
    CAI_TRY(spm::FlashErase(region_.offset + half_base(half) + at));
  return kDone;
}

}  // namespace cai::storage
