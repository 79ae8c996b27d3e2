// Boost.JSON, built header-only into host_common (json.cc).
#pragma once

#include <boost/json.hpp>
