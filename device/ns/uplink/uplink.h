// Carries sealed bytes: asks the secure side for the next message, publishes
// it, and hands what comes down to the secure side. It understands none of it.
//
// Nothing is dropped here: a message taken from the secure side stays in the
// publisher until the broker has it. While the publisher is full the uplink
// stops asking, so the secure side takes no readings meanwhile and the sequence
// shows no gap; what was not measured is missing in time alone.
#pragma once

#include <cstdint>

#include "device/ns/link/link.h"
#include "device/spm/services.h"
#include "lib/wire/types.h"

namespace cai::ns {

class Uplink final : public LinkListener {
 public:
  // At most one repeat of the session message in this time (protocol.md, 1.5).
  static constexpr std::uint64_t kNeedMs = 30'000;
  // Ingest answers a hello per 5 s; ours come less often.
  static constexpr std::uint32_t kHelloFirstMs = 6'000, kHelloMostMs = 30'000;

  struct Counters {
    std::uint32_t sessions, readings, hellos, repeats;  // published
    // By the broker; unheard: it had nobody to give it to.
    std::uint32_t acknowledged, unheard, refused;
    std::uint32_t challenges, keys, commands, needs;  // came down
    std::uint32_t unknown, failures;
  };

  // Before the first Advance(): the service to greet.
  void SetService(const wire::Svc& svc) { svc_ = svc; }

  // True if it got anywhere.
  bool Advance(Publisher& publisher, std::uint64_t now_ms,
               std::uint32_t random);
  std::uint64_t Deadline() const { return next_ms_; }

  void OnReady() override;
  void OnDownlink(Bytes message) override;
  void OnPublished(std::uint16_t number, mqtt::Reason reason) override;

  const Counters& counters() const { return counters_; }
  // What the secure side last answered; of the last failure, its status.
  spm::SealKind last_kind() const { return last_kind_; }
  std::int32_t last_status() const { return last_status_; }
  bool has_session() const { return session_size_ != 0; }

 private:
  bool RepeatSession(Publisher& publisher, std::uint64_t now_ms);
  bool Pull(Publisher& publisher, std::uint64_t now_ms, std::uint32_t random);
  bool Greet(Publisher& publisher, std::uint64_t now_ms, std::uint32_t random);
  void KeepSession(Bytes message);
  void Failed(std::uint64_t now_ms);
  void Told(const Status& status, std::uint32_t& counter);

  wire::Svc svc_{};
  std::uint64_t next_ms_ = 0;
  bool ask_now_ = true;
  bool wants_room_ = false;

  ByteArray<Link::kMaxMessage> message_{};
  ByteArray<Link::kMaxMessage> session_{};
  std::size_t session_size_ = 0;
  std::uint16_t session_number_ = 0;  // while in flight

  bool needed_ = false;
  bool repeated_ = false;
  std::uint64_t repeated_ms_ = 0;
  std::uint16_t hello_number_ = 0;  // while in flight
  std::uint64_t hello_ms_ = 0;      // earliest next
  Backoff hello_backoff_{kHelloFirstMs, kHelloMostMs};

  Counters counters_{};
  spm::SealKind last_kind_ = spm::SealKind::kNothing;
  std::int32_t last_status_ = 0;
};

}  // namespace cai::ns
