// A stream whose other end is the test.
#pragma once

#include <optional>
#include <string>

#include "device/ns/stream.h"

namespace cai::ns::testing {

class FakeStream final : public Stream {
 public:
  Status Open(const Endpoint& endpoint, std::uint64_t) override {
    ++opened;
    last_endpoint = endpoint;
    to_device.clear();
    from_device.clear();
    if (open_error) return *open_error;
    state_ = State::kOpening;
    return kDone;
  }
  bool Step(std::uint64_t) override {
    if (state_ != State::kOpening || stuck) return false;
    if (step_error) {
      Fail(*step_error);
      return true;
    }
    state_ = State::kOpen;
    return true;
  }
  std::size_t Send(Bytes bytes) override {
    if (state_ != State::kOpen) return 0;
    const std::size_t size = std::min(bytes.size(), chunk);
    from_device += AsText(bytes.first(size));
    return size;
  }
  std::size_t Receive(MutableBytes out) override {
    if (state_ != State::kOpen) return 0;
    const std::size_t size = std::min({out.size(), chunk, to_device.size()});
    CopyInto(out, AsBytes(std::string_view(to_device).substr(0, size)));
    to_device.erase(0, size);
    return size;
  }
  void Close() override {
    if (state_ != State::kClosed) ++closed;
    state_ = State::kClosed;
  }
  State state() const override { return state_; }
  Error error() const override { return error_; }

  void Fail(Error error) {
    state_ = State::kFailed;
    error_ = error;
  }

  int opened = 0, closed = 0;
  Endpoint last_endpoint;
  std::optional<Error> open_error, step_error;
  bool stuck = false;
  std::size_t chunk = 7;  // bytes that move at once
  std::string from_device, to_device;

 private:
  State state_ = State::kClosed;
  Error error_ = Error::kNsConnection;
};

}  // namespace cai::ns::testing
