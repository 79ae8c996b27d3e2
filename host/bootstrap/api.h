// The REST interface of the bootstrap server: LITE's /api/v1, and an attested
// form of enrolment beside it.
//
//   POST /api/v1/cr           a CSR in, a certificate out
//   GET  /api/v1/ccs          where the broker is
//   GET  /api/v1/nonce        for a key token (ours)
//   GET  /api/v1/cs/{serial}  is it valid
//   GET  /api/v1/cc/{serial}  the certificate
//   GET  /api/v1/ds/{uuid}    a device's certificates
//   GET  /healthz             counts (ours)
//
// The request's Content-Type, CBOR or JSON, selects the response's, also of a
// GET. LITE's clients ignore the status and look for {1: uint, 2: bstr}: no
// refusal may parse as that, so all are text.
#pragma once

#include <map>
#include <string>

#include "host/ca/enrol.h"
#include "host/common/http.h"

namespace cai::bootstrap {

using host::HttpRequest;
using host::HttpResponse;
using host::Outcome;

// Status line, header and body of every CBOR response: what a LITE client has
// room for.
constexpr std::size_t kMaxResponse = 1024;

struct Config {
  std::string broker_host;
  std::uint16_t broker_port = 8883;
  // LITE lets a class credential read every device's certificates. Off, it
  // gets new ones and nothing else.
  bool class_reads = false;
};

// Not thread-safe: one thread, one writer.
class Api {
 public:
  Api(Config config, ca::Authority authority, registry::Registry registry)
      : config_(std::move(config)),
        authority_(std::move(authority)),
        registry_(std::move(registry)) {}

  // In the handshake: the class credential, or an active device's own TLS
  // certificate that is not revoked.
  bool Accepts(const host::TlsPeer& peer);

  HttpResponse Handle(const HttpRequest& request, std::int64_t now_ms);

 private:
  enum class Form { kJson, kCbor };
  struct Call {
    const HttpRequest& request;
    ca::Requester requester;
    Form form;
    std::string argument;  // what follows the last '/'
    std::int64_t now_ms;
  };
  using Endpoint = HttpResponse (Api::*)(const Call&);
  struct Route;

  HttpResponse Serve(const Route& route, const HttpRequest& request,
                     std::string argument, std::int64_t now_ms);
  HttpResponse Enrol(const Call& call);
  HttpResponse Broker(const Call& call);
  HttpResponse Nonce(const Call& call);
  HttpResponse CertificateStatus(const Call& call);
  HttpResponse Certificate(const Call& call);
  HttpResponse DeviceStatus(const Call& call);
  HttpResponse Health() const;
  HttpResponse Refused(const host::Problem& problem, Bytes csr, Form form);
  bool MayRead(const ca::Requester& requester, const host::Uuid& uuid) const;
  Outcome<registry::CertificateRecord> Readable(const Call& call);

  Config config_;
  ca::Authority authority_;
  registry::Registry registry_;
  std::uint64_t issued_ = 0;
  std::map<Error, std::uint64_t> refused_;
};

}  // namespace cai::bootstrap
