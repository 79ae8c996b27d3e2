// The state folder: where everything that must outlive a process lies
// (docs/design/0001-interfaces.md, Host).
#pragma once

#include <optional>

#include "host/common/file.h"

namespace cai::host {

class State {
 public:
  // `flag` if not empty, else $CAI_STATE, else build/demo/state. Makes the
  // folder, 0700.
  static Outcome<State> Open(std::string_view flag);
  explicit State(fs::path root) : root_(std::move(root)) {}

  const fs::path& root() const { return root_; }
  fs::path ca() const { return root_ / "ca"; }
  fs::path bootstrap() const { return root_ / "bootstrap"; }
  fs::path broker() const { return root_ / "broker"; }
  fs::path service() const { return root_ / "service"; }
  fs::path ingest() const { return root_ / "ingest"; }
  fs::path devices() const { return root_ / "devices"; }
  fs::path logs() const { return root_ / "logs"; }
  fs::path registry_db() const { return root_ / "registry.db"; }
  fs::path readings_db() const { return root_ / "ingest/readings.db"; }

  // Port of a service, kept in <folder>/port; `folder` is one of the above.
  std::optional<std::uint16_t> SavedPort(const fs::path& folder) const;
  Finished SavePort(const fs::path& folder, std::uint16_t port) const;
  // `wanted` if not 0, else the saved one if it can be bound, else a free one;
  // saved. kHostInUse if `wanted` is taken. 127.0.0.1.
  Outcome<std::uint16_t> ChoosePort(const fs::path& folder,
                                    std::uint16_t wanted) const;

 private:
  fs::path root_;
};

// A TCP port of 127.0.0.1 that nobody listens on now.
Outcome<std::uint16_t> FreePort();
bool PortIsFree(std::uint16_t port);

}  // namespace cai::host
