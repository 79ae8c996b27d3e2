#include "console.h"

#include "cai/board.h"

/* CMSDK UART: data, state, control, baud rate divider. */
static volatile uint32_t* Register(uint32_t offset) {
  return (volatile uint32_t*)(CAI_UART0_BASE + offset);
}

void ConsoleStart(void) {
  *Register(16) = 16;
  *Register(8) = 1;
}

static void Put(char c) {
  while ((*Register(4) & 1) != 0) {
  }
  *Register(0) = (uint8_t)c;
}

void Print(const char* text) {
  while (*text != 0) Put(*text++);
}

void PrintHex(const uint8_t* bytes, size_t size) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < size; ++i) {
    Put(digits[bytes[i] >> 4]);
    Put(digits[bytes[i] & 15]);
  }
}

void PrintNumber(int32_t value) {
  char text[12];
  char* at = text + sizeof(text) - 1;
  uint32_t rest = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
  *at = 0;
  do *--at = (char)('0' + rest % 10);
  while ((rest /= 10) != 0);
  if (value < 0) *--at = '-';
  Print(at);
}
