#include "device/ns/app.h"

#include <algorithm>

#include "device/ns/log.h"
#include "device/ns/net/network.h"
#include "device/ns/random.h"
#include "device/ns/spe.h"
#include "device/ns/time.h"

namespace cai::ns {
namespace {

constexpr std::uint32_t kRetryMs = 5'000;
constexpr std::uint64_t kCheckCertificatesMs = 60'000;
// A broker that refuses a new certificate too would else have us enrol for
// ever: at most once in this time.
constexpr std::uint64_t kEnrolAgainMs = 600'000;
constexpr int kRefusalsBeforeEnrolment = 3;

Endpoint Server(const wire::Configuration::Server& server, Bytes ca) {
  Endpoint out;
  out.ipv4 = server.ipv4;
  out.port = server.port;
  out.host = server.host;
  out.ca_certificate = ca;
  return out;
}

void Info(std::string_view source, const Text& text) {
  Log(LogLevel::kInfo, source, text);
}
void Warning(std::string_view source, const Text& text) {
  Log(LogLevel::kWarning, source, text);
}

}  // namespace

bool App::Advance(std::uint64_t now_ms) {
  switch (state_) {
    case State::kNetwork:
      if (!network::up()) return false;
      Info(
          "net", Text() << "address " <<
                     [] {
                       Text text;
                       text.Ipv4(network::state().address);
                       return text;
                     }()
                         .view());
      state_ = State::kTime;
      return true;
    case State::kTime:
      return WaitForTime(now_ms);
    case State::kConfiguration:
      return GetConfiguration(now_ms);
    case State::kEnrolling:
      return AdvanceEnrolment(now_ms);
    case State::kRunning:
      return AdvanceRunning(now_ms);
  }
  return false;
}

std::uint64_t App::Deadline() const {
  switch (state_) {
    case State::kNetwork:
      return UINT64_MAX;  // lwIP's timers
    case State::kTime:
    case State::kConfiguration:
      return retry_ms_;
    case State::kEnrolling:
      return enrolment_.state() == Enrolment::State::kWorking
                 ? enrolment_.Deadline()
                 : retry_ms_;
    case State::kRunning:
      return std::min({link_->Deadline(), uplink_.Deadline(),
                       checked_ms_ + kCheckCertificatesMs});
  }
  return UINT64_MAX;
}

bool App::Retry(std::uint64_t now_ms, std::uint32_t ms) {
  retry_ms_ = now_ms + ms;
  return false;
}

bool App::WaitForTime(std::uint64_t now_ms) {
  if (now_ms < retry_ms_) return false;
  const auto time = UnixTime();
  if (!time) {
    Warning("time", Text() << "no valid time (status " << spe::LastStatus()
                           << "), so no TLS; asking again");
    return Retry(now_ms, kRetryMs);
  }
  Info("time", Text().UtcTime(static_cast<std::int64_t>(*time)));
  state_ = State::kConfiguration;
  return true;
}

bool App::GetConfiguration(std::uint64_t now_ms) {
  if (now_ms < retry_ms_) return false;
  const auto payload = spe::Configuration(configuration_memory_);
  if (!payload.ok()) {
    Warning("config", Text() << "none (" << payload.error() << ", status "
                             << spe::LastStatus() << ")");
    return Retry(now_ms, kRetryMs);
  }
  const auto parsed = wire::ParseConfiguration(*payload);
  ByteArray<16> uuid;
  const Status identity = spe::Identity(uuid, ueid_);
  if (!parsed.ok() || !identity.ok()) {
    Warning("config",
            Text() << "unusable ("
                   << (parsed.ok() ? identity.error() : parsed.error()) << ")");
    return Retry(now_ms, kRetryMs);
  }
  configuration_ = *parsed;
  uuid_ = FormatUuid(uuid);
  uplink_.SetService(configuration_->svc);
  certificates_.Load(uuid_.view());
  Info("config", Text() << "device " << uuid_.view() << ", broker "
                        << configuration_->broker.host << ':'
                        << configuration_->broker.port);
  if (HasCertificates())
    Connect(now_ms);
  else
    BeginEnrolment(now_ms);
  return true;
}

void App::Enrol(std::uint64_t now_ms) {
  if (configuration_) BeginEnrolment(now_ms);
}

void App::BeginEnrolment(std::uint64_t now_ms) {
  if (link_) link_->Stop();
  state_ = State::kEnrolling;
  retry_ms_ = now_ms;
  enrolled_before_ = true;
  enrolled_ms_ = now_ms;
  enrolment_.Stop();
}

bool App::AdvanceEnrolment(std::uint64_t now_ms) {
  switch (enrolment_.state()) {
    case Enrolment::State::kIdle: {
      if (now_ms < retry_ms_) return false;
      Endpoint server =
          Server(configuration_->bootstrap, configuration_->ca_certificate);
      server.own_certificate = configuration_->bootstrap_certificate;
      server.own_key = spm::kKeyBootstrap;
      Info("enrol", Text() << "asking " << server.host << ':' << server.port);
      enrolment_.Start(server, uuid(), now_ms);
      return true;
    }
    case Enrolment::State::kWorking:
      return enrolment_.Advance(now_ms);
    case Enrolment::State::kDone:
      Info("enrol", Text() << "have both certificates");
      backoff_.Reset();
      Connect(now_ms);
      return true;
    case Enrolment::State::kFailed:
      break;
  }
  const std::uint32_t wait = backoff_.Next(Random32());
  LogEnrolmentFailure(wait);
  enrolment_.Stop();
  retry_ms_ = now_ms + wait;
  // What it has is not worse for a renewal that failed.
  if (HasCertificates()) Connect(now_ms);
  return true;
}

bool App::HasCertificates() const {
  const auto time = UnixTime();
  return time && certificates_.Usable(static_cast<std::int64_t>(*time));
}

void App::LogEnrolmentFailure(std::uint32_t wait_ms) const {
  Text text;
  text << "failed (" << enrolment_.error() << ") at step "
       << static_cast<int>(enrolment_.step());
  if (enrolment_.error() == Error::kNsHttpStatus)
    text << ", HTTP " << enrolment_.http_status();
  if (enrolment_.error() == Error::kNsService)
    text << ", status " << spe::LastStatus();
  if (tls_.last_code() != 0) text << ", TLS " << tls_.last_code();
  if (enrolment_.error() == Error::kNsServerCertificate)
    (text << ", verify flags ").Hex32(tls_.verify_flags());
  text << "; again in " << wait_ms << " ms";
  Warning("enrol", text);
}

void App::Connect(std::uint64_t now_ms) {
  enrolment_.Stop();
  Endpoint broker =
      Server(configuration_->broker, configuration_->ca_certificate);
  broker.own_certificate = certificates_.Get(spm::Purpose::kTlsClient);
  broker.own_key = spm::kKeyTlsClient;
  if (!link_) link_.emplace(tls_, uplink_, uuid());
  link_->Start(broker, now_ms);
  state_ = State::kRunning;
  checked_ms_ = now_ms;
}

bool App::AdvanceRunning(std::uint64_t now_ms) {
  bool moved = link_->Advance(now_ms, Jitter());
  LogLink(now_ms);
  if (CertificatesRefused(now_ms)) {
    BeginEnrolment(now_ms);
    return true;
  }
  const Uplink::Counters before = uplink_.counters();
  moved |= uplink_.Advance(*link_, now_ms, Jitter());
  const Uplink::Counters& after = uplink_.counters();
  AcceptUpdate();
  if (after.sessions != before.sessions)
    Info("uplink", Text() << "session message");
  if (after.hellos != before.hellos) Info("uplink", Text() << "hello");
  if (after.readings != before.readings)
    Log(LogLevel::kDebug, "uplink", Text() << "reading " << after.readings);
  if (after.failures != before.failures)
    Warning("uplink", Text()
                          << "seal refused: status " << uplink_.last_status());
  return moved;
}

// An image is good once it did its work: connected, and a reading of its own
// was taken by the broker. Until then a reset goes back to the image before.
void App::AcceptUpdate() {
  if (accepted_ || uplink_.counters().acknowledged == 0) return;
  const auto accepted = spe::AcceptUpdate();
  if (!accepted.ok() && accepted.error() == Error::kNsNotReady) return;
  accepted_ = true;
  if (!accepted.ok())
    Warning("update", Text() << "not accepted: status " << spe::LastStatus());
  else if (*accepted)
    Info("update", Text() << "this firmware is accepted");
}

bool App::CertificatesRefused(std::uint64_t now_ms) {
  const bool may = !enrolled_before_ || now_ms - enrolled_ms_ >= kEnrolAgainMs;
  if (may && link_->refusals() >= kRefusalsBeforeEnrolment) {
    Warning("link", Text() << "the broker refuses this certificate");
    return true;
  }
  if (now_ms - checked_ms_ < kCheckCertificatesMs) return false;
  checked_ms_ = now_ms;
  if (!UnixTime() || HasCertificates()) return false;
  Warning("link", Text() << "the certificate has expired");
  return true;
}

void App::LogLink(std::uint64_t) {
  const Link::State now = link_->state();
  if (now == logged_link_) return;
  if (now == Link::State::kReady)
    Info("link",
         Text() << "connected, TLS in " << tls_.handshake_ms() << " ms");
  if (now == Link::State::kWaiting && logged_link_ != Link::State::kStopped)
    Warning("link", Text() << "down (" << link_->error() << ", reason "
                           << static_cast<int>(link_->reason()) << ", TLS "
                           << tls_.last_code() << ")");
  logged_link_ = now;
}

}  // namespace cai::ns
