#include "host/ingest/service.h"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "host/ca/service.h"
#include "host/ingest/receiver.h"
#include "host/mqtt/link.h"

namespace cai::ingest {
namespace {

constexpr std::uint16_t kAhead =
    256;  // messages the broker sends unacknowledged
constexpr std::uint64_t kReloadSeconds = 10;
constexpr std::uint32_t kSessionExpiryS = 7 * 24 * 3600;

host::TlsFiles FilesOf(const host::State& state) {
  return {state.ca() / "ca.crt", state.ingest() / "client.crt",
          state.ingest() / "client.key"};
}

host::MqttConfig ConfigOf(const ServiceOptions& options) {
  host::MqttConfig config;
  config.address = options.broker_address;
  config.port = options.broker_port;
  config.client_id = "cai-ingest";
  config.filters = {"cai/+/s", "cai/+/r"};
  // The broker queues while we are away, so a restart loses nothing.
  config.session_expiry_s = kSessionExpiryS;
  config.receive_maximum = kAhead;
  return config;
}

}  // namespace

struct Service::Parts {
  Parts(boost::asio::io_context& context, host::State folder,
        host::FileLock file_lock, Store opened_store, ServiceKeys opened_keys,
        RegistryDirectory opened_directory)
      : io(context),
        state(std::move(folder)),
        lock(std::move(file_lock)),
        store(std::move(opened_store)),
        keys(std::move(opened_keys)),
        directory(std::move(opened_directory)),
        receiver(store, keys, directory),
        timer(context) {}

  void OnMessage(const host::MqttMessage& message);
  void Do(const Outcome<Answer>& answer);
  void EachSecond();
  void ReloadKeys();
  void Fail(const host::Problem& problem);

  boost::asio::io_context& io;
  host::State state;
  host::FileLock lock;
  Store store;
  ServiceKeys keys;
  RegistryDirectory directory;
  Receiver receiver;
  std::unique_ptr<host::MqttLink> link;
  boost::asio::steady_timer timer;

  std::uint64_t seconds = 0;
  std::uint64_t next_ticket = 1;
  std::map<std::uint64_t, mqtt::Receipt> receipts;
  std::optional<host::Problem> failure;
};

void Service::Parts::OnMessage(const host::MqttMessage& message) {
  if (failure) return;
  const std::uint64_t ticket = next_ticket++;
  receipts.emplace(ticket, message.receipt);
  Do(receiver.Take(ticket, std::string(message.topic), message.payload,
                   static_cast<std::uint64_t>(host::NowMilliseconds())));
}

// Committed before this: so what leaves here is never ahead of the store.
void Service::Parts::Do(const Outcome<Answer>& answer) {
  if (!answer.ok()) return Fail(answer.error());
  for (const Publication& publication : answer->publish) {
    const Status sent = link->Publish(publication.topic, publication.payload);
    if (!sent.ok())
      spdlog::warn("not sent to {}: {}", publication.topic,
                   ErrorWords(sent.error()));
  }
  for (const std::uint64_t ticket : answer->acknowledge) {
    const auto receipt = receipts.find(ticket);
    if (receipt == receipts.end()) continue;
    link->Acknowledge(receipt->second);
    receipts.erase(receipt);
  }
}

void Service::Parts::Fail(const host::Problem& problem) {
  if (failure) return;
  spdlog::error("stopping: {}", problem.Text());
  failure = problem;
  io.stop();
}

// `cai service rotate` works on files: what it made is given out, and what was
// destroyed is wiped here, too. A generation's end is kept here, since nobody
// may rotate for long.
void Service::Parts::ReloadKeys() {
  const auto expired = ca::Service::Expire(state, host::NowSeconds());
  if (!expired.ok())
    spdlog::warn("kept old service keys: {}", expired.error().Text());
  else if (*expired)
    spdlog::info("destroyed the service keys whose time is over");
  auto loaded = ServiceKeys::Load(state);
  if (!loaded.ok())
    return spdlog::warn("kept the service keys: {}", loaded.error().Text());
  keys = std::move(*loaded);
}

void Service::Parts::EachSecond() {
  timer.expires_after(std::chrono::seconds(1));
  timer.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    if (++seconds % kReloadSeconds == 0) ReloadKeys();
    Do(receiver.Tick(static_cast<std::uint64_t>(host::NowMilliseconds())));
    if (!failure) EachSecond();
  });
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Service::~Service() = default;

Outcome<std::unique_ptr<Service>> Service::Open(const host::State& state,
                                                const ServiceOptions& options,
                                                boost::asio::io_context& io) {
  CAI_TRY(host::MakeFolder(state.ingest()));
  CAI_TRY_ASSIGN(
      host::FileLock lock,
      host::FileLock::Take(state.ingest() / "lock", "another cai-ingest"));
  CAI_TRY_ASSIGN(ServiceKeys keys, ServiceKeys::Load(state));
  CAI_TRY_ASSIGN(Store store, Store::Open(state.readings_db()));
  CAI_TRY_ASSIGN(RegistryDirectory directory, RegistryDirectory::Open(state));
  CAI_TRY_ASSIGN(host::TlsContextPtr tls, host::ClientTls(FilesOf(state)));
  auto parts =
      std::make_unique<Parts>(io, state, std::move(lock), std::move(store),
                              std::move(keys), std::move(directory));
  Parts* p = parts.get();
  p->link = std::make_unique<host::MqttLink>(
      io, ConfigOf(options), std::move(tls),
      [p](const host::MqttMessage& message) { p->OnMessage(message); },
      [](host::MqttState reached, const std::string& why) {
        if (reached == host::MqttState::kConnected)
          spdlog::info("connected to the broker");
        else
          spdlog::warn("no connection to the broker: {}", why);
      });
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

void Service::Start() {
  parts_->link->Start();
  parts_->EachSecond();
}

void Service::Stop() {
  parts_->timer.cancel();
  parts_->link->Stop();
}

const std::optional<host::Problem>& Service::failure() const {
  return parts_->failure;
}

}  // namespace cai::ingest
