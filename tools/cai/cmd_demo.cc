#include "tools/cai/commands.h"
#include "tools/cai/output.h"

namespace cai::cli {

void RegisterDemo(CLI::App& app) {
  app.add_subcommand("demo", "play with the running demo")
      ->require_subcommand(1);
}

}  // namespace cai::cli
