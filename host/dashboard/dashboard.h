// The dashboard's answers: the page, the state, the stream of what is new.
#pragma once

#include <memory>

#include "host/common/http.h"
#include "host/dashboard/view.h"

namespace cai::dashboard {

// GET / and its files, /api/state, /api/events (server-sent events), /healthz.
// Answers nobody but a browser on this machine: other Host headers are refused,
// so that no page from elsewhere can read it by rebinding its name.
host::HttpHandler MakeHandler(std::shared_ptr<View> view);

}  // namespace cai::dashboard
