#include "device/ns/uplink/uplink.h"

#include <algorithm>

#include "device/ns/spe.h"
#include "lib/wire/downlink.h"

namespace cai::ns {
namespace {

constexpr std::uint64_t kAfterFailureMs = 2'000;
constexpr std::uint64_t kLongestWaitMs = 60'000;

}  // namespace

bool Uplink::Advance(Publisher& publisher, std::uint64_t now_ms,
                     std::uint32_t random) {
  if (RepeatSession(publisher, now_ms)) return true;
  if (!ask_now_ && now_ms < next_ms_) return false;
  ask_now_ = false;
  wants_room_ = publisher.full();
  if (wants_room_) {
    next_ms_ = now_ms + kLongestWaitMs;
    return false;
  }
  return Pull(publisher, now_ms, random);
}

bool Uplink::Pull(Publisher& publisher, std::uint64_t now_ms,
                  std::uint32_t random) {
  const auto next = spe::SealNext(message_);
  if (!next.ok()) {
    Failed(now_ms);
    return false;
  }
  last_kind_ = next->kind;
  switch (next->kind) {
    case spm::SealKind::kNothing:
      next_ms_ =
          now_ms + std::clamp<std::uint64_t>(next->wait_ms, 1, kLongestWaitMs);
      return false;
    case spm::SealKind::kNeedServiceKey:
      return Greet(publisher, now_ms, random);
    case spm::SealKind::kSession:
    case spm::SealKind::kReading:
      break;
    default:
      Failed(now_ms);
      return false;
  }

  const bool session = next->kind == spm::SealKind::kSession;
  const auto number = publisher.Publish(
      session ? Channel::kSession : Channel::kReading, next->message);
  // There was room (full() said so), so only a size could be refused: the
  // secure side's limit is the publisher's.
  if (!number.ok()) {
    Failed(now_ms);
    return false;
  }
  if (session) {
    KeepSession(next->message);
    session_number_ = *number;
    ++counters_.sessions;
  } else {
    ++counters_.readings;
  }
  next_ms_ = now_ms;
  return true;
}

void Uplink::KeepSession(Bytes message) {
  session_size_ = CopyInto(session_, message).size();
  needed_ = false;
  hello_backoff_.Reset();
}

bool Uplink::Greet(Publisher& publisher, std::uint64_t now_ms,
                   std::uint32_t random) {
  // OnReady() and OnPublished() wake us.
  if (!publisher.ready() || hello_number_ != 0) {
    next_ms_ = now_ms + kLongestWaitMs;
    return false;
  }
  if (now_ms < hello_ms_) {
    next_ms_ = hello_ms_;
    return false;
  }
  ByteArray<wire::Hello::kEncoded> memory;
  const auto hello = wire::EncodeHello({svc_}, memory);
  if (!hello.ok()) {
    Failed(now_ms);
    return false;
  }
  const auto number = publisher.Publish(Channel::kSession, *hello);
  if (!number.ok()) {
    Failed(now_ms);
    return false;
  }
  hello_number_ = *number;
  hello_ms_ = next_ms_ =
      now_ms + kHelloFirstMs / 2 + hello_backoff_.Next(random);
  ++counters_.hellos;
  return true;
}

bool Uplink::RepeatSession(Publisher& publisher, std::uint64_t now_ms) {
  if (!needed_) return false;
  // In flight already: that one answers it. None of this boot: hello will.
  if (session_size_ == 0 || session_number_ != 0) {
    needed_ = false;
    return false;
  }
  if (publisher.full()) return false;
  if (repeated_ && now_ms - repeated_ms_ < kNeedMs) {
    next_ms_ = std::min(next_ms_, repeated_ms_ + kNeedMs);
    return false;
  }
  const auto number = publisher.Publish(Channel::kSession,
                                        Bytes(session_).first(session_size_));
  if (!number.ok()) return false;
  session_number_ = *number;
  needed_ = false;
  repeated_ = true;
  repeated_ms_ = now_ms;
  ++counters_.repeats;
  return true;
}

void Uplink::Failed(std::uint64_t now_ms) {
  last_status_ = spe::LastStatus();
  ++counters_.failures;
  next_ms_ = now_ms + kAfterFailureMs;
}

void Uplink::OnReady() { ask_now_ = true; }

void Uplink::OnDownlink(Bytes message) {
  switch (wire::KindOfDownlink(message)) {
    case wire::DownlinkKind::kNeed:
      ++counters_.needs;
      needed_ = true;  // the secure side is not asked
      return;
    case wire::DownlinkKind::kChallenge:
      return Told(spe::Downlink(message), counters_.challenges);
    case wire::DownlinkKind::kSigned:
      return wire::IsServiceKey(message)
                 ? Told(spe::ServiceKey(message), counters_.keys)
                 : Told(spe::Downlink(message), counters_.commands);
    default:
      ++counters_.unknown;
  }
}

// What the secure side was told may have made a message ready.
void Uplink::Told(const Status& status, std::uint32_t& counter) {
  ++counter;
  ask_now_ = true;
  if (status.ok()) return;
  last_status_ = spe::LastStatus();
  ++counters_.failures;
}

void Uplink::OnPublished(std::uint16_t number, mqtt::Reason reason) {
  if (mqtt::Failed(reason)) {
    ++counters_.refused;
  } else {
    ++counters_.acknowledged;
    counters_.unheard += reason == mqtt::Reason::kNoMatchingSubscribers;
  }
  if (number == session_number_) session_number_ = 0;
  if (number == hello_number_) {
    hello_number_ = 0;
    ask_now_ = true;
  }
  if (wants_room_) ask_now_ = true;
}

}  // namespace cai::ns
