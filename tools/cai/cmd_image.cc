#include "tools/cai/commands.h"
#include "tools/cai/output.h"

namespace cai::cli {

void RegisterImage(CLI::App& app) {
  app.add_subcommand("image", "sign and check firmware images")
      ->require_subcommand(1);
}

}  // namespace cai::cli
