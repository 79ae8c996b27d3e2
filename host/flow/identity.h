// Who sends and who receives: a certificate file and, beside it, a private key.
#pragma once

#include <memory>
#include <string>

#include "host/common/keys.h"

namespace cai::flow {

struct Identity {
  std::string name;  // the subject as the tool writes it: what goes into kid
  crypto::P256Public key;
  std::unique_ptr<crypto::ScopedKey> secret;  // null if only public
};

// `certificate` is a PEM file with one certificate and nothing behind it;
// anything but its subject and its P-256 key is ignored, also its validity.
// With a private key wanted, `<name>.pk8` beside `<name>.crt` holds it (PKCS#8,
// PEM) and has to fit.
enum class Half { kPublic, kPrivate };
host::Outcome<Identity> ReadIdentity(const host::fs::path& certificate,
                                     Half half);

// "O=Linaro, CN=device", in the order of the certificate; attributes of one RDN
// are joined by " + ".
std::string NameText(const X509_NAME* name);

}  // namespace cai::flow
