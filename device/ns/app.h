// The application: network, time, configuration, certificates, link, in this
// order, each tried for ever. Owns every part; the main loop calls Advance().
#pragma once

#include <optional>

#include "device/ns/enrol/certificates.h"
#include "device/ns/enrol/enrolment.h"
#include "device/ns/link/link.h"
#include "device/ns/tls/tls_stream.h"
#include "device/ns/uplink/uplink.h"
#include "lib/wire/configuration.h"

namespace cai::ns {

class App {
 public:
  enum class State : std::uint8_t {
    kNetwork,
    kTime,
    kConfiguration,
    kEnrolling,
    kRunning,
  };

  // True if anything moved: call again before sleeping.
  bool Advance(std::uint64_t now_ms);
  std::uint64_t Deadline() const;

  // Gets new certificates; keeps the old ones until they are there.
  void Enrol(std::uint64_t now_ms);

  State state() const { return state_; }
  std::string_view uuid() const { return uuid_.view(); }
  const ByteArray<33>& ueid() const { return ueid_; }
  const std::optional<wire::Configuration>& configuration() const {
    return configuration_;
  }
  const Certificates& certificates() const { return certificates_; }
  const Enrolment& enrolment() const { return enrolment_; }
  const TlsStream& tls() const { return tls_; }
  const Uplink& uplink() const { return uplink_; }
  const Link* link() const { return link_ ? &*link_ : nullptr; }

 private:
  bool Retry(std::uint64_t now_ms, std::uint32_t ms);
  bool WaitForTime(std::uint64_t now_ms);
  bool GetConfiguration(std::uint64_t now_ms);
  bool AdvanceEnrolment(std::uint64_t now_ms);
  bool AdvanceRunning(std::uint64_t now_ms);
  void Connect(std::uint64_t now_ms);
  void BeginEnrolment(std::uint64_t now_ms);
  void LogEnrolmentFailure(std::uint32_t wait_ms) const;
  void LogLink(std::uint64_t now_ms);
  void AcceptUpdate();
  bool HasCertificates() const;
  bool CertificatesRefused(std::uint64_t now_ms);

  State state_ = State::kNetwork;
  std::uint64_t retry_ms_ = 0;
  Backoff backoff_{2'000, 60'000};

  UuidText uuid_{};
  ByteArray<33> ueid_{};
  ByteArray<wire::Configuration::kMaxPayload> configuration_memory_{};
  std::optional<wire::Configuration> configuration_;

  TlsStream tls_;
  Certificates certificates_;
  Enrolment enrolment_{tls_, certificates_};
  Uplink uplink_;
  std::optional<Link> link_;
  Link::State logged_link_ = Link::State::kStopped;

  bool accepted_ = false;  // the images that run, if they were on trial
  bool enrolled_before_ = false;
  std::uint64_t enrolled_ms_ = 0;
  std::uint64_t checked_ms_ = 0;  // the certificates' validity
};

}  // namespace cai::ns
