// The ingest service: MQTT in, decisions by Receiver, MQTT out.
#pragma once

#include <memory>
#include <string>

#include "host/common/state.h"
#include "host/ingest/registry_directory.h"

namespace boost::asio {
class io_context;
}

namespace cai::ingest {

struct ServiceOptions {
  std::string broker_address = "127.0.0.1";
  std::uint16_t broker_port = 0;
};

class Service {
 public:
  // Opens store, keys and registry; kHostInUse if another ingest runs on this
  // state folder.
  static Outcome<std::unique_ptr<Service>> Open(const host::State& state,
                                                const ServiceOptions& options,
                                                boost::asio::io_context& io);
  ~Service();

  void Start();
  void Stop();

  // Why it stopped by itself: the store failed, nothing was acknowledged since.
  const std::optional<host::Problem>& failure() const;

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace cai::ingest
