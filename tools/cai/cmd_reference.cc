// cai reference: which firmware, engines and models count as known.
#include <cstdio>

#include "host/common/json.h"
#include "host/ingest/references.h"
#include "tools/cai/commands.h"
#include "tools/cai/output.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

namespace json = boost::json;
using ingest::Component;
using ingest::References;

host::State OpenState() {
  return Or(host::State::Open(common().StateDir().string()));
}

// A file of {"firmware": [...], "engines": [...], "models": [...]}: what a
// build and its signing say of themselves.
void Add(const std::string& file) {
  const host::State state = OpenState();
  const auto path = References::PathIn(state);
  const auto lock =
      Or(host::FileLock::Wait(path.string() + ".lock", "cai reference", 10));
  References all = Or(References::Read(path));
  const References more = Or(References::Read(file));
  for (const auto& one : more.firmware) all.Add(one);
  for (const Component& one : more.engines) all.AddEngine(one);
  for (const Component& one : more.models) all.AddModel(one);
  Or(all.Write(path));
}

void ShowComponents(const char* kind, const std::vector<Component>& list) {
  for (const Component& c : list)
    std::printf("%-7s %-20s %-8s %s\n", kind, c.name.c_str(), c.version.c_str(),
                host::Hex(c.digest).c_str());
}

void List() {
  const auto path = References::PathIn(OpenState());
  const References all = Or(References::Read(path));
  if (common().json) {
    std::printf("%s", host::fs::exists(path)
                          ? Or(host::ReadText(path)).c_str()
                          : "{\"firmware\":[],\"engines\":[],\"models\":[]}\n");
    return;
  }
  for (const auto& f : all.firmware)
    std::printf("%-7s %-20s %-8s %s\n", "image", f.type.c_str(),
                f.version.c_str(), host::Hex(f.measurement).c_str());
  ShowComponents("engine", all.engines);
  ShowComponents("model", all.models);
}

}  // namespace

void RegisterReference(CLI::App& app) {
  auto* group = app.add_subcommand(
      "reference", "known firmware, engines and models: what `attested` means");
  group->require_subcommand(1);
  static std::string file;
  auto* add = group->add_subcommand("add", "add what a JSON file lists");
  add->add_option("file", file, "as the build wrote it")
      ->required()
      ->check(CLI::ExistingFile);
  add->callback([] { Add(file); });
  group->add_subcommand("list", "show all")->callback([] { List(); });
}

}  // namespace cai::cli
