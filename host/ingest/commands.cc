#include "host/ingest/commands.h"

#include <algorithm>

namespace cai::ingest {
namespace {

// [0] is the engine; nobody stops that.
bool Names(const Session& session, const crypto::Digest& model) {
  return std::any_of(
      session.components.begin() + 1, session.components.end(),
      [&](const Component& component) { return component.digest == model; });
}

}  // namespace

Outcome<bool> Commander::HasNews() {
  CAI_TRY_ASSIGN(const std::int64_t newest, store_.orders().Newest());
  return std::exchange(newest_, newest) != newest;
}

Outcome<Blob> Commander::Sign(const Order& order, const Session& session,
                              const wire::Uuid& uuid, std::uint64_t now_ms) {
  CAI_TRY_ASSIGN(
      const std::uint64_t number,
      store_.orders().Give(order, session.device, session.counter, now_ms));
  const wire::Command command{
      .svc = keys_.svc(),
      .uuid = uuid,
      .boot_count = static_cast<std::uint32_t>(session.counter >> 8),
      .counter = number,
      .op = order.op,
      .model = order.model};
  ByteArray<wire::Command::kMaxEncoded> room;
  CAI_TRY_ASSIGN(const Bytes message,
                 wire::MakeCommand(command, keys_.signing(), room));
  return host::ToBlob(message);
}

Outcome<std::vector<Blob>> Commander::Due(const Session& session,
                                          const wire::Uuid& uuid,
                                          std::uint64_t now_ms) {
  CAI_TRY_ASSIGN(const std::vector<Order> orders,
                 store_.orders().Due(session.device, session.counter));
  std::vector<Blob> commands;
  for (const Order& order : orders) {
    if (order.model && !Names(session, *order.model)) continue;
    CAI_TRY_ASSIGN(Blob command, Sign(order, session, uuid, now_ms));
    commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace cai::ingest
