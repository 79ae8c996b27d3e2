// cai command: what the service tells devices to do. The ingest signs and sends
// it; this only says so in its database.
#include <cstdio>

#include "host/common/text.h"
#include "host/ingest/references.h"
#include "host/registry/registry.h"
#include "tools/cai/commands.h"
#include "tools/cai/output.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

using ingest::Order;
using ingest::Orders;
using Op = wire::Command::Op;

constexpr std::pair<const char*, Op> kOps[] = {{"new-session", Op::kNewSession},
                                               {"stop-model", Op::kStopModel},
                                               {"allow-model", Op::kAllowModel},
                                               {"read-state", Op::kReadState}};

std::string NameOf(Op op) {
  for (const auto& [name, value] : kOps)
    if (value == op) return name;
  return "?";
}

struct Request {
  std::string op, device, model;
};

std::string DeviceOf(const host::State& state, const std::string& who) {
  auto registry = Or(registry::Registry::Open(state.registry_db()));
  const auto uuid = host::ParseAnyUuid(who);
  return Or(uuid.ok() ? registry.Find(*uuid) : registry.FindByName(who))
      .endorsement.uuid.Text();
}

// A name stands for every model of that name that is known: rules are about
// hashes, names only find them (a renamed model stays stopped).
std::vector<crypto::Digest> ModelsOf(const host::State& state,
                                     const std::string& which) {
  std::vector<crypto::Digest> models;
  const auto bytes = host::FromHex(which);
  if (bytes.ok() && bytes->size() == crypto::kHashSize) {
    CopyInto(models.emplace_back(), *bytes);
    return models;
  }
  const auto references =
      Or(ingest::References::Read(ingest::References::PathIn(state)));
  for (const ingest::Component& model : references.models)
    if (model.name == which) models.push_back(model.digest);
  if (models.empty())
    throw Stop("no known model is called " + which,
               "`cai reference list` shows them; a SHA-256 works too");
  return models;
}

void Send(const Request& request) {
  const host::State state = Or(host::State::Open(common().StateDir().string()));
  Order order;
  for (const auto& [name, op] : kOps)
    if (request.op == name) order.op = op;
  if (!request.device.empty()) order.device = DeviceOf(state, request.device);
  std::vector<std::optional<crypto::Digest>> models;
  if (request.model.empty())
    models.emplace_back();
  else
    for (const auto& model : ModelsOf(state, request.model))
      models.emplace_back(model);

  auto database = Or(ingest::OpenReadings(state.readings_db()));
  Orders orders(database);
  for (const auto& model : models) {
    order.model = model;
    const auto id = Or(orders.Place(
        order, static_cast<std::uint64_t>(host::NowMilliseconds())));
    std::printf(common().json ? "{\"id\":%lld}\n"
                              : "order %lld placed; the ingest gives it\n",
                static_cast<long long>(id));
  }
}

void Print(const Order& order) {
  const std::string model = order.model ? host::Hex(*order.model) : "";
  const auto seconds = [](std::uint64_t ms) {
    return static_cast<std::int64_t>(ms / 1000);
  };
  if (common().json) {
    std::printf(
        "{\"id\":%lld,\"op\":\"%s\",\"device\":\"%s\",\"model\":\"%s\","
        "\"placed\":%lld,\"lifted\":%s,\"given\":%lld,\"last\":%lld}\n",
        static_cast<long long>(order.id), NameOf(order.op).c_str(),
        order.device.value_or("").c_str(), model.c_str(),
        static_cast<long long>(seconds(order.placed_ms)),
        order.lifted ? "true" : "false", static_cast<long long>(order.given),
        static_cast<long long>(seconds(order.last_ms)));
    return;
  }
  std::printf("%-5lld %-12s %-36s %-12.12s %s  given to %lld%s\n",
              static_cast<long long>(order.id), NameOf(order.op).c_str(),
              order.device.value_or("every device").c_str(), model.c_str(),
              host::UtcText(seconds(order.placed_ms)).c_str(),
              static_cast<long long>(order.given),
              order.lifted ? ", lifted" : "");
}

void List() {
  const host::State state = Or(host::State::Open(common().StateDir().string()));
  auto database = Or(ingest::OpenReadings(state.readings_db()));
  for (const Order& order : Or(Orders(database).List())) Print(order);
}

}  // namespace

void RegisterCommand(CLI::App& app) {
  auto* group = app.add_subcommand("command", "tell devices what to do");
  group->require_subcommand(1);
  static Request request;
  auto* send = group->add_subcommand(
      "send", "place an order: the ingest signs it and gives it to the device");
  std::vector<std::string> names;
  for (const auto& [name, op] : kOps) names.push_back(name);
  send->add_option("op", request.op, "what to do")
      ->required()
      ->check(CLI::IsMember(names));
  send->add_option("--device", request.device,
                   "name or uuid (stop-model, allow-model: else every device)");
  send->add_option("--model", request.model,
                   "SHA-256, or the name of a known model (stop, allow)");
  send->callback([] { Send(request); });
  group->add_subcommand("list", "orders, the newest first")->callback([] {
    List();
  });
}

}  // namespace cai::cli
