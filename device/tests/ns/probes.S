@ What C++ cannot say: registers around a call into the SPE.
#include "device/spm/svc.h"
  .syntax unified
  .thumb
  .text

@ void cai_probe_Registers(uint32_t kept[8], uint32_t scratch[5]): calls
@ test's kEcho with known values in r4-r11; tells what all registers held after.
  .global cai_probe_Registers
  .thumb_func
cai_probe_Registers:
  push {r0, r1, r4-r11, lr}
  sub sp, sp, #4
  movw r4, #0x4444
  movw r5, #0x5555
  movw r6, #0x6666
  movw r7, #0x7777
  movw r8, #0x8888
  movw r9, #0x9999
  movw r10, #0xaaaa
  movw r11, #0xbbbb
  ldr r0, =0x40000009
  movs r1, #0
  movs r2, #0
  movs r3, #0
  bl cai_psa_CallVeneer
  push {r0}
  mrs r0, apsr
  ldr lr, [sp, #12]
  stmia lr!, {r1, r2, r3, r12}
  str r0, [lr]
  ldr lr, [sp, #8]
  stm lr, {r4-r11}
  pop {r0}
  add sp, sp, #12
  pop {r4-r11, pc}
