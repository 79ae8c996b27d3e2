#include "tools/cai/output.h"

#include <cstdlib>
#include <system_error>

namespace cai::cli {

Common& common() {
  static Common instance;
  return instance;
}

std::filesystem::path BuildDir() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "build/host";
  return self.parent_path().parent_path();  // <build>/bin/cai
}

std::filesystem::path Common::StateDir() const {
  if (!state.empty()) return state;
  if (const char* named = std::getenv("CAI_STATE"); named && *named)
    return named;
  const auto build = BuildDir();
  const auto all = build.parent_path();  // build/host -> build
  if (all.filename() == "build") return all / "demo" / "state";
  return std::filesystem::path("build") / "demo" / "state";
}

}  // namespace cai::cli
