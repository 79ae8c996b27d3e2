// QEMU's machine protocol: one command at a time, on a connection of its own
// (QEMU serves one client, so nobody keeps it).
#pragma once

#include "host/common/json.h"
#include "host/device/unix_socket.h"

namespace cai::device {

class Qmp {
 public:
  // Connects and greets. kHostNotFound if the device does not run; kHostTimeout
  // if another client holds the connection.
  static host::Outcome<Qmp> Open(const host::fs::path& socket);

  // The "return" member; kHostUsage with QEMU's words for its refusal.
  host::Outcome<boost::json::value> Execute(
      std::string_view command, const boost::json::object& arguments = {});

 private:
  explicit Qmp(UnixSocket socket) : socket_(std::move(socket)) {}
  host::Outcome<boost::json::object> NextLine();

  UnixSocket socket_;
  std::string pending_;
};

}  // namespace cai::device
