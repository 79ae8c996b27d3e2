// Finding the store again after a start.
#include "device/partitions/storage/store.h"
#include "device/spm/partition.h"

namespace cai::storage {

Status Store::Mount() {
  mounted_ = false;
  outcome_ = Outcome::kFound;
  CAI_TRY_ASSIGN(version_, spm::ReadCounter(place_.version));
  CAI_TRY_ASSIGN(const bool found, FindHalf());
  if (!found)
    return Begin(version_ == 0 ? Outcome::kFormatted : Outcome::kRolledBack);

  CAI_TRY_ASSIGN(const bool authentic, Walk());
  if (!authentic || newest_ < version_) return Begin(Outcome::kRolledBack);
  // Power went between a record and its version in OTP. Who reads the record
  // from now on must find it for ever.
  CAI_TRY(RaiseVersion(newest_));
  CAI_TRY_ASSIGN(clean_, TailIsErased());
  mounted_ = true;
  return kDone;
}

Status Store::EnsureMounted() { return mounted_ ? Status(kDone) : Mount(); }

// The half with the highest epoch among those whose first record is authentic.
Result<bool> Store::FindHalf() {
  bool found = false;
  epoch_ = 0;
  for (int half = 0; half < 2; ++half) {
    RecordHeader header;
    CAI_TRY(Read(half_base(half), MutableView(header)));
    crypto::Digest chain{};
    Follow(header, chain);
    if (!IsWhole(header, place_.store) || header.kind != Kind::kBegin ||
        !Vouches(header, sealer_, chain) || header.uid <= epoch_)
      continue;
    found = true;
    half_ = half;
    epoch_ = header.uid;
  }
  return found;
}

// Reads the records up to the first that is none. False unless the last one
// vouches for the log.
Result<bool> Store::Walk() {
  count_ = 0;
  records_ = 0;
  newest_ = 0;
  chain_ = {};
  end_ = half_base(half_);
  RecordHeader last, header;
  while (records_ < kMaxRecords && end_ + sizeof(RecordHeader) <= half_end()) {
    CAI_TRY(Read(end_, MutableView(header)));
    if (!IsWhole(header, place_.store) ||
        (header.kind == Kind::kBegin) != (records_ == 0) ||
        end_ + RecordSize(header) > half_end())
      break;
    Follow(header, chain_);
    Note(header, end_);
    last = header;
    newest_ = std::max(newest_, header.version);
    end_ += RecordSize(header);
    ++records_;
  }
  return records_ > 0 && Vouches(last, sealer_, chain_);
}

// A later record replaces an earlier one. (An authentic log never has more
// objects than entries_: Set() refuses.)
void Store::Note(const RecordHeader& header, std::uint32_t offset) {
  if (header.kind == Kind::kBegin) return;
  Entry* entry = Find(header.client, header.uid);
  if (header.kind == Kind::kRemoved) return Forget(entry);
  if (entry == nullptr) {
    if (count_ == kMaxObjects) return;
    entry = &entries_[count_++];
  }
  *entry = {.uid = header.uid,
            .client = header.client,
            .offset = offset,
            .version = header.version,
            .size = static_cast<std::uint16_t>(header.size),
            .flags = header.flags};
}

// An empty store of a new version, in the half that is not the one looked at:
// what was refused there is refused again if the power goes before the end.
Status Store::Begin(Outcome outcome) {
  if (version_ >= place_.versions) return Error::kCounterExhausted;
  const int half = 1 - half_;
  CAI_TRY(EraseHalf(half));
  crypto::Digest chain{};
  const RecordHeader begin{.version = version_ + 1,
                           .uid = epoch_ + 1,
                           .kind = Kind::kBegin,
                           .store = place_.store};
  CAI_TRY(WriteRecord({begin, {}}, half_base(half), chain));
  CAI_TRY(RaiseVersion(begin.version));
  CAI_TRY_ASSIGN(const bool found, FindHalf());
  CAI_TRY_ASSIGN(const bool authentic, Walk());
  if (!found || !authentic) return Error::kStoreCorrupt;
  outcome_ = outcome;
  clean_ = true;
  mounted_ = true;
  return kDone;
}

// Where the next record may go. A cut leaves at most one record's bytes behind
// the log.
Result<bool> Store::TailIsErased() {
  const std::uint32_t end = std::min(half_end(), end_ + kMaxRecord);
  for (std::uint32_t at = end_; at < end;) {
    const MutableBytes part =
        scratch_.first(std::min<std::size_t>(scratch_.size(), end - at));
    CAI_TRY(Read(at, part));
    if (!std::ranges::all_of(part,
                             [](std::byte b) { return b == std::byte{0xff}; }))
      return false;
    at += static_cast<std::uint32_t>(part.size());
  }
  return true;
}

Store::Entry* Store::Find(std::int32_t client, std::uint64_t uid) {
  for (Entry& entry : std::span(entries_).first(count_))
    if (entry.client == client && entry.uid == uid) return &entry;
  return nullptr;
}

void Store::Forget(Entry* entry) {
  if (entry != nullptr) *entry = entries_[--count_];
}

}  // namespace cai::storage
