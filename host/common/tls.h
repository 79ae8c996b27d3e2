// TLS contexts of the host's services: TLS 1.2 or newer, mutual, one CA.
#pragma once

#include <openssl/ssl.h>

#include "host/common/keys.h"

namespace cai::host {

using TlsContextPtr = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

struct TlsFiles {
  fs::path ca;           // who must have signed the peer's certificate
  fs::path certificate;  // ours
  fs::path key;
};

// Every client must show a certificate of the CA. No resumption: each
// connection verifies its peer anew. boost::asio::ssl::context takes the
// pointer by release().
Outcome<TlsContextPtr> ServerTls(const TlsFiles& files);
// The caller sets the name to verify (SSL_set1_host).
Outcome<TlsContextPtr> ClientTls(const TlsFiles& files);

// What a verified peer's certificate says.
struct TlsPeer {
  std::string common_name;
  std::vector<std::string> units;  // OU, in order
  std::string serial;              // decimal
  std::string thumbprint;          // SHA-256 of the DER, hexadecimal
};
TlsPeer PeerOf(const X509* certificate);

}  // namespace cai::host
