#include "host/bootstrap/api.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "host/bootstrap/body.h"
#include "lib/x509/name.h"

namespace cai::bootstrap {
namespace {

using host::Problem;

constexpr std::string_view kBase = "/api/v1";
constexpr const char* kJsonType = "application/json";
constexpr const char* kCborType = "application/cbor";
constexpr const char* kTextType = "text/plain; charset=utf-8";

HttpResponse Text(int status, std::string body) {
  return {status, kTextType, std::move(body)};
}

HttpResponse NotFound() {
  HttpResponse response = Text(404, "404 page not found\n");
  response.headers = {{"X-Content-Type-Options", "nosniff"}};
  return response;
}

// LITE spells it with a capital for /cr alone.
HttpResponse WrongContentType(char b) {
  return Text(400, std::string("{\"error\": \"") + b +
                       "ad request: Content-Type must be application/cbor or "
                       "application/json\"}");
}

HttpResponse Refusal(const char* error) {
  return Text(400, std::string("{\"error\": \"") + error + "\"}");
}

// As LITE words it where it has words for it.
std::string CsrText(const Problem& problem, Bytes csr) {
  switch (problem.error) {
    case Error::kCaCsrKeyType:
      return "err: Expecting ECDSA key on CSR";
    case Error::kCaCsrCurve:
      return "err: x509: unsupported elliptic curve";
    case Error::kCaCsrMalformed:
      return IsTruncatedDer(csr) ? "err: asn1: syntax error: sequence truncated"
                                 : "err: asn1: structure error";
    default:
      return "err: " + std::string(ErrorWords(problem.error));
  }
}

// Ours to mend, not the client's.
bool IsInternal(Error error) {
  const auto module = static_cast<std::uint32_t>(error) >> 16;
  return module == static_cast<std::uint32_t>(Error::kHostIo) >> 16;
}

bool IsDecimal(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Leading zeros are the same number.
std::string Canonical(std::string_view decimal) {
  const std::size_t first = decimal.find_first_not_of('0');
  return first == std::string_view::npos ? "0"
                                         : std::string(decimal.substr(first));
}

ca::Requester RequesterOf(const host::TlsPeer& peer) {
  const bool one = peer.units.size() == 1;
  if (one && peer.units.front() == ca::kBootstrapUnit) return {true, ""};
  return {false, peer.common_name};
}

}  // namespace

struct Api::Route {
  std::string_view method;
  std::string_view path;  // behind /api/v1; a final '/' takes an argument
  Endpoint endpoint;
};

bool Api::Accepts(const host::TlsPeer& peer) {
  if (peer.units.size() != 1) return false;
  if (peer.units.front() == ca::kBootstrapUnit) return true;
  if (peer.units.front() != x509::kUnitTlsClient) return false;
  const auto certificate = registry_.Certificate(peer.serial);
  if (!certificate.ok() || !certificate->valid ||
      certificate->uuid.Text() != peer.common_name)
    return false;
  const auto device = registry_.Find(certificate->uuid);
  return device.ok() && device->status != registry::DeviceStatus::kUnenrolled;
}

HttpResponse Api::Handle(const HttpRequest& request, std::int64_t now_ms) {
  static constexpr Route kRoutes[] = {
      {"POST", "/cr", &Api::Enrol},
      {"GET", "/ccs", &Api::Broker},
      {"GET", "/nonce", &Api::Nonce},
      {"GET", "/cs/", &Api::CertificateStatus},
      {"GET", "/cc/", &Api::Certificate},
      {"GET", "/ds/", &Api::DeviceStatus},
  };
  if (request.path == "/")
    return {200, "text/plain", "Linaro CA HTTP server\n"};
  if (request.path == "/healthz") return Health();
  if (request.path == kBase)
    return {404, kJsonType, "{\"message\": \"endpoint not found\"}"};
  if (!request.path.starts_with(kBase)) return NotFound();
  const std::string_view path =
      std::string_view(request.path).substr(kBase.size());
  for (const Route& route : kRoutes) {
    const bool takes = route.path.ends_with('/');
    if (takes ? !path.starts_with(route.path) : path != route.path) continue;
    const std::string argument(path.substr(route.path.size()));
    if (takes && (argument.empty() || argument.contains('/'))) break;
    if (request.method != route.method) return {405, "", ""};
    return Serve(route, request, argument, now_ms);
  }
  return NotFound();
}

HttpResponse Api::Serve(const Route& route, const HttpRequest& request,
                        std::string argument, std::int64_t now_ms) {
  const std::string& type = request.content_type;
  if (!type.empty() && type != kJsonType && type != kCborType)
    return WrongContentType(route.endpoint == &Api::Enrol ? 'B' : 'b');
  const Form form = type == kCborType ? Form::kCbor : Form::kJson;
  HttpResponse response = (this->*route.endpoint)(
      {request, RequesterOf(request.peer), form, std::move(argument), now_ms});
  if (response.content_type.empty())
    response.content_type = form == Form::kCbor ? kCborType : kJsonType;
  return response;
}

HttpResponse Api::Refused(const Problem& problem, Bytes csr, Form form) {
  ++refused_[problem.error];
  spdlog::warn("enrolment refused: {} ({})", problem.Text(),
               ErrorName(problem.error));
  const char* type = form == Form::kCbor ? kCborType : kJsonType;
  if (IsInternal(problem.error)) return {500, type, "err: internal error"};
  return {400, type, CsrText(problem, csr)};
}

HttpResponse Api::Enrol(const Call& call) {
  const Bytes body = AsBytes(call.request.body);
  const auto parsed = call.form == Form::kCbor ? ParseCborRequest(body)
                                               : ParseJsonRequest(body);
  if (!parsed.ok())
    return {400, "",
            "{\"error\": \"Bad request: POST data did not match specified "
            "Content-Type\"}"};
  const auto record =
      ca::Enrol({parsed->csr, parsed->key_token, parsed->nonce}, call.requester,
                authority_, registry_, call.now_ms);
  if (!record.ok()) return Refused(record.error(), parsed->csr, call.form);
  ++issued_;
  spdlog::info("issued {} to {} for {}{}", record->serial, record->uuid.Text(),
               registry::PurposeText(record->purpose),
               record->attested ? ", attested" : "");
  return {200, "",
          call.form == Form::kCbor ? CborCertificate(record->der)
                                   : JsonCertificate(record->der)};
}

HttpResponse Api::Broker(const Call& call) {
  const auto& [host, port, ignored] = config_;
  return {200, "",
          call.form == Form::kCbor ? CborBroker(host, port)
                                   : JsonBroker(host, port)};
}

HttpResponse Api::Nonce(const Call& call) {
  const auto nonce = registry_.IssueNonce(registry::NoncePurpose::kEnrol,
                                          std::nullopt, call.now_ms);
  if (!nonce.ok()) return Refused(nonce.error(), {}, call.form);
  return {200, "",
          call.form == Form::kCbor ? CborNonce(*nonce) : JsonNonce(*nonce)};
}

bool Api::MayRead(const ca::Requester& requester,
                  const host::Uuid& uuid) const {
  return requester.bootstrap_class ? config_.class_reads
                                   : requester.device == uuid.Text();
}

// What the requester may not see does not exist for it.
Outcome<registry::CertificateRecord> Api::Readable(const Call& call) {
  CAI_TRY_ASSIGN(auto record, registry_.Certificate(Canonical(call.argument)));
  if (!MayRead(call.requester, record.uuid))
    return Error::kRegistryUnknownSerial;
  return record;
}

HttpResponse Api::CertificateStatus(const Call& call) {
  if (!IsDecimal(call.argument)) return Refusal("invalid request");
  const auto record = Readable(call);
  if (!record.ok()) return Refusal("invalid serial number");
  return {200, "",
          call.form == Form::kCbor ? CborStatus(record->valid)
                                   : JsonStatus(record->valid)};
}

HttpResponse Api::Certificate(const Call& call) {
  if (!IsDecimal(call.argument)) return Refusal("invalid request");
  const auto record = Readable(call);
  if (!record.ok() || !record->valid) return Refusal("invalid serial number");
  const auto certificate = host::ParseCertificate(record->der);
  if (!certificate.ok()) return Refused(certificate.error(), {}, call.form);
  const std::string pem = host::CertificatePem(certificate->get());
  return {200, "", call.form == Form::kCbor ? CborPem(pem) : JsonPem(pem)};
}

HttpResponse Api::DeviceStatus(const Call& call) {
  const auto uuid = host::ParseAnyUuid(call.argument);
  if (!uuid.ok()) return Refusal("need a valid UUID");
  std::vector<std::string> serials;
  if (MayRead(call.requester, *uuid)) {
    const auto records = registry_.Certificates(*uuid);
    if (!records.ok()) return Refused(records.error(), {}, call.form);
    for (const auto& record : *records)
      if (record.valid) serials.push_back(record.serial);
  }
  return {
      200, "",
      call.form == Form::kCbor ? CborSerials(serials) : JsonSerials(serials)};
}

HttpResponse Api::Health() const {
  std::string text =
      "{\"status\":\"ok\",\"issued\":" + std::to_string(issued_) +
      ",\"refused\":{";
  const char* comma = "";
  for (const auto& [error, count] : refused_) {
    text += comma + host::JsonString(ErrorName(error)) + ":" +
            std::to_string(count);
    comma = ",";
  }
  return {200, kJsonType, text + "}}\n"};
}

}  // namespace cai::bootstrap
