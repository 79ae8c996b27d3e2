// Reference values: which firmware, engines and models are known and approved.
// A JSON file in the state folder, written by `cai reference`:
//   {"firmware": [{"type", "version", "measurement", "signer"}],
//    "engines": [{"name", "version", "digest"}],
//    "models": [{"name", "version", "digest", "labels": [..]}]}
#pragma once

#include <string>
#include <vector>

#include "host/common/state.h"
#include "host/ingest/store.h"
#include "lib/eat/verify.h"

namespace cai::ingest {

struct Firmware {
  std::string type;  // "BL", "SPE", "NSPE"
  std::string version;
  crypto::Digest measurement{};
  crypto::Digest signer{};
};

struct References {
  std::vector<Firmware> firmware;
  std::vector<Component> engines;
  std::vector<Component> models;

  static host::fs::path PathIn(const host::State& state);
  // An absent file is an empty set; a damaged one is kHostDamaged.
  static Outcome<References> Read(const host::fs::path& path);
  Finished Write(const host::fs::path& path) const;

  // Each replaces an entry with the same digest.
  void Add(const Firmware& one);
  void AddEngine(const Component& one);
  void AddModel(const Component& one);

  const Component* FindModel(Bytes digest) const;
};

// The same as lib/eat wants it; views into `references`, which must outlive it.
class ReferenceView {
 public:
  explicit ReferenceView(const References& references);
  eat::ReferenceValues values() const { return {firmware_, engines_, models_}; }

 private:
  std::vector<eat::FirmwareReference> firmware_;
  std::vector<crypto::Digest> engines_, models_;
};

}  // namespace cai::ingest
