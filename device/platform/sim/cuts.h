// Power cut at every flash operation, torn at any byte: what a script leaves
// behind is rebuilt for each cut, and the test looks at it as the next boot
// would. MCUboot's simulator is the model.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace cai::sim {

struct Cut {
  std::size_t operation;  // of the script, from 0
  std::size_t torn;       // bytes of it that reached the memory
  int mark;               // the script's last Mark() before it
};

// Runs `script` once, uncut, from the memory as it is; then for each of its
// operations and for each number of bytes of it that may have been written
// (of an erase: the first 64 numbers and every 61st) calls `check` with the
// power on and the memory as that cut left it. What `check` writes is undone.
// The memory ends as the script left it. Returns the number of cuts; neither
// function may call Manufacture().
std::size_t ForEachCut(const std::function<void()>& script,
                       const std::function<void(const Cut&)>& check);

// Called by a script: how far it has come.
void Mark(int mark);

// The line by which `./run test power-loss` counts: "power cuts: 12 (what)".
void PrintCuts(std::string_view what, std::size_t cuts);

}  // namespace cai::sim
