// A store of small objects in one flash region: a log of records (record.h) in
// one of two halves. An object's newest record counts; when a half is full, the
// live records move to the other half, whose first record is written last. So
// both halves are erased equally often.
//
// Whatever flash operation the power fails in, after the next Mount() each
// object has its old or its new value. Mount() writes nothing unless it has to
// begin an empty store: what a cut left behind the log is cleared away by the
// next write.
//
// An older state of the flash is noticed by its version (docs/design/0020): an
// OTP counter stands at the version of the newest state. A partition's write,
// the first of the non-secure side in a boot and every 64th thereafter make a
// new version; what is older, or was tampered with, is dropped, and the store
// begins empty.
#pragma once

#include <cstdint>

#include "device/nv/layout.h"
#include "device/partitions/storage/api.h"
#include "device/partitions/storage/record.h"
#include "device/partitions/storage/sealer.h"
#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::storage {

constexpr std::size_t kMaxObjects = 48;
// Of these at most so many are the NSPE's, with at most this part of a half;
// the persistent keys that crypto keeps for it count among them.
constexpr std::size_t kMaxNonSecureObjects = 32;
constexpr std::uint32_t kNonSecureShare = 2;  // half of a half
// How long a Mount() can take: records that a half may hold.
constexpr std::size_t kMaxRecords = 768;

constexpr std::uint32_t kNonSecureWritesPerVersion = 64;

struct Place {
  nv::Region region;
  std::uint8_t store;      // authenticates which store a record belongs to
  nv::Counter version;     // in OTP
  std::uint32_t versions;  // that the counter can count to
};
constexpr Place kItsPlace{nv::kIts, 1, nv::Counter::kItsVersion,
                          nv::kItsVersions};
constexpr Place kPsPlace{nv::kPs, 2, nv::Counter::kPsVersion, nv::kPsVersions};

class Store {
 public:
  // `sealer` and `scratch` (shared by stores, never across calls) outlive it.
  constexpr Store(const Place& place, Sealer& sealer,
                  std::span<std::byte, kMaxSealed> scratch)
      : place_(place), sealer_(sealer), scratch_(scratch) {}

  // Finds the live half and its objects, in bounded time. Called by the other
  // functions after a flash error, too.
  Status Mount();

  // kStoreFull also where no version is left for the change.
  Status Set(std::int32_t client, std::uint64_t uid, std::uint32_t flags,
             Bytes data);
  // As many bytes from `offset` as there are and fit; returns that part of out.
  Result<Bytes> Get(std::int32_t client, std::uint64_t uid,
                    std::uint32_t offset, MutableBytes out);
  Result<storage_api::Info> GetInfo(std::int32_t client, std::uint64_t uid);
  Status Remove(std::int32_t client, std::uint64_t uid);

  std::size_t objects() const { return count_; }
  // The last Mount() found no store where there was none before, or none that
  // is authentic and as new as the version in OTP; and made an empty one.
  bool formatted() const { return outcome_ == Outcome::kFormatted; }
  bool rolled_back() const { return outcome_ == Outcome::kRolledBack; }

 private:
  enum class Outcome : std::uint8_t { kFound, kFormatted, kRolledBack };
  struct Entry {
    std::uint64_t uid;
    std::int32_t client;
    std::uint32_t offset;  // of the record in the region
    std::uint32_t version;
    std::uint16_t size;
    std::uint8_t flags;
  };
  struct Record {
    RecordHeader header;
    Bytes sealed;
  };

  std::uint32_t half_size() const { return place_.region.size / 2; }
  std::uint32_t half_base(int half) const { return half * half_size(); }
  std::uint32_t half_end() const { return half_base(half_) + half_size(); }

  // store_mount.cc
  Status EnsureMounted();
  Result<bool> FindHalf();
  Result<bool> Walk();
  Status Begin(Outcome outcome);
  Result<bool> TailIsErased();
  void Note(const RecordHeader& header, std::uint32_t offset);
  Entry* Find(std::int32_t client, std::uint64_t uid);
  void Forget(Entry* entry);

  // store.cc
  Status CheckRoom(std::int32_t client, const Entry* old,
                   std::size_t size) const;
  Result<std::uint32_t> NextVersion(std::int32_t client, std::uint32_t flags);
  Result<RecordHeader> ReadHeader(const Entry& entry);
  Result<Record> Seal(RecordHeader header, Bytes data);

  // store_write.cc
  Status Commit(const Record& record);
  Status Append(const Record& record);
  Status Compact(const Record& replacing);
  Status WriteRecord(Record record, std::uint32_t offset,
                     crypto::Digest& chain);
  Status CopyRecord(const Entry& entry, std::uint32_t to,
                    crypto::Digest& chain);
  Status RaiseVersion(std::uint32_t to);
  Status Read(std::uint32_t offset, MutableBytes out);
  Status Program(std::uint32_t offset, Bytes data);
  Status EraseHalf(int half);

  const Place place_;
  Sealer& sealer_;
  std::span<std::byte, kMaxSealed> scratch_;

  bool mounted_ = false;
  bool clean_ = false;  // behind the log all is erased
  Outcome outcome_ = Outcome::kFound;
  int half_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint32_t version_ = 0;  // as OTP has it
  std::uint32_t newest_ = 0;   // as the log has it
  std::uint32_t end_ = 0;      // where the next record goes, in the region
  std::size_t records_ = 0;
  crypto::Digest chain_ = {};
  std::uint32_t nonsecure_writes_ = 0;  // in this boot
  std::size_t count_ = 0;
  Entry entries_[kMaxObjects] = {};
};

}  // namespace cai::storage
