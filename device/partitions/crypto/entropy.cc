#include "device/partitions/crypto/entropy.h"

#include <cstring>
#include <type_traits>

#include "device/spm/partition.h"
#include "lib/crypto/hash.h"
#include "lib/keys/keys.h"

namespace cai::crypto_partition {
namespace {

// Two sectors take turns: the new record is whole before the old one goes.
constexpr int kSlots = 2;

struct CarryRecord {
  static constexpr std::uint32_t kMagic = 0x32434143;  // "CAC2"

  std::uint32_t magic = kMagic;
  std::uint32_t boot_count = 0;
  std::byte carry[32] = {};
  std::byte seed_tag[16] = {};  // of the seed that was used, to know it again
  std::byte mac[16] = {};
};
static_assert(sizeof(CarryRecord) == 72);
static_assert(sizeof(CarryRecord) % nv::kProgramUnit == 0);
static_assert(std::has_unique_object_representations_v<CarryRecord>);

// Safety: trivially copyable without padding (asserted).
Bytes View(const CarryRecord& record) {
  return {reinterpret_cast<const std::byte*>(&record), sizeof(record)};
}
MutableBytes MutableView(CarryRecord& record) {
  return {reinterpret_cast<std::byte*>(&record), sizeof(record)};
}

constexpr std::uint32_t SlotOffset(int slot) {
  return nv::kCarry.offset + slot * nv::kSectorSize;
}

crypto::Digest Tag(Bytes drbg_key, std::string_view label, Bytes data) {
  Secret<32> key;
  keys::Expand(drbg_key, label, 0, key.mutable_bytes());
  crypto::Digest tag;
  crypto::Hmac(key.bytes(), {data}, tag);
  return tag;
}

crypto::Digest Mac(Bytes drbg_key, const CarryRecord& record) {
  return Tag(drbg_key, "carry-mac",
             View(record).first(offsetof(CarryRecord, mac)));
}

bool Authentic(Bytes drbg_key, const CarryRecord& record) {
  return record.magic == CarryRecord::kMagic &&
         ConstantTimeEqual(Bytes(Mac(drbg_key, record)).first(16), record.mac);
}

// The authentic record of the latest boot, and its slot; -1 if none.
struct Current {
  int slot = -1;
  CarryRecord record;
};
Result<Current> ReadCurrent(Bytes drbg_key) {
  Current current;
  for (int slot = 0; slot < kSlots; ++slot) {
    CarryRecord record;
    CAI_TRY(spm::FlashRead(SlotOffset(slot), MutableView(record)));
    if (!Authentic(drbg_key, record)) continue;
    if (current.slot >= 0 && record.boot_count < current.record.boot_count)
      continue;
    current = {slot, record};
  }
  return current;
}

// Writes beside the current record, reads back, then erases the current one:
// a cut leaves one of the two whole.
Status Replace(const Current& current, const CarryRecord& record) {
  const int slot = current.slot == 0 ? 1 : 0;
  CAI_TRY(spm::FlashErase(SlotOffset(slot)));
  CAI_TRY(spm::FlashProgram(SlotOffset(slot), View(record)));
  CarryRecord written;
  CAI_TRY(spm::FlashRead(SlotOffset(slot), MutableView(written)));
  if (!Equal(View(written), View(record))) return Error::kFlashNotErased;
  return current.slot < 0 ? Status(kDone)
                          : spm::FlashErase(SlotOffset(current.slot));
}

}  // namespace

Result<Entropy> StartEntropy(std::span<const std::byte, 32> drbg_key,
                             std::span<const std::byte, 64> seed,
                             std::uint32_t boot_count) {
  CAI_TRY_ASSIGN(Current current, ReadCurrent(drbg_key));
  Entropy entropy;
  crypto::Hmac(drbg_key,
               {seed, Bytes(current.record.carry), BigEndian(boot_count)},
               entropy.prk.mutable_bytes());

  CarryRecord next;
  next.boot_count = boot_count;
  keys::Expand(entropy.prk.bytes(), "carry", boot_count, next.carry);
  std::memcpy(next.seed_tag, Tag(drbg_key, "seed-tag", seed).data(),
              sizeof(next.seed_tag));
  entropy.fault = CheckSeed(seed);
  entropy.seed_repeated = Equal(next.seed_tag, current.record.seed_tag);
  std::memcpy(next.mac, Mac(drbg_key, next).data(), sizeof(next.mac));
  const Status status = Replace(current, next);
  Wipe(MutableView(current.record));
  Wipe(MutableView(next));
  if (!status.ok()) return status.error();
  return entropy;
}

}  // namespace cai::crypto_partition
