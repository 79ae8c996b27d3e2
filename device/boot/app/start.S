@ The boot loader's first and last instructions.
  .syntax unified
  .thumb

  .section .vectors, "a"
  .align 10
  .global cai_boot_vectors
cai_boot_vectors:
  .word cai_link_stack_top
  .word cai_boot_Reset
  .rept 14                      @ NMI, the faults, SVCall ... SysTick
  .word cai_boot_Fault
  .endr

  .section .text.cai_boot_Reset, "ax"
  .global cai_boot_Reset
  .thumb_func
cai_boot_Reset:
  cpsid i
  ldr r0, =cai_link_stack_top
  mov sp, r0
  ldr r0, =cai_link_stack_limit
  msr msplim, r0
  ldr r0, =cai_link_data_start
  ldr r1, =cai_link_data_end
  ldr r2, =cai_link_data_load
1:
  cmp r0, r1
  bhs 2f
  ldr r3, [r2], #4
  str r3, [r0], #4
  b 1b
2:
  ldr r1, =cai_link_bss_end
  movs r3, #0
3:
  cmp r0, r1
  bhs 4f
  str r3, [r0], #4
  b 3b
4:
  bl cai_boot_Main
  b cai_boot_Fault

@ void cai_boot_Launch(vectors): forgets all of boot's RAM, this stack and the
@ registers with it, and starts the image. The hand-off lies behind that RAM.
  .section .text.cai_boot_Launch, "ax"
  .global cai_boot_Launch
  .thumb_func
cai_boot_Launch:
  movs r3, #0
  msr msplim, r3
  ldr r1, =cai_link_ram_start
  ldr r2, =cai_link_ram_end
1:
  str r3, [r1], #4
  cmp r1, r2
  blo 1b
  ldr r1, =0xE000ED08           @ VTOR
  str r0, [r1]
  dsb
  isb
  ldr r1, [r0]
  mov sp, r1
  ldr r1, [r0, #4]
  movs r0, #0
  mov r2, r0
  mov r4, r0
  mov r5, r0
  mov r6, r0
  mov r7, r0
  mov r8, r0
  mov r9, r0
  mov r10, r0
  mov r11, r0
  mov r12, r0
  mov lr, r0
  bx r1
