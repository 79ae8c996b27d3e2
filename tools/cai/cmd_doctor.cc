// cai doctor: what a machine lacks to run the system, and what is odd about its
// state folder.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "host/common/json.h"
#include "host/common/state.h"
#include "tools/cai/commands.h"
#include "tools/cai/output.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

namespace fs = std::filesystem;

struct Finding {
  std::string what;
  bool good;
  std::string hint;
};

bool OnPath(const std::string& program) {
  std::string path = std::getenv("PATH") ? std::getenv("PATH") : "";
  path += ":/usr/sbin:/sbin";
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const fs::path file = fs::path(path.substr(begin, end - begin)) / program;
    if (::access(file.c_str(), X_OK) == 0) return true;
    begin = end + 1;
  }
  return false;
}

void CheckPrograms(std::vector<Finding>& findings) {
  for (const char* program :
       {"qemu-system-arm", "mosquitto", "arm-none-eabi-gcc", "cmake", "ninja",
        "python3", "openssl"}) {
    findings.push_back({std::string("program ") + program, OnPath(program),
                        "./run setup installs it"});
  }
}

void CheckBuild(std::vector<Finding>& findings) {
  for (const char* program : {"cai-bootstrap", "cai-ingest", "cai-dashboard"})
    findings.push_back({std::string("service ") + program,
                        fs::exists(BuildDir() / "bin" / program),
                        "./run setup builds it"});
  for (const char* board : {"an521", "an547"})
    findings.push_back(
        {std::string("images of ") + board,
         fs::exists(BuildDir().parent_path() /
                    (std::string("device-") + board) / "images" / "secure.bin"),
         "./run setup builds them"});
}

void CheckMachine(std::vector<Finding>& findings) {
  std::error_code failed;
  const auto space = fs::space(BuildDir(), failed);
  findings.push_back({"1 GB of free space",
                      !failed && space.available > 1'000'000'000ull,
                      "free some space under build/"});
}

void CheckState(std::vector<Finding>& findings) {
  const fs::path root = common().StateDir();
  if (!fs::exists(root)) return;
  const auto mode = fs::status(root).permissions();
  const bool closed = (mode & (fs::perms::group_all | fs::perms::others_all)) ==
                      fs::perms::none;
  findings.push_back(
      {"state folder closed to others", closed, "chmod 700 " + root.string()});
}

void Doctor() {
  std::vector<Finding> findings;
  CheckPrograms(findings);
  CheckBuild(findings);
  CheckMachine(findings);
  CheckState(findings);
  boost::json::array list;
  std::size_t missing = 0;
  for (const Finding& f : findings) {
    missing += !f.good;
    if (common().json)
      list.push_back({{"what", f.what}, {"good", f.good}, {"hint", f.hint}});
    else
      std::printf("%-8s %s%s%s\n", f.good ? "good" : "missing", f.what.c_str(),
                  f.good ? "" : ": ", f.good ? "" : f.hint.c_str());
  }
  if (common().json) std::printf("%s\n", boost::json::serialize(list).c_str());
  if (missing != 0)
    throw Stop(std::to_string(missing) + " things are missing",
               "./run setup sees to all of them");
}

}  // namespace

void RegisterDoctor(CLI::App& app) {
  app.add_subcommand("doctor", "what is missing on this machine")->callback([] {
    Doctor();
  });
}

}  // namespace cai::cli
