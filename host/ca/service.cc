#include "host/ca/service.h"

#include <toml++/toml.h>

#include <algorithm>

#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

namespace cai::ca {
namespace {

using host::KeyPtr;
using host::Problem;
using host::State;
namespace fs = host::fs;

constexpr const char* kStartOver =
    "restore it from a backup, or remove the state folder to start over";

fs::path File(const State& state, std::string_view name) {
  return state.service() / name;
}
fs::path EncryptionKey(const State& state, std::uint64_t generation) {
  return File(state, "enc-" + std::to_string(generation) + ".key");
}
fs::path Statement(const State& state, std::uint64_t generation) {
  return File(state, "svc-key-" + std::to_string(generation) + ".cbor");
}

bool Exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

Outcome<crypto::P256Public> KeyAt(const fs::path& path) {
  if (!Exists(path)) {
    CAI_TRY_ASSIGN(const KeyPtr made, host::GenerateKey());
    CAI_TRY(host::WriteKey(path, made.get()));
  }
  CAI_TRY_ASSIGN(const KeyPtr key, host::ReadKey(path));
  return host::PublicOf(key.get());
}

Problem Damaged(const State& state) {
  return {Error::kHostDamaged, File(state, "service.toml").string(),
          kStartOver};
}

Finished Save(const State& state, const Service& service) {
  std::string text = "# Written by `cai service`.\n";
  text += "svc = \"" + host::Hex(service.svc) + "\"\n";
  text += "min_generation = " + std::to_string(service.min_generation) + "\n";
  for (const Generation& generation : service.generations) {
    text += "\n[[generation]]\n";
    text += "number = " + std::to_string(generation.number) + "\n";
    text += "published = " + std::to_string(generation.published) + "\n";
  }
  return host::WriteFile(File(state, "service.toml"), text);
}

Outcome<std::vector<Generation>> ReadGenerations(const State& state,
                                                 const toml::table& table) {
  std::vector<Generation> out;
  const toml::array* list = table["generation"].as_array();
  if (list == nullptr) return Damaged(state);
  for (const toml::node& node : *list) {
    const toml::table* entry = node.as_table();
    if (entry == nullptr) return Damaged(state);
    Generation generation;
    generation.number = static_cast<std::uint64_t>(
        (*entry)["number"].value_or<std::int64_t>(0));
    generation.published = (*entry)["published"].value_or<std::int64_t>(0);
    generation.live = Exists(EncryptionKey(state, generation.number));
    const bool rises = out.empty() || out.back().number < generation.number;
    if (generation.number == 0 || !rises) return Damaged(state);
    out.push_back(generation);
  }
  if (out.empty() || !out.back().live) return Damaged(state);
  return out;
}

Outcome<Service> Parse(const State& state, const std::string& text) {
  // toml++ reports by exception.
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error&) {
    return Damaged(state);
  }
  Service service;
  const auto svc = host::FromHex(table["svc"].value_or<std::string>(""));
  if (!svc.ok() || svc->size() != service.svc.size()) return Damaged(state);
  CopyInto(service.svc, *svc);
  service.min_generation = static_cast<std::uint64_t>(
      table["min_generation"].value_or<std::int64_t>(1));
  CAI_TRY_ASSIGN(service.generations, ReadGenerations(state, table));
  CAI_TRY_ASSIGN(service.root, host::ReadPublicKey(File(state, "root.pub")));
  return service;
}

// The statement of the newest generation, signed by the root.
Finished Publish(const State& state, const Service& service) {
  wire::ServiceKey key;
  key.svc = service.svc;
  key.generation = service.newest().number;
  key.min_generation = service.min_generation;
  CAI_TRY_ASSIGN(key.encryption, KeyAt(EncryptionKey(state, key.generation)));
  CAI_TRY_ASSIGN(key.signing, KeyAt(File(state, "sign.key")));
  key.suites = {std::uint8_t(wire::Suite::kChaCha20Poly1305),
                std::uint8_t(wire::Suite::kAes128Gcm)};
  key.suite_count = 2;
  CAI_TRY_ASSIGN(const BorrowedKey root,
                 BorrowedKey::Read(File(state, "root.key")));
  ByteArray<wire::ServiceKey::kMaxEncoded> out;
  CAI_TRY_ASSIGN(const Bytes message,
                 wire::MakeServiceKey(key, root.get(), service.root, out));
  return host::WriteFile(Statement(state, key.generation), message, 0644);
}

Outcome<host::FileLock> Lock(const State& state) {
  CAI_TRY(host::MakeFolder(state.service()));
  return host::FileLock::Wait(state.root() / "service.lock",
                              "the service keys of this state folder", 10);
}

Finished InitRoot(const State& state) {
  const fs::path key_file = File(state, "root.key");
  if (!Exists(key_file) && Exists(File(state, "service.toml")))
    return Problem(Error::kHostDamaged, key_file.string() + " is missing",
                   kStartOver);
  CAI_TRY(KeyAt(key_file));
  CAI_TRY_ASSIGN(const KeyPtr key, host::ReadKey(key_file));
  return host::WritePublicKey(File(state, "root.pub"), key.get());
}

Outcome<Service> First(const State& state, std::int64_t now) {
  Service service;
  CAI_TRY(crypto::Random(service.svc));
  service.generations = {{1, now, true}};
  CAI_TRY_ASSIGN(service.root, host::ReadPublicKey(File(state, "root.pub")));
  return service;
}

// A generation ends a while after the next one was published; the newest never.
bool IsOver(const std::vector<Generation>& all, std::size_t i,
            std::int64_t now) {
  return i + 1 < all.size() && all[i + 1].published + kGenerationLinger <= now;
}

void Destroy(const State& state, const Service& service, std::int64_t now,
             bool revoke) {
  const auto& all = service.generations;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    std::error_code error;
    if (revoke || IsOver(all, i, now))
      fs::remove(EncryptionKey(state, all[i].number), error);
  }
}

}  // namespace

Outcome<BorrowedKey> BorrowedKey::Read(const fs::path& path) {
  CAI_TRY_ASSIGN(const KeyPtr key, host::ReadKey(path));
  CAI_TRY_ASSIGN(const Secret<32> scalar, host::ScalarOf(key.get()));
  CAI_TRY_ASSIGN(const crypto::P256Private borrowed,
                 crypto::ImportScalar(scalar.bytes()));
  return BorrowedKey(borrowed);
}

crypto::Digest Service::RootHash() const { return crypto::Sha256::Of(root.xy); }

Finished Service::Init(const State& state, std::int64_t now) {
  CAI_TRY_ASSIGN(const host::FileLock lock, Lock(state));
  CAI_TRY(InitRoot(state));
  if (Exists(File(state, "service.toml"))) {
    CAI_TRY_ASSIGN(const Service service, Open(state));
    if (Exists(Statement(state, service.newest().number))) return kDone;
    return Publish(state, service);
  }
  CAI_TRY_ASSIGN(const Service service, First(state, now));
  CAI_TRY(Publish(state, service));
  // Last: its presence says that all the others are there.
  return Save(state, service);
}

Outcome<Service> Service::Open(const State& state) {
  const auto text = host::ReadText(File(state, "service.toml"), 1u << 20);
  if (!text.ok() && text.error().error == Error::kHostNotFound)
    return Problem(Error::kHostNotFound,
                   "the service keys in " + state.service().string(),
                   "make them with `cai service init`");
  CAI_TRY(text);
  return Parse(state, *text);
}

Outcome<Service> Service::Rotate(const State& state, std::int64_t now,
                                 bool revoke) {
  CAI_TRY_ASSIGN(const host::FileLock lock, Lock(state));
  CAI_TRY_ASSIGN(Service service, Open(state));
  const std::uint64_t next = service.newest().number + 1;
  service.generations.push_back({next, now, true});
  if (revoke) service.min_generation = next;
  CAI_TRY(Publish(state, service));
  CAI_TRY(Save(state, service));
  Destroy(state, service, now, revoke);
  return Open(state);
}

Outcome<bool> Service::Expire(const State& state, std::int64_t now) {
  const auto any_over = [&](const Service& service) {
    const auto& all = service.generations;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].live && IsOver(all, i, now)) return true;
    return false;
  };
  CAI_TRY_ASSIGN(const Service seen, Open(state));
  if (!any_over(seen)) return false;
  CAI_TRY_ASSIGN(const host::FileLock lock, Lock(state));
  CAI_TRY_ASSIGN(const Service service, Open(state));
  Destroy(state, service, now, false);
  return true;
}

Outcome<Blob> ServiceKeyMessage(const State& state) {
  CAI_TRY_ASSIGN(const Service service, Service::Open(state));
  return host::ReadFile(Statement(state, service.newest().number));
}

}  // namespace cai::ca
