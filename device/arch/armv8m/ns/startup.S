@ Reset and vectors of an NS image. An image overrides what it needs:
@   cai_ns_Main              called with .data and .bss ready, constructors run
@   cai_ns_SysTick           SysTick_NS
@   cai_ns_SVCall, cai_ns_PendSV
@   cai_ns_Fault             any fault; r0 = vector number, r1 = stacked frame.
@                            An access that the SPM refused comes here as a
@                            MemManage fault (4) at the instruction that did it
@   cai_ns_Irq<n>            external interrupt n, 0..127
  .syntax unified
  .thumb

  .section .vectors, "a"
  .align 10
  .global cai_ns_vectors
cai_ns_vectors:
  .word cai_ns_link_stack_end
  .word cai_ns_Reset
  .word FaultEntry            @ NMI
  .word FaultEntry            @ HardFault
  .word FaultEntry            @ MemManage
  .word FaultEntry            @ BusFault
  .word FaultEntry            @ UsageFault
  .word FaultEntry            @ SecureFault: never NS
  .word 0, 0, 0
  .word cai_ns_SVCall
  .word FaultEntry            @ DebugMonitor
  .word 0
  .word cai_ns_PendSV
  .word cai_ns_SysTick
  .altmacro
  .macro irq number
  .weak cai_ns_Irq\number
  .set cai_ns_Irq\number, FaultEntry
  .word cai_ns_Irq\number
  .endm
  .set i, 0
  .rept 128
  irq %i
  .set i, i + 1
  .endr

  .macro fallback name
  .weak \name
  .thumb_set \name, FaultEntry
  .endm
  fallback cai_ns_SVCall
  fallback cai_ns_PendSV
  fallback cai_ns_SysTick

  .section .text.cai_ns_Reset, "ax"
  .global cai_ns_Reset
  .thumb_func
cai_ns_Reset:
  ldr r0, =cai_ns_link_stack_start
  msr msplim, r0
  ldr r0, =cai_ns_link_data_start
  ldr r1, =cai_ns_link_data_end
  ldr r2, =cai_ns_link_data_load
1:
  cmp r0, r1
  bhs 2f
  ldr r3, [r2], #4
  str r3, [r0], #4
  b 1b
2:
  ldr r0, =cai_ns_link_bss_start
  ldr r1, =cai_ns_link_bss_end
  movs r2, #0
3:
  cmp r0, r1
  bhs 4f
  str r2, [r0], #4
  b 3b
4:
  ldr r0, =0xE000ED24         @ SHCSR: MemManage, BusFault, UsageFault enabled,
  ldr r1, [r0]                @ so that a refused access reaches cai_ns_Fault
  orr r1, r1, #(7 << 16)      @ and not the SPM's reset
  str r1, [r0]
  dsb
  ldr r4, =cai_ns_link_init_start
  ldr r5, =cai_ns_link_init_end
5:
  cmp r4, r5
  bhs 6f
  ldr r0, [r4], #4
  blx r0
  b 5b
6:
  bl cai_ns_Main
7:
  wfi
  b 7b

  .section .text.cai_ns_FaultEntry, "ax"
  .thumb_func
FaultEntry:
  mrs r0, ipsr
  tst lr, #4
  ite eq
  mrseq r1, msp
  mrsne r1, psp
  b cai_ns_Fault

  .weak cai_ns_Fault
  .thumb_func
cai_ns_Fault:
  b cai_ns_Fault
