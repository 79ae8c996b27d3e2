@ A program that has the secure side of a board to itself: no SPM, no
@ partitions, no interrupts. For what has to be measured or tested alone.
  .syntax unified
  .thumb

  .section .vectors, "a"
  .align 10
  .word cai_link_stack_top
  .word cai_bare_Reset
  .rept 14
  .word cai_bare_Fault
  .endr

  .section .text.cai_bare_Reset, "ax"
  .global cai_bare_Reset
  .thumb_func
cai_bare_Reset:
  cpsid i
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
  ldr r4, =cai_link_init_start
  ldr r5, =cai_link_init_end
5:
  cmp r4, r5
  bhs 6f
  ldr r0, [r4], #4
  blx r0
  b 5b
6:
  bl cai_bare_Main
  b .
