// Putting records into flash.
#include "device/partitions/storage/store.h"
#include "device/spm/partition.h"

namespace cai::storage {

// First the record, then its version in OTP: a cut between them leaves a log
// that is newer than OTP says, and Mount() catches up. After an error what is
// in RAM may not be what is in flash.
Status Store::Commit(const Record& record) {
  mounted_ = false;
  const bool fits = clean_ && records_ < kMaxRecords &&
                    end_ + RecordSize(record.header) <= half_end();
  CAI_TRY(fits ? Append(record) : Compact(record));
  CAI_TRY(RaiseVersion(record.header.version));
  mounted_ = true;
  return kDone;
}

Status Store::Append(const Record& record) {
  CAI_TRY(WriteRecord(record, end_, chain_));
  Note(record.header, end_);
  end_ += RecordSize(record.header);
  ++records_;
  return kDone;
}

// The header last: it is what makes the bytes a record.
Status Store::WriteRecord(Record record, std::uint32_t offset,
                          crypto::Digest& chain) {
  Close(record.header, sealer_, chain);
  if (!record.sealed.empty())
    CAI_TRY(Program(offset + sizeof(RecordHeader), record.sealed));
  return Program(offset, View(record.header));
}

// Moves the live records to the other half, with `replacing` in the place of
// the object that it supersedes. Nothing of it counts until the first record.
Status Store::Compact(const Record& replacing) {
  const int other = 1 - half_;
  CAI_TRY(EraseHalf(other));
  RecordHeader begin{.version = replacing.header.version,
                     .uid = epoch_ + 1,
                     .kind = Kind::kBegin,
                     .store = place_.store};
  crypto::Digest chain{};
  Close(begin, sealer_, chain);

  const Entry* const superseded =
      Find(replacing.header.client, replacing.header.uid);
  std::uint32_t to = half_base(other) + RecordSize(begin);
  for (const Entry& entry : std::span(entries_).first(count_)) {
    if (&entry == superseded) continue;
    CAI_TRY(CopyRecord(entry, to, chain));
    to += RecordSize(Kind::kObject, entry.size);
  }
  if (replacing.header.kind == Kind::kObject)
    CAI_TRY(WriteRecord(replacing, to, chain));
  CAI_TRY(Program(half_base(other), View(begin)));

  half_ = other;
  ++epoch_;
  CAI_TRY_ASSIGN(const bool authentic, Walk());
  clean_ = true;
  return authentic ? Status(kDone) : Error::kStoreCorrupt;
}

// As it is, nonce and all, but for its place in the chain.
Status Store::CopyRecord(const Entry& entry, std::uint32_t to,
                         crypto::Digest& chain) {
  CAI_TRY_ASSIGN(RecordHeader header, ReadHeader(entry));
  ByteArray<nv::kProgramMax> chunk;
  for (std::uint32_t at = sizeof(RecordHeader); at < RecordSize(header);) {
    const auto part = MutableBytes(chunk).first(
        std::min<std::size_t>(chunk.size(), RecordSize(header) - at));
    CAI_TRY(Read(entry.offset + at, part));
    CAI_TRY(Program(to + at, part));
    at += part.size();
  }
  Close(header, sealer_, chain);
  return Program(to, View(header));
}

Status Store::RaiseVersion(std::uint32_t to) {
  if (to > version_) CAI_TRY(spm::AdvanceCounter(place_.version, to));
  version_ = std::max(version_, to);
  return kDone;
}

// ---- Flash, relative to the region ------------------------------------------

Status Store::Read(std::uint32_t offset, MutableBytes out) {
  return spm::FlashRead(place_.region.offset + offset, out);
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
        place_.region.offset + offset + static_cast<std::uint32_t>(at),
        Bytes(unit).first(Padded(static_cast<std::uint32_t>(part.size())))));
  }
  return kDone;
}

Status Store::EraseHalf(int half) {
  for (std::uint32_t at = 0; at < half_size(); at += nv::kSectorSize)
    CAI_TRY(spm::FlashErase(place_.region.offset + half_base(half) + at));
  return kDone;
}

}  // namespace cai::storage
