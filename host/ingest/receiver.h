// What ingest decides about each message, without a network: the receiver rules
// of protocol.md 1.8 around the pure checks of lib/wire and lib/eat.
//
// Inward every refusal has its exact reason in the store; outward there is
// nothing but `need`, `challenge` and the service key statement.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/ingest/appraiser.h"
#include "host/ingest/commands.h"
#include "host/ingest/live_sessions.h"
#include "host/ingest/service_keys.h"
#include "host/ingest/store.h"
#include "lib/wire/downlink.h"

namespace cai::ingest {

struct Publication {
  std::string topic;
  Blob payload;
};

// What is to be done after a message: nothing of it may happen before the
// store has committed.
struct Answer {
  std::vector<Publication> publish;
  std::vector<std::uint64_t> acknowledge;  // tickets of messages settled now
};

class Receiver {
 public:
  Receiver(Store& store, const ServiceKeys& keys, Directory& directory)
      : store_(store),
        keys_(keys),
        directory_(directory),
        commander_(store, keys) {}

  // `ticket` is the caller's name for the message; it comes back in
  // `acknowledge` once the message is settled: stored, refused, or given up.
  // A Problem means that the store failed: acknowledge nothing, stop.
  Outcome<Answer> Take(std::uint64_t ticket, const std::string& topic,
                       Bytes payload, std::uint64_t now_ms);

  // Gives up on parked messages after a minute, and gives out orders that were
  // placed; once a second or so.
  Outcome<Answer> Tick(std::uint64_t now_ms);

 private:
  struct Parked {
    std::uint64_t ticket;
    std::string topic;
    Blob payload;
    std::uint64_t since_ms;
  };
  struct Limits {  // of what we send to one device
    std::uint64_t next_need_ms = 0;
    std::uint64_t need_wait_ms = 0;
    std::uint64_t next_challenge_ms = 0;
  };
  static constexpr std::size_t kMaxLive = 16'384;
  // One message on its way through the rules.
  struct Arrival {
    std::uint64_t ticket;
    const std::string& topic;
    Bytes payload;
    std::uint64_t now_ms;
    Device device;
    Answer& answer;
  };

  Finished OnUplink(Arrival& arrival);
  Finished OnHello(Arrival& arrival, const wire::Hello& hello);
  Finished OnSession(Arrival& arrival);
  Finished Admit(Arrival& arrival, const wire::SessionMessage& message,
                 wire::SessionDecision decision);
  Finished Challenge(Arrival& arrival);
  Finished RefuseForked(const Device& device);
  Finished OnReading(Arrival& arrival);

  Outcome<Session> OpenSession(const Arrival& arrival,
                               const wire::SessionMessage& message, Blob& nonce,
                               wire::SessionDecision decision);
  Outcome<LiveSessions::Entry*> InMemory(const Session& session);
  Outcome<wire::ReceiverState> StateOf(const Session& session) const;
  Finished Wrap(Session& session, const wire::ReceiverState& state) const;
  Finished Keep(Arrival& arrival, Session session,
                const wire::Received& received);
  Finished Repeated(const Session& session, const wire::Received& received);
  Finished Park(Arrival& arrival);
  void AskForSession(Arrival& arrival);
  Finished Command(const Session& session, const Device& device,
                   std::uint64_t now_ms, Answer& answer);
  Finished CommandAll(std::uint64_t now_ms, Answer& answer);
  Finished Replay(const std::string& device, Answer& answer,
                  std::uint64_t now_ms);
  Finished Settle(std::uint64_t ticket, const std::string& topic,
                  const std::string& device, const Finished& outcome,
                  std::uint64_t now_ms, Answer& answer);

  Store& store_;
  const ServiceKeys& keys_;
  Directory& directory_;
  Commander commander_;
  std::map<std::string, std::deque<Parked>> parked_;
  std::size_t parked_count_ = 0;
  std::map<std::string, Limits> limits_;
  wire::Opener opener_;
  LiveSessions live_{kMaxLive};
  std::uint64_t forget_ms_ = 0;  // when all sessions in memory go
};

}  // namespace cai::ingest
