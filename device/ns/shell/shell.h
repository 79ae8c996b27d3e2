// The console's commands. `help` lists them.
#pragma once

#include "device/ns/app.h"
#include "device/ns/shell/line_editor.h"

namespace cai::ns {

class Shell {
 public:
  explicit Shell(App& app) : app_(app) {}

  // Takes what was typed; runs a command when a line is complete.
  void Advance();

 private:
  void Run(std::string_view line);

  App& app_;
  LineEditor editor_;
};

}  // namespace cai::ns
