#include "host/device/qmp.h"

namespace cai::device {
namespace {

constexpr std::chrono::milliseconds kWait{3000};
constexpr std::size_t kMaxLine = 1u << 20;

}  // namespace

host::Outcome<Qmp> Qmp::Open(const host::fs::path& path) {
  CAI_TRY_ASSIGN(UnixSocket socket, UnixSocket::Connect(path));
  Qmp qmp(std::move(socket));
  CAI_TRY_ASSIGN(const auto greeting, qmp.NextLine());
  if (!greeting.contains("QMP"))
    return host::Problem(Error::kHostMalformed, "QEMU's greeting");
  CAI_TRY(qmp.Execute("qmp_capabilities"));
  return qmp;
}

host::Outcome<boost::json::value> Qmp::Execute(
    std::string_view command, const boost::json::object& arguments) {
  boost::json::object request{{"execute", command}};
  if (!arguments.empty()) request["arguments"] = arguments;
  CAI_TRY(socket_.Send(boost::json::serialize(request) + "\n"));
  for (;;) {  // events may come between; each wait is limited
    CAI_TRY_ASSIGN(boost::json::object answer, NextLine());
    if (answer.contains("return")) return answer["return"];
    if (!answer.contains("error")) continue;
    return host::Problem(
        Error::kHostUsage,
        "QEMU says " + boost::json::serialize(answer["error"]));
  }
}

host::Outcome<boost::json::object> Qmp::NextLine() {
  std::size_t end;
  while ((end = pending_.find('\n')) == std::string::npos) {
    CAI_TRY_ASSIGN(const std::string more, socket_.Receive(kWait));
    if (more.empty() || pending_.size() > kMaxLine)
      return host::Problem(Error::kHostIo, "QEMU closed its control socket");
    pending_ += more;
  }
  const std::string line = pending_.substr(0, end);
  pending_.erase(0, end + 1);
  boost::system::error_code error;
  const auto value = boost::json::parse(line, error);
  if (error || !value.is_object())
    return host::Problem(Error::kHostMalformed, "QEMU's answer");
  return value.get_object();
}

}  // namespace cai::device
