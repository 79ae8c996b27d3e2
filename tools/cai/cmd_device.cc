#include "tools/cai/commands.h"
#include "tools/cai/output.h"

namespace cai::cli {

void RegisterDevice(CLI::App& app) {
  app.add_subcommand("device", "make, install and run devices")
      ->require_subcommand(1);
}

}  // namespace cai::cli
