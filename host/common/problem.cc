#include "host/common/problem.h"

#include <cstdio>
#include <string_view>

#include "host/common/text.h"

namespace cai::host {

std::string Problem::Text() const {
  std::string text(words);
  if (!text.empty()) text += ": ";
  text += ErrorWords(error);
  return text;
}

int Report(const Problem& problem, bool json) {
  const std::string name(ErrorName(problem.error));
  if (json) {
    std::fprintf(stderr, "{\"error\":%s,\"words\":%s,\"hint\":%s}\n",
                 JsonString(name).c_str(), JsonString(problem.Text()).c_str(),
                 JsonString(problem.hint).c_str());
  } else {
    std::fprintf(stderr, "error: %s\n", problem.Text().c_str());
    if (!problem.hint.empty())
      std::fprintf(stderr, "hint: %s\n", problem.hint.c_str());
  }
  return problem.error == Error::kHostUsage ? 2 : 1;
}

}  // namespace cai::host
