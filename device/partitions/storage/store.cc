// The functions of the API, and what they may cost.
#include "device/partitions/storage/store.h"

#include <cstring>

#include "device/spm/services.h"
#include "lib/base/secret.h"

namespace cai::storage {
namespace {

using storage_api::Info;
using storage_api::kMaxObject;

// psa/storage_common.h
constexpr std::uint32_t kWriteOnce = 1;
constexpr std::uint32_t kNoReplayProtection = 4;
constexpr std::uint32_t kKnownFlags = 7;  // confidentiality is given anyway

// The NSPE's own objects, and what crypto keeps for it: its persistent keys.
constexpr bool ForNonSecure(std::int32_t client) {
  return client < 0 ||
         client == static_cast<std::int32_t>(spm::PartitionId::kCrypto);
}

Sealer::Nonce NonceOf(const RecordHeader& header) {
  Sealer::Nonce nonce;
  std::memcpy(nonce.data(), header.nonce, nonce.size());
  return nonce;
}

}  // namespace

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
  CAI_TRY_ASSIGN(const std::uint32_t version, NextVersion(client, flags));

  CAI_TRY_ASSIGN(const Record record,
                 Seal({.version = version,
                       .client = client,
                       .size = static_cast<std::uint32_t>(data.size()),
                       .uid = uid,
                       .kind = Kind::kObject,
                       .store = place_.store,
                       .flags = static_cast<std::uint8_t>(flags)},
                      data));
  return Commit(record);
}

Result<Bytes> Store::Get(std::int32_t client, std::uint64_t uid,
                         std::uint32_t offset, MutableBytes out) {
  if (uid == 0) return Error::kStoreBadUid;
  CAI_TRY(EnsureMounted());
  const Entry* entry = Find(client, uid);
  if (entry == nullptr) return Error::kStoreNotFound;
  if (offset > entry->size) return Error::kStoreBadOffset;

  CAI_TRY_ASSIGN(const RecordHeader header, ReadHeader(*entry));
  const MutableBytes sealed =
      scratch_.first(SealedSize(header.kind, header.size));
  CAI_TRY(Read(entry->offset + sizeof(RecordHeader), sealed));
  const auto plain =
      sealer_.Open(NonceOf(header), Covered(header), sealed, scratch_);
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

// A removal hides nothing, so it needs no nonce: its place in the chain
// authenticates it.
Status Store::Remove(std::int32_t client, std::uint64_t uid) {
  if (uid == 0) return Error::kStoreBadUid;
  CAI_TRY(EnsureMounted());
  const Entry* entry = Find(client, uid);
  if (entry == nullptr) return Error::kStoreNotFound;
  if ((entry->flags & kWriteOnce) != 0) return Error::kStoreWriteOnce;
  CAI_TRY_ASSIGN(const std::uint32_t version,
                 NextVersion(client, entry->flags));
  return Commit({{.version = version,
                  .client = client,
                  .uid = uid,
                  .kind = Kind::kRemoved,
                  .store = place_.store},
                 {}});
}

// Counts what would live after the change, all clients together and the NSPE
// apart: it cannot crowd out the partitions. An eighth of a half stays free, so
// that moving to the other half always gains something.
Status Store::CheckRoom(std::int32_t client, const Entry* old,
                        std::size_t size) const {
  const std::uint32_t changed =
      RecordSize(Kind::kObject, static_cast<std::uint32_t>(size));
  std::uint32_t all = changed;
  std::uint32_t nonsecure = ForNonSecure(client) ? changed : 0;
  std::size_t objects = 1;
  std::size_t nonsecure_objects = ForNonSecure(client) ? 1 : 0;
  for (const Entry& entry : std::span(entries_).first(count_)) {
    if (&entry == old) continue;
    all += RecordSize(Kind::kObject, entry.size);
    ++objects;
    if (!ForNonSecure(entry.client)) continue;
    nonsecure += RecordSize(Kind::kObject, entry.size);
    ++nonsecure_objects;
  }
  const std::uint32_t room = half_size() - half_size() / 8;
  if (objects > kMaxObjects || all > room) return Error::kStoreFull;
  if (ForNonSecure(client) && (nonsecure_objects > kMaxNonSecureObjects ||
                               nonsecure > room / kNonSecureShare))
    return Error::kStoreFull;
  return kDone;
}

// The version that the change makes. The last eighth of all versions is not for
// the NSPE, which could use them up on purpose.
Result<std::uint32_t> Store::NextVersion(std::int32_t client,
                                         std::uint32_t flags) {
  if ((flags & kNoReplayProtection) != 0) return version_;
  if (ForNonSecure(client) &&
      nonsecure_writes_++ % kNonSecureWritesPerVersion != 0)
    return version_;
  const std::uint32_t limit = ForNonSecure(client)
                                  ? place_.versions - place_.versions / 8
                                  : place_.versions;
  if (version_ >= limit) return Error::kStoreFull;
  return version_ + 1;
}

// From flash, where what was indexed must still be.
Result<RecordHeader> Store::ReadHeader(const Entry& entry) {
  RecordHeader header;
  CAI_TRY(Read(entry.offset, MutableView(header)));
  if (!IsWhole(header, place_.store) || header.kind != Kind::kObject ||
      header.uid != entry.uid || header.client != entry.client ||
      header.size != entry.size || header.version != entry.version)
    return Error::kStoreCorrupt;
  return header;
}

Result<Store::Record> Store::Seal(RecordHeader header, Bytes data) {
  CAI_TRY_ASSIGN(const Sealer::Nonce nonce, sealer_.NextNonce());
  std::memcpy(header.nonce, nonce.data(), nonce.size());
  CAI_TRY_ASSIGN(const Bytes sealed,
                 sealer_.Seal(nonce, Covered(header), data, scratch_));
  return Record{header, sealed};
}

}  // namespace cai::storage
