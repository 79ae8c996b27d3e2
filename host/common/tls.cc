#include "host/common/tls.h"

#include <openssl/sha.h>

namespace cai::host {
namespace {

// TLS 1.2 with forward secrecy and AEAD only; TLS 1.3 has nothing else.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305";

Finished Load(SSL_CTX* tls, const TlsFiles& files) {
  // Read first: a missing or damaged file gets the words of its own.
  CAI_TRY_ASSIGN(const CertificatePtr ca, ReadCertificate(files.ca));
  CAI_TRY_ASSIGN(const CertificatePtr own, ReadCertificate(files.certificate));
  CAI_TRY_ASSIGN(const KeyPtr key, ReadKey(files.key));
  X509_STORE* store = SSL_CTX_get_cert_store(tls);
  if (X509_STORE_add_cert(store, ca.get()) != 1 ||
      SSL_CTX_use_certificate(tls, own.get()) != 1)
    return CryptoProblem("loading " + files.certificate.string());
  if (SSL_CTX_use_PrivateKey(tls, key.get()) != 1 ||
      SSL_CTX_check_private_key(tls) != 1) {
    const Problem why = CryptoProblem("");
    return Problem(Error::kHostDamaged,
                   files.key.string() + " does not fit its certificate",
                   "restore both from a backup, or start with a fresh folder");
  }
  return kDone;
}

Outcome<TlsContextPtr> Make(const SSL_METHOD* method, const TlsFiles& files) {
  TlsContextPtr tls(SSL_CTX_new(method));
  if (tls == nullptr) return CryptoProblem("a TLS context");
  SSL_CTX_set_min_proto_version(tls.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(tls.get(), kCiphers);
  SSL_CTX_set_options(tls.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(tls.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(tls.get(), 0);
  CAI_TRY(Load(tls.get(), files));
  return tls;
}

}  // namespace

Outcome<TlsContextPtr> ServerTls(const TlsFiles& files) {
  CAI_TRY_ASSIGN(TlsContextPtr tls, Make(TLS_server_method(), files));
  SSL_CTX_set_verify(
      tls.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return tls;
}

Outcome<TlsContextPtr> ClientTls(const TlsFiles& files) {
  CAI_TRY_ASSIGN(TlsContextPtr tls, Make(TLS_client_method(), files));
  SSL_CTX_set_verify(tls.get(), SSL_VERIFY_PEER, nullptr);
  return tls;
}

TlsPeer PeerOf(const X509* certificate) {
  const X509_NAME* name = X509_get_subject_name(certificate);
  const auto common_names = Names(name, NID_commonName);
  const Blob der = CertificateDer(certificate);
  ByteArray<32> digest;
  SHA256(AsU8(der), der.size(), AsU8(MutableBytes(digest)));
  return {common_names.size() == 1 ? common_names.front() : std::string(),
          Names(name, NID_organizationalUnitName), SerialText(certificate),
          Hex(digest)};
}

}  // namespace cai::host
