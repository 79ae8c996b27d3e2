#include "host/dashboard/view.h"

#include <map>

#include "host/common/json.h"
#include "host/common/sqlite.h"
#include "host/ingest/store.h"
#include "host/registry/registry.h"

namespace cai::dashboard {

namespace json = boost::json;

struct View::State {
  host::Database readings;
  registry::Registry registry;
  std::map<std::string, std::string> names;  // uuid -> name

  const std::string& NameOf(const std::string& uuid) {
    std::string& name = names[uuid];
    if (!name.empty()) return name;
    const auto id = host::ParseUuid(uuid);
    if (!id.ok()) return name;
    const auto device = registry.Find(*id);
    if (device.ok()) name = device->endorsement.name;
    return name;
  }
};

namespace {

constexpr int kShown = 40;

constexpr const char* kReadingColumns =
    "SELECT id, device, number, model, model_version, model_hash, inputs, "
    "output, label, token_id, status, received, t_lo, t_hi, sc, seq, "
    "generation FROM readings ";

json::value ParseInputs(const std::string& text) {
  boost::system::error_code failed;
  json::value value = json::parse(text, failed);
  return failed ? json::array() : value;
}

json::object ReadingOf(const host::Statement& row, const std::string& name) {
  json::object reading = {{"id", row.Int(0)},
                          {"device", row.Text(1)},
                          {"name", name},
                          {"number", row.Int(2)},
                          {"model", row.Text(3)},
                          {"model_version", row.Text(4)},
                          {"model_hash", host::Hex(row.Bytes(5))},
                          {"inputs", ParseInputs(row.Text(6))},
                          {"output", host::Hex(row.Bytes(7))},
                          {"label", nullptr},
                          {"token_id", host::Hex(row.Bytes(9))},
                          {"status", row.Text(10)},
                          {"received", row.Real(11)},
                          {"taken_from_ms", row.Int(12)},
                          {"taken_to_ms", row.Int(13)},
                          {"session", row.Int(14)},
                          {"sequence", row.Int(15)},
                          {"service_generation", row.Int(16)}};
  if (!row.IsNull(8)) reading["label"] = row.Text(8);
  return reading;
}

json::object RefusalOf(const host::Statement& row) {
  return {{"id", row.Int(0)},
          {"device", row.Text(1)},
          {"reason", row.Text(2)},
          {"topic", row.Text(3)},
          {"received", row.Real(4)}};
}

Outcome<std::int64_t> One(host::Database& database, std::string_view sql,
                          const std::string& device = {}) {
  CAI_TRY_ASSIGN(host::Statement row, database.Prepare(sql));
  if (!device.empty()) row.Bind(device);
  CAI_TRY_ASSIGN(const bool found, row.Step());
  return found ? row.Int(0) : 0;
}

// The newest label, and the first input behind each of the last forty.
Finished AddTrace(host::Database& database, const std::string& device,
                  json::object& out) {
  CAI_TRY_ASSIGN(
      host::Statement row,
      database.Prepare("SELECT inputs, label FROM readings WHERE device = ? "
                       "AND label IS NOT NULL ORDER BY id DESC LIMIT 40"));
  row.Bind(device);
  json::array trace;
  out["label"] = nullptr;
  while (true) {
    CAI_TRY_ASSIGN(const bool more, row.Step());
    if (!more) break;
    if (trace.empty()) out["label"] = row.Text(1);
    const json::value inputs = ParseInputs(row.Text(0));
    if (inputs.is_array() && !inputs.as_array().empty())
      trace.insert(trace.begin(), inputs.as_array().front());
  }
  out["trace"] = trace;
  return kDone;
}

}  // namespace

View::View(std::unique_ptr<State> state) : state_(std::move(state)) {}
View::View(View&&) noexcept = default;
View::~View() = default;

Outcome<View> View::Open(const host::State& state) {
  CAI_TRY_ASSIGN(host::Database readings,
                 ingest::OpenReadings(state.readings_db()));
  CAI_TRY_ASSIGN(registry::Registry registry,
                 registry::Registry::Open(state.registry_db()));
  return View(std::make_unique<State>(
      State{std::move(readings), std::move(registry), {}}));
}

Outcome<View::Mark> View::Newest() {
  Mark mark;
  CAI_TRY_ASSIGN(
      mark.reading,
      One(state_->readings, "SELECT coalesce(max(id), 0) FROM readings"));
  CAI_TRY_ASSIGN(
      mark.refusal,
      One(state_->readings, "SELECT coalesce(max(id), 0) FROM refusals"));
  return mark;
}

Outcome<View::Mark> View::Before(std::int64_t count) {
  CAI_TRY_ASSIGN(Mark mark, Newest());
  mark.reading = std::max<std::int64_t>(0, mark.reading - count);
  mark.refusal = std::max<std::int64_t>(0, mark.refusal - count);
  return mark;
}

Finished View::Readings(Mark& mark, std::int64_t limit, const Row& show) {
  CAI_TRY_ASSIGN(host::Statement row,
                 state_->readings.Prepare(std::string(kReadingColumns) +
                                          "WHERE id > ? ORDER BY id LIMIT ?"));
  row.Bind(mark.reading, limit);
  while (true) {
    CAI_TRY_ASSIGN(const bool more, row.Step());
    if (!more) return kDone;
    mark.reading = row.Int(0);
    show(ReadingOf(row, state_->NameOf(row.Text(1))));
  }
}

Finished View::Refusals(Mark& mark, std::int64_t limit, const Row& show) {
  CAI_TRY_ASSIGN(host::Statement row,
                 state_->readings.Prepare(
                     "SELECT id, device, reason, topic, received FROM refusals "
                     "WHERE id > ? ORDER BY id LIMIT ?"));
  row.Bind(mark.refusal, limit);
  while (true) {
    CAI_TRY_ASSIGN(const bool more, row.Step());
    if (!more) return kDone;
    mark.refusal = row.Int(0);
    show(RefusalOf(row));
  }
}

Outcome<std::string> View::Everything() {
  json::array devices;
  CAI_TRY_ASSIGN(const auto known, state_->registry.Devices());
  for (const registry::Device& device : known) {
    const std::string uuid = device.endorsement.uuid.Text();
    json::object one = {{"uuid", uuid},
                        {"name", device.endorsement.name},
                        {"board", device.endorsement.board}};
    CAI_TRY_ASSIGN(one["readings"],
                   One(state_->readings,
                       "SELECT count(*) FROM readings WHERE device = ?", uuid));
    CAI_TRY_ASSIGN(one["refused"],
                   One(state_->readings,
                       "SELECT count(*) FROM refusals WHERE device = ?", uuid));
    CAI_TRY_ASSIGN(one["missing"],
                   One(state_->readings,
                       "SELECT coalesce(sum(at_most), 0) FROM gaps WHERE "
                       "device = ?",
                       uuid));
    CAI_TRY(AddTrace(state_->readings, uuid, one));
    json::array certificates;
    CAI_TRY_ASSIGN(const auto issued,
                   state_->registry.Certificates(device.endorsement.uuid));
    for (const registry::CertificateRecord& c : issued)
      certificates.push_back({{"purpose", registry::PurposeText(c.purpose)},
                              {"serial", c.serial}});
    one["certificates"] = certificates;
    devices.push_back(one);
  }
  CAI_TRY_ASSIGN(Mark mark, Before(kShown));
  json::array readings, refusals;
  CAI_TRY(Readings(mark, kShown, [&](const json::object& row) {
    readings.insert(readings.begin(), row);
  }));
  CAI_TRY(Refusals(mark, kShown, [&](const json::object& row) {
    refusals.insert(refusals.begin(), row);
  }));
  return json::serialize(json::object{
      {"devices", devices}, {"readings", readings}, {"refusals", refusals}});
}

}  // namespace cai::dashboard
