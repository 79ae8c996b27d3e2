// cai readings: verified readings, as lines for people or JSON lines.
#include <cstdio>
#include <thread>

#include "host/common/json.h"
#include "host/dashboard/view.h"
#include "tools/cai/commands.h"
#include "tools/cai/output.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

namespace json = boost::json;

std::string Text(const json::object& row, const char* key) {
  const json::value& value = row.at(key);
  return value.is_string() ? std::string(value.as_string()) : "";
}

std::string Inputs(const json::object& row) {
  std::string text;
  for (const json::value& one : row.at("inputs").as_array()) {
    char number[32];
    std::snprintf(number, sizeof number, "%s%g", text.empty() ? "" : ", ",
                  one.to_number<double>() / 1000);
    text += number;
  }
  return text;
}

void Print(const json::object& row) {
  if (common().json) {
    std::printf("%s\n", json::serialize(row).c_str());
    return;
  }
  const std::string label = Text(row, "label");
  std::printf("%-8s #%-6lld %s %s  (%s) -> %s  token %.8s  %s\n",
              Text(row, "name").c_str(),
              static_cast<long long>(row.at("number").as_int64()),
              Text(row, "model").c_str(), Text(row, "model_version").c_str(),
              Inputs(row).c_str(),
              (label.empty() ? Text(row, "output") : label).c_str(),
              Text(row, "token_id").c_str(), Text(row, "status").c_str());
}

void Readings(bool follow, std::int64_t last) {
  const host::State state = Or(host::State::Open(common().StateDir().string()));
  dashboard::View view = Or(dashboard::View::Open(state));
  auto mark = Or(view.Before(last));
  do {
    Or(view.Readings(mark, 1000, Print));
    // A reader that left (`| head`) ends the program.
    if (std::fflush(stdout) != 0) return;
    if (follow) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  } while (follow);
}

}  // namespace

void RegisterReadings(CLI::App& app) {
  static bool follow = false;
  static std::int64_t last = 40;
  auto* command = app.add_subcommand("readings", "verified readings");
  command->add_flag("--follow,-f", follow, "go on with new ones, until Ctrl-C");
  command->add_option("--last,-n", last, "how many of the past (40)")
      ->check(CLI::NonNegativeNumber);
  command->callback([] { Readings(follow, last); });
}

}  // namespace cai::cli
