@ What C++ cannot say: registers around a call into the SPE.
#include "device/spm/svc.h"
  .syntax unified
  .thumb
  .text

@ psa_status_t cai_probe_Registers(uint32_t kept[8], uint32_t scratch[5],
@     psa_handle_t handle, uint32_t control): a call without vectors, with known
@ values in r4-r11; tells what all registers held after.
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
  mov r0, r2
  mov r1, r3
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

@ ---- A kernel with two threads, as small as can be ---------------------------
@ When SysTick fires: mode 1 calls cai_probe_Second() in the handler; mode 2
@ switches to a second thread which calls it, then back by PendSV, wherever the
@ first thread was: in the SPE too. In mode 3 two threads take turns.
  .bss
  .global cai_probe_mode
  .align 3
cai_probe_mode: .space 4
  .global cai_probe_interrupted
cai_probe_interrupted: .space 4  @ EXC_RETURN of the first thread
saved_stack: .space 4
  .align 3
other_stack: .space 4
  .align 3
second_stack: .space 2048
second_stack_top:

  .text
  .global cai_ns_SysTick
  .thumb_func
cai_ns_SysTick:
  ldr r0, =cai_probe_mode
  ldr r1, [r0]
  cmp r1, #3
  beq SwitchThreads
  ldr r0, =0xE000E010
  movs r1, #0
  str r1, [r0]                  @ once: off, and what is pending dropped
  ldr r0, =0xE000ED04
  mov r1, #0x02000000
  str r1, [r0]
  dsb
  ldr r0, =cai_probe_mode
  ldr r1, [r0]
  cmp r1, #1
  bne 1f
  push {r4, lr}
  bl cai_probe_Second
  pop {r4, pc}
1:
  ldr r0, =cai_probe_interrupted
  str lr, [r0]
  mrs r1, psp
  ldr r0, =saved_stack
  str r1, [r0]
  ldr r0, =second_stack_top
  subs r0, #32
  ldr r1, =SecondThread
  bic r1, r1, #1
  str r1, [r0, #24]
  mov r1, #0x01000000
  str r1, [r0, #28]
  msr psp, r0
  ldr lr, =0xFFFFFFBC           @ NS, thread, process stack
  bx lr

@ r4-r11 of a thread inside the SPE are the core's to keep, not ours: what is
@ saved and restored for it here are zeros.
  .thumb_func
SwitchThreads:
  mrs r0, psp
  stmdb r0!, {r4-r11, lr}
  ldr r1, =other_stack
  ldr r2, [r1]
  str r0, [r1]
  ldmia r2!, {r4-r11, lr}
  msr psp, r2
  bx lr

@ void cai_probe_PrepareThread(void (*function)()): what mode 3 switches to first.
  .global cai_probe_PrepareThread
  .thumb_func
cai_probe_PrepareThread:
  ldr r1, =second_stack_top
  subs r1, #68                  @ frame, r4-r11, lr
  bic r0, r0, #1
  str r0, [r1, #60]
  mov r0, #0x01000000
  str r0, [r1, #64]
  ldr r0, =0xFFFFFFBC
  str r0, [r1, #32]
  ldr r0, =other_stack
  str r1, [r0]
  bx lr

  .thumb_func
SecondThread:
  bl cai_probe_Second
  ldr r0, =0xE000ED04
  mov r1, #0x10000000           @ PendSV
  str r1, [r0]
  dsb
2:
  b 2b

  .global cai_ns_PendSV
  .thumb_func
cai_ns_PendSV:
  ldr r0, =saved_stack
  ldr r0, [r0]
  msr psp, r0
  ldr r0, =cai_probe_interrupted
  ldr lr, [r0]
  bx lr

@ Gives a thread its privilege back.
  .global cai_ns_SVCall
  .thumb_func
cai_ns_SVCall:
  mrs r0, control
  bic r0, r0, #1
  msr control, r0
  isb
  bx lr

@ void cai_probe_OnProcessStack(void (*function)(), void* top): as a thread of a
@ kernel runs.
  .global cai_probe_OnProcessStack
  .thumb_func
cai_probe_OnProcessStack:
  push {r4, lr}
  msr psp, r1
  movs r2, #2
  msr control, r2
  isb
  blx r0
  movs r2, #0
  msr control, r2
  isb
  pop {r4, pc}
