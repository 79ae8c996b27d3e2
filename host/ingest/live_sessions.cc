#include "host/ingest/live_sessions.h"

#include <bit>
#include <cstring>

namespace cai::ingest {

LiveSessions::LiveSessions(std::size_t capacity)
    : capacity_(capacity), slots_(std::bit_ceil(2 * capacity)) {
  entries_.reserve(capacity);
}

// UUIDs are made of the HUK by a hash and registered: nobody chooses one, so
// eight bytes of it spread well.
std::size_t LiveSessions::StartOf(const Key& key) const {
  std::uint64_t hash;
  std::memcpy(&hash, key.device.data() + 8, sizeof hash);
  hash = (hash ^ key.key_id) * 0x9e3779b97f4a7c15;
  return (hash >> 32) & (slots_.size() - 1);
}

// Where the key is, or could be.
std::size_t LiveSessions::SlotOf(const Key& key) const {
  std::size_t slot = StartOf(key);
  while (slots_[slot] != 0 && entries_[slots_[slot] - 1].key != key)
    slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

void LiveSessions::Expect(const Key& key) const {
  __builtin_prefetch(&slots_[StartOf(key)]);
}

// Of the first place alone: most sessions are there.
void LiveSessions::Approach(const Key& key, std::uint32_t sequence) const {
  const Place place = slots_[StartOf(key)];
  if (place == 0) return;
  const Entry& entry = entries_[place - 1];
  __builtin_prefetch(&entry.key);
  entry.session.Prefetch(sequence);
}

void LiveSessions::Forget() {
  entries_.clear();
  std::ranges::fill(slots_, 0);
}

LiveSessions::Entry* LiveSessions::Find(const Key& key) {
  const Place place = slots_[SlotOf(key)];
  return place == 0 ? nullptr : &entries_[place - 1];
}

LiveSessions::Entry& LiveSessions::Put(const Key& key, const Version& version,
                                       wire::LiveSession session) {
  if (Entry* const there = Find(key)) {
    *there = {key, std::move(session), version};
    return *there;
  }
  if (entries_.size() == capacity_) Forget();
  entries_.push_back({key, std::move(session), version});
  slots_[SlotOf(key)] = static_cast<Place>(entries_.size());
  return entries_.back();
}

}  // namespace cai::ingest
