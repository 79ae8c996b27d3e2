#include "host/ca/authority.h"

#include <openssl/err.h>

#include <algorithm>

namespace cai::ca {
namespace {

using host::CertificatePtr;
using host::KeyPtr;
using host::Problem;
using host::State;
namespace fs = host::fs;

constexpr const char* kStartOver =
    "restore it from a backup, or remove the state folder to start over";

struct Leaf {
  fs::path stem;  // ".key" and ".crt" follow
  Profile profile;
  std::int64_t lifetime;
};

std::vector<Leaf> Leaves(const State& state) {
  Profile bootstrap{.use = Use::kServer,
                    .common_name = std::string(kBootstrapHost),
                    .dns_names = {std::string(kBootstrapHost)},
                    .loopback = true};
  Profile broker{.use = Use::kServer,
                 .common_name = std::string(kBrokerHost),
                 .dns_names = {std::string(kBrokerHost)},
                 .loopback = true};
  Profile credential{.use = Use::kClient,
                     .organization = "confidential-ai",
                     .common_name = "bootstrap-register-1",
                     .unit = std::string(kBootstrapUnit)};
  Profile ingest{.use = Use::kClient, .common_name = std::string(kIngestName)};
  return {{state.bootstrap() / "server", bootstrap, kServerLifetime},
          {state.broker() / "server", broker, kServerLifetime},
          {state.bootstrap() / "bootstrap", credential, kBootstrapLifetime},
          {state.ingest() / "client", ingest, kServerLifetime}};
}

fs::path KeyFile(const fs::path& stem) { return stem.string() + ".key"; }
fs::path CertificateFile(const fs::path& stem) {
  return stem.string() + ".crt";
}

bool Exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool Fits(const X509* certificate, const EVP_PKEY* key) {
  const bool fits = X509_check_private_key(certificate, key) == 1;
  ERR_clear_error();
  return fits;
}

// The key of `stem`, made if neither it nor a certificate exists: a key without
// a certificate is an interrupted set-up, the reverse is damage.
Outcome<KeyPtr> KeyFor(const fs::path& stem) {
  if (Exists(KeyFile(stem))) return host::ReadKey(KeyFile(stem));
  if (Exists(CertificateFile(stem)))
    return Problem(Error::kHostDamaged, KeyFile(stem).string() + " is missing",
                   kStartOver);
  CAI_TRY_ASSIGN(KeyPtr key, host::GenerateKey());
  CAI_TRY(host::WriteKey(KeyFile(stem), key.get()));
  return key;
}

// Less than a third of its life is left.
bool IsOld(const X509* certificate, std::int64_t lifetime, std::int64_t now) {
  return host::NotAfter(certificate) - now < lifetime / 3;
}

Finished CheckPair(const fs::path& stem, const X509* certificate,
                   const EVP_PKEY* key, EVP_PKEY* issuer) {
  const bool signed_here =
      X509_verify(const_cast<X509*>(certificate), issuer) == 1;
  const bool fits = Fits(certificate, key);
  if (signed_here && fits) return kDone;
  return Problem(Error::kHostDamaged,
                 CertificateFile(stem).string() +
                     (fits ? " is not of this CA" : " does not fit its key"),
                 kStartOver);
}

Finished InitRoot(const State& state, std::int64_t now) {
  const fs::path stem = state.ca() / "ca";
  CAI_TRY(host::MakeFolder(state.ca()));
  CAI_TRY_ASSIGN(const KeyPtr key, KeyFor(stem));
  if (Exists(CertificateFile(stem))) {
    CAI_TRY_ASSIGN(const CertificatePtr root,
                   host::ReadCertificate(CertificateFile(stem)));
    return CheckPair(stem, root.get(), key.get(), key.get());
  }
  const Profile profile{.use = Use::kAuthority,
                        .organization = "confidential-ai",
                        .common_name = "confidential-ai device CA",
                        .not_before = now - kBackDate,
                        .not_after = now + kRootLifetime};
  CAI_TRY_ASSIGN(const CertificatePtr root,
                 MakeCertificate(profile, key.get(), nullptr, key.get()));
  return host::WriteCertificate(CertificateFile(stem), root.get());
}

Finished InitLeaf(const Leaf& leaf, const Authority& authority,
                  std::int64_t now) {
  CAI_TRY(host::MakeFolder(leaf.stem.parent_path()));
  CAI_TRY_ASSIGN(const KeyPtr key, KeyFor(leaf.stem));
  if (Exists(CertificateFile(leaf.stem))) {
    CAI_TRY_ASSIGN(const CertificatePtr certificate,
                   host::ReadCertificate(CertificateFile(leaf.stem)));
    CAI_TRY(CheckPair(leaf.stem, certificate.get(), key.get(),
                      X509_get0_pubkey(authority.certificate())));
    if (!IsOld(certificate.get(), leaf.lifetime, now)) return kDone;
  }
  Profile profile = leaf.profile;
  profile.not_before = now - kBackDate;
  profile.not_after = now + leaf.lifetime;
  CAI_TRY_ASSIGN(const CertificatePtr certificate,
                 authority.Issue(std::move(profile), key.get()));
  return host::WriteCertificate(CertificateFile(leaf.stem), certificate.get());
}

host::TlsFiles FilesOf(const State& state, const fs::path& stem) {
  return {state.ca() / "ca.crt", CertificateFile(stem), KeyFile(stem)};
}

}  // namespace

Finished Authority::Init(const State& state, std::int64_t now) {
  CAI_TRY_ASSIGN(const host::FileLock lock,
                 host::FileLock::Wait(state.root() / "ca.lock",
                                      "the CA of this state folder", 10));
  CAI_TRY(InitRoot(state, now));
  CAI_TRY_ASSIGN(const Authority authority, Open(state));
  for (const Leaf& leaf : Leaves(state))
    CAI_TRY(InitLeaf(leaf, authority, now));
  return kDone;
}

Outcome<Authority> Authority::Open(const State& state) {
  const fs::path stem = state.ca() / "ca";
  if (!Exists(KeyFile(stem)) && !Exists(CertificateFile(stem)))
    return Problem(Error::kHostNotFound, "the CA in " + state.ca().string(),
                   "make it with `cai ca init`");
  CAI_TRY_ASSIGN(CertificatePtr certificate,
                 host::ReadCertificate(CertificateFile(stem)));
  CAI_TRY_ASSIGN(KeyPtr key, host::ReadKey(KeyFile(stem)));
  CAI_TRY(CheckPair(stem, certificate.get(), key.get(), key.get()));
  return Authority(std::move(certificate), std::move(key));
}

Outcome<CertificatePtr> Authority::Issue(Profile profile, EVP_PKEY* key) const {
  profile.not_after =
      std::min(profile.not_after, host::NotAfter(certificate_.get()));
  return MakeCertificate(profile, key, certificate_.get(), key_.get());
}

host::TlsFiles BootstrapTls(const State& state) {
  return FilesOf(state, state.bootstrap() / "server");
}
host::TlsFiles BrokerTls(const State& state) {
  return FilesOf(state, state.broker() / "server");
}
host::TlsFiles IngestTls(const State& state) {
  return FilesOf(state, state.ingest() / "client");
}
host::TlsFiles BootstrapCredential(const State& state) {
  return FilesOf(state, state.bootstrap() / "bootstrap");
}

}  // namespace cai::ca
