// The configuration of Mosquitto in the state folder.
#pragma once

#include "host/common/state.h"

namespace cai::ca {

// Writes broker/mosquitto.conf and broker/acl: TLS 1.2 or newer on loopback,
// every client with a certificate of our CA, its common name as the user; a
// device reads and writes below cai/<its name>/, cai-ingest all of cai/.
// Needs Authority::Init. Returns the configuration's path; run
// `mosquitto -c PATH` as the owner of the state folder.
host::Outcome<host::fs::path> WriteBrokerConfig(const host::State& state,
                                                std::uint16_t port);

}  // namespace cai::ca
