// The log's records as they lie in flash. A half begins with a kBegin record;
// each object written or removed adds one. A header is programmed after what
// follows it, so a whole header means a whole record.
//
// The headers form a chain: digest(i) = SHA-256(digest(i-1) || header(i) up to
// `mac`), digest before the first = 32 zeros, and mac(i) authenticates
// digest(i). So one valid mac vouches for all that lies before it: nothing can
// be left out of the log, put into it or exchanged, only cut off behind a
// record; and that the version tells (store.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "device/nv/layout.h"
#include "device/partitions/storage/api.h"
#include "device/partitions/storage/sealer.h"
#include "lib/base/bytes.h"
#include "lib/crypto/hash.h"

namespace cai::storage {

enum class Kind : std::uint8_t { kObject = 1, kRemoved = 2, kBegin = 3 };

// Without padding: the bytes are the value.
struct RecordHeader {
  static constexpr std::uint32_t kMagic = 0x32494143;  // "CAI2"

  std::uint32_t magic = kMagic;
  std::uint32_t version = 0;  // of the store with this record
  std::int32_t client = 0;
  std::uint32_t size = 0;  // of the plaintext
  std::uint64_t uid = 0;   // of kBegin: the epoch
  std::uint8_t nonce[crypto::kNonceSize] = {};
  Kind kind = Kind::kObject;
  std::uint8_t store = 0;
  std::uint8_t flags = 0;
  std::uint8_t reserved = 0;
  std::uint32_t reserved2 = 0;
  std::uint8_t mac[kMacSize] = {};
  std::uint32_t crc = 0;  // over all before: only against torn writes
};
static_assert(sizeof(RecordHeader) == 64);
static_assert(offsetof(RecordHeader, mac) == 44);
static_assert(std::has_unique_object_representations_v<RecordHeader>);

constexpr std::size_t kMaxSealed = storage_api::kMaxObject + crypto::kTagSize;

constexpr std::uint32_t Padded(std::uint32_t size) {
  return (size + nv::kProgramUnit - 1) & ~(nv::kProgramUnit - 1);
}

// What follows a header: an object and its tag, or nothing.
constexpr std::uint32_t SealedSize(Kind kind, std::uint32_t size) {
  return kind == Kind::kObject ? size + std::uint32_t{crypto::kTagSize} : 0;
}

// Of flash. A record of the largest object takes 2,128 bytes.
constexpr std::uint32_t RecordSize(Kind kind, std::uint32_t size) {
  return sizeof(RecordHeader) + Padded(SealedSize(kind, size));
}
constexpr std::uint32_t RecordSize(const RecordHeader& header) {
  return RecordSize(header.kind, header.size);
}
constexpr std::uint32_t kMaxRecord =
    RecordSize(Kind::kObject, storage_api::kMaxObject);

Bytes View(const RecordHeader& header);
MutableBytes MutableView(RecordHeader& header);

// What the chain covers, and what the AEAD authenticates besides the object.
Bytes Covered(const RecordHeader& header);

// Magic, CRC and fields are those of a record of `store`; says nothing of who
// wrote it.
bool IsWhole(const RecordHeader& header, std::uint8_t store);

// Fills in mac and crc, as the next record after `chain`; moves `chain` on.
void Close(RecordHeader& header, const Sealer& sealer, crypto::Digest& chain);

// Moves `chain` over a record that was read.
void Follow(const RecordHeader& header, crypto::Digest& chain);

// After Follow(): this record and all before it are the sealer's.
bool Vouches(const RecordHeader& header, const Sealer& sealer,
             const crypto::Digest& chain);

}  // namespace cai::storage
