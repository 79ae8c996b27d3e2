// `cai`: everything a person does with devices, images, keys and services.
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "host/common/text.h"
#include "tools/cai/commands.h"
#include "tools/cai/output.h"

namespace cai::cli {
namespace {

int Complain(const std::string& error, const std::string& hint, int code) {
  if (common().json) {
    std::fprintf(stderr, "{\"error\":%s,\"hint\":%s}\n",
                 host::JsonString(error).c_str(),
                 host::JsonString(hint).c_str());
    return code;
  }
  std::fprintf(stderr, "error: %s\n", host::OneLine(error).c_str());
  if (!hint.empty())
    std::fprintf(stderr, "hint: %s\n", host::OneLine(hint).c_str());
  return code;
}

// The command that was understood as far as possible.
const CLI::App& Deepest(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

std::string CommandsOf(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands({}))
    names += (names.empty() ? "" : ", ") + command->get_name();
  return names;
}

// `cai session`, `cai session nonsense`: CLI11 only says that something is
// missing.
int MissingCommand(const CLI::App& app, const CLI::App& at) {
  const auto words = app.remaining(true);
  const std::string error =
      words.empty()
          ? "which command of '" + at.get_name() + "'?"
          : "'" + at.get_name() + "' has no command '" + words.front() + "'";
  return Complain(error, "commands: " + CommandsOf(at), kExitUsage);
}

int UsageError(const CLI::App& app, const CLI::ParseError& error) {
  // --help and --version come as "errors" with exit code 0.
  if (error.get_exit_code() == 0) return app.exit(error);
  const CLI::App& at = Deepest(app);
  if (at.get_require_subcommand_min() > 0) return MissingCommand(app, at);
  return Complain(error.what(), "see `cai --help`, or --help after a command",
                  kExitUsage);
}

int Main(int argc, char** argv) {
  CLI::App app("Confidential AI: devices, images, keys and readings", "cai");
  app.fallthrough();
  app.require_subcommand(1);
  app.add_flag("--json", common().json, "print the result as JSON");
  app.add_option("--state", common().state,
                 "state folder (else $CAI_STATE, else build/demo/state)");
  RegisterImage(app);
  RegisterDevice(app);
  RegisterDemo(app);
  RegisterCa(app);
  RegisterBroker(app);
  RegisterService(app);
  RegisterCommand(app);
  RegisterRegistry(app);
  RegisterDoctor(app);
  RegisterReadings(app);
  RegisterReference(app);
  RegisterToken(app);
  RegisterFlow(app);
  RegisterSession(app);
  RegisterCose(app);
  RegisterKey(app);
  RegisterCert(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return UsageError(app, error);
  } catch (const Stop& stop) {
    return Complain(stop.what(), stop.hint(), stop.code());
  } catch (const std::filesystem::filesystem_error& error) {
    return Complain(error.path1().string() + ": " + error.code().message(),
                    "check the owner and mode of the folder", kExitFailed);
  } catch (const std::exception& error) {
    return Complain(error.what(), "", kExitFailed);
  }
  if (std::fflush(stdout) == 0) return kExitGood;
  return Complain("cannot write the output", "is the disk full?", kExitFailed);
}

}  // namespace
}  // namespace cai::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed reader is an error, not a kill
  return cai::cli::Main(argc, argv);
}
