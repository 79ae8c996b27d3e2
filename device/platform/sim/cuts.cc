#include "device/platform/sim/cuts.h"

#include <cstdio>
#include <ranges>

#include "device/platform/sim/sim.h"

namespace cai::sim {
namespace {

int current_mark = 0;

void Write(std::uint32_t offset, Bytes data) {
  CopyInto(NvForAttack().subspan(offset), data);
}

void Undo(const std::vector<Operation>& journal) {
  for (const Operation& done : std::views::reverse(journal))
    Write(done.offset, done.before);
}

// The numbers of bytes of one operation after which it is cut.
std::vector<std::size_t> Tears(const Operation& operation) {
  std::vector<std::size_t> tears;
  for (std::size_t torn = 0; torn < operation.after.size(); ++torn)
    if (!operation.erase || torn < 64 || torn % 61 == 0) tears.push_back(torn);
  return tears;
}

// As the next boot finds it, and as if it had never looked.
void Look(const std::function<void(const Cut&)>& check, const Cut& cut) {
  std::vector<Operation> written;
  PowerOn();
  Record(&written);
  check(cut);
  Record(nullptr);
  Undo(written);
}

struct Journal {
  std::vector<Operation> operations;
  std::vector<int> marks;  // of each operation
};

// The script tells a mark before what belongs to it, so each operation's mark
// is the one that stood when it was recorded.
Journal* recording = nullptr;

void CatchUp() {
  if (recording != nullptr)
    recording->marks.resize(recording->operations.size(), current_mark);
}

Journal Run(const std::function<void()>& script) {
  Journal journal;
  recording = &journal;
  current_mark = 0;
  Record(&journal.operations);
  script();
  Record(nullptr);
  CatchUp();
  recording = nullptr;
  return journal;
}

}  // namespace

void Mark(int mark) {
  CatchUp();
  current_mark = mark;
}

std::size_t ForEachCut(const std::function<void()>& script,
                       const std::function<void(const Cut&)>& check) {
  const Journal journal = Run(script);
  Undo(journal.operations);
  std::size_t cuts = 0;
  for (std::size_t i = 0; i < journal.operations.size(); ++i) {
    const Operation& operation = journal.operations[i];
    for (const std::size_t torn : Tears(operation)) {
      Write(operation.offset, Bytes(operation.after).first(torn));
      Look(check, {i, torn, journal.marks[i]});
      ++cuts;
    }
    Write(operation.offset, operation.after);
  }
  PowerOn();
  return cuts;
}

void PrintCuts(std::string_view what, std::size_t cuts) {
  std::printf("power cuts: %zu (%.*s)\n", cuts, static_cast<int>(what.size()),
              what.data());
}

}  // namespace cai::sim
