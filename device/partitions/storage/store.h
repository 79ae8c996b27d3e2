// A store of small objects in one flash region: a log of encrypted records in
// one of two halves. An object's newest record counts; when a half is full, the
// live records move to the other half, whose header is written last.
//
// Whatever flash operation the power fails in, after the next Mount() each
// object has its old or its new value. Records are sealed with
// ChaCha20-Poly1305; client, uid, size and flags are authenticated. That an old
// image of the flash was put back is not noticed here.
#pragma once

#include <cstdint>

#include "device/nv/layout.h"
#include "device/partitions/storage/api.h"
#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/crypto/aead.h"

namespace cai::storage {

// Seals records under the storage key. A nonce is the boot counter and a count
// of this boot's writes, so a restored flash cannot make one repeat
// (protocol.md, C5).
class Sealer {
 public:
  Sealer() = default;
  // `boot_count` 0 means that boot could not advance it: nothing is written.
  void Start(Secret<32> key, std::uint32_t boot_count);

  using Nonce = ByteArray<crypto::kNonceSize>;
  Result<Nonce> NextNonce();  // kStoreNoNonce
  Bytes key() const { return key_.bytes(); }

 private:
  Secret<32> key_;
  std::uint64_t boot_count_ = 0;
  std::uint32_t writes_ = 0;
};

constexpr std::size_t kMaxSealed = storage_api::kMaxObject + crypto::kTagSize;
constexpr std::size_t kMaxObjects = 48;
// Of these at most so many are the NSPE's, with at most this part of a half;
// the persistent keys that crypto keeps for it count among them.
constexpr std::size_t kMaxNonSecureObjects = 32;
constexpr std::uint32_t kNonSecureShare = 2;  // half of a half

// What a record says of itself; written after its sealed bytes, so a valid
// header means a whole record. The bytes are the value: no padding.
struct RecordHeader {
  static constexpr std::uint32_t kMagic = 0x52494143;  // "CAIR"
  enum Kind : std::uint8_t { kObject = 1, kRemoved = 2 };

  std::uint32_t magic = kMagic;
  std::uint32_t size = 0;  // of the plaintext
  std::int32_t client = 0;
  std::uint32_t flags = 0;
  std::uint64_t uid = 0;
  std::uint8_t nonce[crypto::kNonceSize] = {};
  std::uint8_t kind = 0;
  std::uint8_t store = 0;
  std::uint16_t reserved = 0;
  std::uint32_t reserved2 = 0;
  std::uint32_t crc = 0;  // over all before: only against torn writes
};
static_assert(sizeof(RecordHeader) == 48);
static_assert(std::has_unique_object_representations_v<RecordHeader>);

class Store {
 public:
  // `store` is the number that authenticates which store a record belongs to;
  // `sealer` and `scratch` (shared by stores, never across calls) outlive it.
  constexpr Store(nv::Region region, std::uint8_t store, Sealer& sealer,
                  std::span<std::byte, kMaxSealed> scratch)
      : region_(region), store_(store), sealer_(sealer), scratch_(scratch) {}

  // Finds the live half and its objects; an empty or foreign region becomes an
  // empty store. Called by the other functions after a flash error, too.
  Status Mount();

  Status Set(std::int32_t client, std::uint64_t uid, std::uint32_t flags,
             Bytes data);
  // As many bytes from `offset` as there are and fit; returns that part of out.
  Result<Bytes> Get(std::int32_t client, std::uint64_t uid,
                    std::uint32_t offset, MutableBytes out);
  Result<storage_api::Info> GetInfo(std::int32_t client, std::uint64_t uid);
  Status Remove(std::int32_t client, std::uint64_t uid);

  std::size_t objects() const { return count_; }
  // The last Mount() found no store and made an empty one.
  bool formatted() const { return formatted_; }

 private:
  struct Entry {
    std::uint64_t uid;
    std::int32_t client;
    std::uint32_t offset;  // of the record in the region
    std::uint32_t flags;
    std::uint32_t size;
  };
  struct Record {
    RecordHeader header;
    Bytes sealed;
  };

  std::uint32_t half_size() const { return region_.size / 2; }
  std::uint32_t half_base(int half) const { return half * half_size(); }
  std::uint32_t half_end() const { return half_base(half_) + half_size(); }

  Status EnsureMounted();
  Status FindHalf();
  Status Format();
  Status Scan();
  Result<bool> RestIsErased();
  void Note(const RecordHeader& header, std::uint32_t offset);
  Entry* Find(std::int32_t client, std::uint64_t uid);
  void Forget(Entry* entry);
  Status CheckRoom(std::int32_t client, const Entry* old,
                   std::size_t size) const;

  Result<Record> Seal(RecordHeader header, Bytes data);
  Status Append(const Record& record);
  Status AppendOrCompact(const Record& record);
  Status WriteRecord(const Record& record, std::uint32_t offset);
  Status Compact(const Record* replacing);
  Status CopyRecord(const Entry& entry, std::uint32_t to);
  Status WriteHalfHeader(int half, std::uint32_t epoch);

  Status Read(std::uint32_t offset, MutableBytes out);
  Status Program(std::uint32_t offset, Bytes data);
  Status EraseHalf(int half);

  const nv::Region region_;
  const std::uint8_t store_;
  Sealer& sealer_;
  std::span<std::byte, kMaxSealed> scratch_;

  bool mounted_ = false;
  bool formatted_ = false;
  int half_ = 0;
  std::uint32_t epoch_ = 0;
  std::uint32_t end_ = 0;  // where the next record goes, in the region
  std::size_t count_ = 0;
  Entry entries_[kMaxObjects] = {};
};

}  // namespace cai::storage
