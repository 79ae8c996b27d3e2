// The sessions that this process has in memory, found by what a reading names:
// its topic's device and its key id. Readings arrive in no order, so a lookup
// costs two lines of cache that are nowhere near; Expect() and Approach() load
// them while earlier readings are opened.
#pragma once

#include <sys/mman.h>

#include <new>
#include <vector>

#include "lib/wire/sealed.h"

namespace cai::ingest {

// Memory in huge pages, if the system has some: sessions are visited at random,
// and a page walk costs as much as the line behind it.
template <typename T>
struct HugePages {
  using value_type = T;
  static constexpr std::size_t kPage = std::size_t{2} << 20;
  static std::size_t SizeOf(std::size_t count) {
    return (count * sizeof(T) + kPage - 1) / kPage * kPage;
  }

  T* allocate(std::size_t count) {
    void* const memory = ::operator new(SizeOf(count), std::align_val_t{kPage});
    madvise(memory, SizeOf(count), MADV_HUGEPAGE);  // a wish: it may be refused
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t) {
    ::operator delete(memory, std::align_val_t{kPage});
  }
  friend bool operator==(const HugePages&, const HugePages&) = default;
};

class LiveSessions {
 public:
  struct Key {
    wire::Uuid device{};
    std::uint16_t key_id = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  // Which stored state the one in memory was made of: it is used only while the
  // store has no other.
  using Version = ByteArray<16>;

  // Key, epoch's keys and counters share two lines.
  struct alignas(64) Entry {
    Key key;
    wire::LiveSession session;
    Version version;
  };

  // When a session more than `capacity` comes, all are forgotten: a state in
  // memory is never more than a copy.
  explicit LiveSessions(std::size_t capacity);

  void Forget();

  // Until the next Put() or Forget().
  Entry* Find(const Key& key);
  Entry& Put(const Key& key, const Version& version, wire::LiveSession session);

  // Hints, in this order and some readings apart.
  void Expect(const Key& key) const;
  void Approach(const Key& key, std::uint32_t sequence) const;

 private:
  // 0 is free, else the place in entries_ plus 1.
  using Place = std::uint32_t;
  std::size_t StartOf(const Key& key) const;
  std::size_t SlotOf(const Key& key) const;

  std::size_t capacity_;
  std::vector<Place> slots_;  // a power of two, at most half in use
  std::vector<Entry, HugePages<Entry>> entries_;
};

}  // namespace cai::ingest
