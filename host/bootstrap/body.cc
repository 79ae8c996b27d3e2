#include "host/bootstrap/body.h"

#include <charconv>

#include "host/common/json.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"

namespace cai::bootstrap {
namespace {

using host::Blob;
using host::Outcome;
namespace json = boost::json;

// Measures, then writes: `write` runs twice.
template <typename Write>
std::string Encode(Write write) {
  cbor::Writer measure({});
  write(measure);
  std::string out(measure.size(), '\0');
  // Safety: a string's memory viewed as bytes.
  cbor::Writer writer(
      MutableBytes(reinterpret_cast<std::byte*>(out.data()), out.size()));
  write(writer);
  return out;
}

bool EqualNoCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

Outcome<Blob> Base64Member(const json::object& object, std::string_view name) {
  for (const auto& [key, value] : object) {
    if (!EqualNoCase(key, name) || value.is_null()) continue;
    if (!value.is_string()) return Error::kHostMalformed;
    return host::FromBase64(std::string_view(value.get_string()));
  }
  return Blob();
}

}  // namespace

Outcome<CsrRequest> ParseCborRequest(Bytes body) {
  cbor::Reader reader(body, cbor::Mode::kLenient);
  CAI_TRY_ASSIGN(const std::uint64_t items, reader.Array());
  if (items != 1 && items != 3) return Error::kHostMalformed;
  CsrRequest request;
  CAI_TRY_ASSIGN(const Bytes csr, reader.Bstr());
  request.csr = host::ToBlob(csr);
  if (items == 3) {
    CAI_TRY_ASSIGN(const Bytes token, reader.Bstr());
    CAI_TRY_ASSIGN(const Bytes nonce, reader.Bstr());
    request.key_token = host::ToBlob(token);
    request.nonce = host::ToBlob(nonce);
    // An attested request stays one: it never falls back to the plain form.
    if (token.empty() || nonce.empty()) return Error::kHostMalformed;
  }
  CAI_TRY(reader.Finish());
  return request;
}

Outcome<CsrRequest> ParseJsonRequest(Bytes body) {
  boost::system::error_code error;
  const std::string_view text = AsText(body);
  const json::value value =
      json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) return Error::kHostMalformed;
  const json::object& object = value.get_object();
  CsrRequest request;
  CAI_TRY_ASSIGN(request.csr, Base64Member(object, "CSR"));
  CAI_TRY_ASSIGN(request.key_token, Base64Member(object, "Token"));
  CAI_TRY_ASSIGN(request.nonce, Base64Member(object, "Nonce"));
  return request;
}

bool IsTruncatedDer(Bytes der) {
  if (der.size() < 2) return true;
  const auto first = std::to_integer<std::size_t>(der[1]);
  if (first < 0x80) return der.size() < 2 + first;
  const std::size_t count = first & 0x7f;
  if (count > 4) return false;
  if (der.size() < 2 + count) return true;
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i)
    length = length << 8 | std::to_integer<std::size_t>(der[2 + i]);
  return der.size() - 2 - count < length;
}

std::string CborCertificate(Bytes der) {
  return Encode([&](cbor::Writer& out) {
    out.Map(2);
    out.Uint(1);
    out.Uint(0);
    out.Uint(2);
    out.Bstr(der);
  });
}

std::string JsonCertificate(Bytes der) {
  return "{\"Status\":0,\"Cert\":\"" + host::Base64(der) + "\"}\n";
}

std::string CborPem(std::string_view pem) {
  return Encode([&](cbor::Writer& out) {
    out.Map(2);
    out.Uint(1);
    out.Uint(0);
    out.Uint(2);
    out.Text(pem);
  });
}

std::string JsonPem(std::string_view pem) {
  // Go's encoder writes a line break as \n.
  std::string text;
  for (const char c : pem) c == '\n' ? text += "\\n" : text += c;
  return "{\"Status\":0,\"Cert\":\"" + text + "\"}\n";
}

std::string CborStatus(bool valid) {
  return Encode([&](cbor::Writer& out) {
    out.Map(1);
    out.Uint(1);
    out.Uint(valid ? 1 : 0);
  });
}

std::string JsonStatus(bool valid) {
  return std::string("{\"Status\":") + (valid ? "1" : "0") + "}\n";
}

std::string CborSerials(const std::vector<std::string>& serials) {
  return Encode([&](cbor::Writer& out) {
    out.Map(2);
    out.Uint(1);
    out.Uint(serials.empty() ? 0 : 1);
    out.Uint(2);
    if (serials.empty()) return out.Null();
    out.Array(serials.size());
    for (const std::string& serial : serials) {
      // Ours have 63 bits, so that this cannot fail.
      std::uint64_t number = 0;
      std::from_chars(serial.data(), serial.data() + serial.size(), number);
      out.Uint(number);
    }
  });
}

std::string JsonSerials(const std::vector<std::string>& serials) {
  if (serials.empty()) return "{\"Status\":0,\"Serials\":null}\n";
  std::string text = "{\"Status\":1,\"Serials\":[";
  for (std::size_t i = 0; i < serials.size(); ++i)
    text += (i == 0 ? "" : ",") + serials[i];
  return text + "]}\n";
}

std::string CborBroker(std::string_view host, std::uint16_t port) {
  return Encode([&](cbor::Writer& out) {
    out.Map(2);
    out.Uint(1);
    out.Text(host);
    out.Uint(2);
    out.Uint(port);
  });
}

std::string JsonBroker(std::string_view host, std::uint16_t port) {
  return "{\"Hubname\":" + host::JsonString(host) +
         ",\"Port\":" + std::to_string(port) + "}\n";
}

std::string CborNonce(Bytes nonce) {
  return Encode([&](cbor::Writer& out) {
    out.Map(1);
    out.Uint(1);
    out.Bstr(nonce);
  });
}

std::string JsonNonce(Bytes nonce) {
  return "{\"Nonce\":\"" + host::Base64(nonce) + "\"}\n";
}

}  // namespace cai::bootstrap
