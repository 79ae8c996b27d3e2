/* A QEMU plugin that counts executed instructions by address range and writes
 * the counts when an address is first reached. Debian's QEMU has plugins but no
 * header for them: what is used of API version 1 is declared here.
 *
 *   -plugin marks.so,out=FILE,stop=ADDR[,range=START:END]...
 *
 * FILE gets one number a line: the total, then each range's. A later range that
 * overlaps an earlier one loses. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
typedef void (*TranslateCallback)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*ExecuteCallback)(unsigned cpu, void *data);
enum { kAddU64 = 0, kNoRegisters = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, TranslateCallback cb);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(
    const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
                                                int op, void *pointer,
                                                uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            ExecuteCallback cb, int flags,
                                            void *data);

EXPORT int qemu_plugin_version = 1;

enum { kMaxRanges = 4096 };
static struct {
  uint64_t start, end, count;
} ranges[kMaxRanges];
static size_t range_count;
static uint64_t total, stop;
static const char *out;
static int written;

static void Stop(unsigned cpu, void *data) {
  (void)cpu, (void)data;
  if (written++) return;
  char partial[4096];
  snprintf(partial, sizeof partial, "%s.part", out);
  FILE *file = fopen(partial, "w");
  if (!file) exit(1);
  fprintf(file, "%" PRIu64 "\n", total);
  for (size_t i = 0; i < range_count; ++i)
    fprintf(file, "%" PRIu64 "\n", ranges[i].count);
  fclose(file);
  rename(partial, out);
}

static uint64_t *CounterOf(uint64_t address) {
  for (size_t i = 0; i < range_count; ++i)
    if (address >= ranges[i].start && address < ranges[i].end)
      return &ranges[i].count;
  return NULL;
}

static void Translate(uint64_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); ++i) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    const uint64_t address = qemu_plugin_insn_vaddr(insn);
    uint64_t *counter = CounterOf(address);
    if (address == stop)
      qemu_plugin_register_vcpu_insn_exec_cb(insn, Stop, kNoRegisters, NULL);
    qemu_plugin_register_vcpu_insn_exec_inline(insn, kAddU64, &total, 1);
    if (counter)
      qemu_plugin_register_vcpu_insn_exec_inline(insn, kAddU64, counter, 1);
  }
}

EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info,
                               int argc, char **argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "out=", 4) == 0) out = strdup(argv[i] + 4);
    if (strncmp(argv[i], "stop=", 5) == 0) stop = strtoull(argv[i] + 5, 0, 0);
    if (strncmp(argv[i], "range=", 6) == 0 && range_count < kMaxRanges) {
      char *end;
      ranges[range_count].start = strtoull(argv[i] + 6, &end, 0);
      ranges[range_count++].end = strtoull(end + 1, 0, 0);
    }
  }
  if (!out || !stop) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, Translate);
  return 0;
}
