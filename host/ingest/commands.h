// Orders, as signed commands for the boot that a device is in.
#pragma once

#include <vector>

#include "host/ingest/service_keys.h"
#include "host/ingest/store.h"

namespace cai::ingest {

class Commander {
 public:
  Commander(Store& store, const ServiceKeys& keys)
      : store_(store), keys_(keys) {}

  // What the device of this session, its newest, is to be told now. Each is
  // noted as given before it is returned: one that then gets lost is not
  // repeated within the session.
  Outcome<std::vector<Blob>> Due(const Session& session, const wire::Uuid& uuid,
                                 std::uint64_t now_ms);

  // True once after each order that was placed.
  Outcome<bool> HasNews();

 private:
  Outcome<Blob> Sign(const Order& order, const Session& session,
                     const wire::Uuid& uuid, std::uint64_t now_ms);

  Store& store_;
  const ServiceKeys& keys_;
  std::optional<std::int64_t> newest_;
};

}  // namespace cai::ingest
