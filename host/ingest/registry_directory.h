// The registry and the reference values, as ingest asks them.
#pragma once

#include "host/ingest/appraiser.h"
#include "host/ingest/references.h"
#include "host/registry/registry.h"

namespace cai::ingest {

class RegistryDirectory : public Directory {
 public:
  static Outcome<RegistryDirectory> Open(const host::State& state);

  Outcome<std::optional<Device>> Find(const std::string& uuid) override;
  Outcome<Appraisal> Appraise(const Device& device, const wire::Svc& svc,
                              const wire::SessionHeader& header,
                              Bytes token) override;

 private:
  RegistryDirectory(registry::Registry registry, host::fs::path references)
      : registry_(std::move(registry)), references_(std::move(references)) {}

  registry::Registry registry_;
  host::fs::path references_;  // read at each appraisal: it may have grown
};

}  // namespace cai::ingest
