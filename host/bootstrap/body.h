// The bodies of LITE's requests and responses, in CBOR and in JSON.
#pragma once

#include <string>
#include <vector>

#include "host/common/text.h"

namespace cai::bootstrap {

struct CsrRequest {
  host::Blob csr;
  host::Blob key_token;  // empty, with the nonce, in LITE's form
  host::Blob nonce;
};

// [csr] or [csr, key-token, nonce].
host::Outcome<CsrRequest> ParseCborRequest(Bytes body);
// {"CSR": base64}, and "Token" and "Nonce" beside it; keys in any case, others
// are ignored.
host::Outcome<CsrRequest> ParseJsonRequest(Bytes body);

// Whether an ASN.1 reader would miss bytes: the outer length says more than
// there is.
bool IsTruncatedDer(Bytes der);

std::string CborCertificate(Bytes der);  // {1: 0, 2: bstr}
std::string JsonCertificate(Bytes der);
std::string CborPem(std::string_view pem);  // {1: 0, 2: tstr}
std::string JsonPem(std::string_view pem);
std::string CborStatus(bool valid);  // {1: 0 or 1}
std::string JsonStatus(bool valid);
// {1: 1, 2: [uint]} or {1: 0, 2: null}; serials are decimal, of at
// most 64 bits.
std::string CborSerials(const std::vector<std::string>& serials);
std::string JsonSerials(const std::vector<std::string>& serials);
std::string CborBroker(std::string_view host, std::uint16_t port);
std::string JsonBroker(std::string_view host, std::uint16_t port);
std::string CborNonce(Bytes nonce);  // {1: bstr}
std::string JsonNonce(Bytes nonce);

}  // namespace cai::bootstrap
