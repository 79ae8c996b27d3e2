// How a command of `cai` speaks and ends: results on standard output (JSON with
// --json), one `error:` and one `hint:` line on standard error, an exit code.
#pragma once

#include <exception>
#include <filesystem>
#include <string>
#include <utility>

namespace cai::cli {

enum ExitCode : int {
  kExitGood = 0,
  kExitFailed = 1,  // refused, or something it needs is missing
  kExitUsage = 2,   // the command line itself
  kExitInterrupted = 130,
};

// Ends the command. `error` says what went wrong in one line without a full
// stop, `hint` what to do about it ("" if there is nothing to say).
class Stop : public std::exception {
 public:
  Stop(std::string error, std::string hint, int code = kExitFailed)
      : error_(std::move(error)), hint_(std::move(hint)), code_(code) {}
  const char* what() const noexcept override { return error_.c_str(); }
  const std::string& hint() const { return hint_; }
  int code() const { return code_; }

 private:
  std::string error_;
  std::string hint_;
  int code_;
};

// What every command takes: `cai [--json] [--state DIR] GROUP COMMAND ...`,
// also after the command's name.
struct Common {
  bool json = false;
  std::string state;  // --state

  // --state, else $CAI_STATE, else build/demo/state under the repository (or
  // under the working directory, for a `cai` that was copied elsewhere).
  std::filesystem::path StateDir() const;
};
Common& common();

// The build tree that holds this program (".../build/host"), for defaults.
std::filesystem::path BuildDir();

}  // namespace cai::cli
