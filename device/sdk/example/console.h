/* Lines on UART0, which belongs to the NSPE. */
#ifndef EXAMPLE_CONSOLE_H
#define EXAMPLE_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

void ConsoleStart(void);
void Print(const char* text);
void PrintHex(const uint8_t* bytes, size_t size);
void PrintNumber(int32_t value);

#endif
