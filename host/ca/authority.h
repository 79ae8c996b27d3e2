// The certificate authority of one state folder: its root, and the credentials
// of the servers and of ingest.
#pragma once

#include "host/ca/certificate.h"
#include "host/common/state.h"
#include "host/common/tls.h"

namespace cai::ca {

constexpr std::string_view kBootstrapHost = "bootstrap.cai.local";
constexpr std::string_view kBrokerHost = "broker.cai.local";
constexpr std::string_view kIngestName = "cai-ingest";
// The OU by which LITE's clients show the credential that all of a class share.
constexpr std::string_view kBootstrapUnit = "LinaroCA Bootstrap Cert";

constexpr std::int64_t kDay = 24 * 3600;
constexpr std::int64_t kRootLifetime = 3650 * kDay;
constexpr std::int64_t kServerLifetime = 90 * kDay;
constexpr std::int64_t kBootstrapLifetime = 30 * kDay;
constexpr std::int64_t kDeviceLifetime = 90 * kDay;
// A device's clock may lag a little behind ours.
constexpr std::int64_t kBackDate = 60;

class Authority {
 public:
  // Makes what is missing, keeps what is there and renews what has less than a
  // third of its life left: so it may be interrupted and repeated. kHostDamaged
  // if a key is missing, or does not fit its certificate or this CA.
  static Finished Init(const host::State& state, std::int64_t now);

  // kHostNotFound with a hint before Init.
  static Outcome<Authority> Open(const host::State& state);

  // Of at most the CA's own lifetime.
  Outcome<host::CertificatePtr> Issue(Profile profile, EVP_PKEY* key) const;

  const X509* certificate() const { return certificate_.get(); }

 private:
  Authority(host::CertificatePtr certificate, host::KeyPtr key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}
  host::CertificatePtr certificate_;
  host::KeyPtr key_;
};

// What the services load.
host::TlsFiles BootstrapTls(const host::State& state);
host::TlsFiles BrokerTls(const host::State& state);
host::TlsFiles IngestTls(const host::State& state);
// The credential of the class, for tests and tools.
host::TlsFiles BootstrapCredential(const host::State& state);

}  // namespace cai::ca
