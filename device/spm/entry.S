@ Every way into the SPM: reset, veneers, supervisor calls, faults, the tick,
@ interrupts of partitions.
#include "device/spm/svc.h"

  .syntax unified
  .thumb

  .set kSeal, 0xFEF5EDA5        @ no exception frame starts with it
  .set kBusy, -131              @ PSA_ERROR_CONNECTION_BUSY

@ ---- Vectors ----------------------------------------------------------------
  .section .vectors, "a"
  .align 10
  .global cai_spm_vectors
cai_spm_vectors:
  .word cai_link_spm_stack_seal
  .word cai_Reset
  .word cai_spm_FaultEntry      @ NMI: the watchdog
  .word cai_spm_FaultEntry      @ HardFault
  .word cai_spm_FaultEntry      @ MemManage
  .word cai_spm_FaultEntry      @ BusFault
  .word cai_spm_FaultEntry      @ UsageFault
  .word cai_spm_FaultEntry      @ SecureFault
  .word 0, 0, 0
  .word cai_spm_SvcEntry
  .word cai_spm_FaultEntry      @ DebugMonitor
  .word 0
  .word cai_spm_FaultEntry      @ PendSV: unused
  .word cai_spm_TickEntry
  .rept 128
  .word cai_spm_InterruptEntry  @ enabled only where the manifest gives it to a partition
  .endr

@ ---- Reset ------------------------------------------------------------------
  .section .text.cai_Reset, "ax"
  .global cai_Reset
  .thumb_func
cai_Reset:
  cpsid i
  movs r0, #0
  msr control, r0
  msr msplim, r0
  isb
  ldr r0, =0xE000ED94           @ MPU_CTRL: whatever boot had set, off
  movs r1, #0
  str r1, [r0]
  dsb
  isb
  ldr r0, =cai_link_spm_stack_seal
  mov sp, r0
  ldr r1, =kSeal
  str r1, [r0]
  str r1, [r0, #4]
  msr psp, r0                   @ a forged return finds the seal there too
  ldr r0, =cai_link_spm_stack_start
  msr msplim, r0
  ldr r0, =0xE000ED08           @ VTOR
  ldr r1, =cai_spm_vectors
  str r1, [r0]
  dsb
  ldr r0, =cai_link_spm_data_start
  ldr r1, =cai_link_spm_data_end
  ldr r2, =cai_link_spm_data_load
1:
  cmp r0, r1
  bhs 2f
  ldr r3, [r2], #4
  str r3, [r0], #4
  b 1b
2:
  ldr r1, =cai_link_spm_bss_end
  movs r2, #0
3:
  cmp r0, r1
  bhs 4f
  str r2, [r0], #4
  b 3b
4:
  bl cai_spm_Main               @ does not return

@ void cai_spm_EnterNs(uint32_t msp, uint32_t reset): leaves the SPE for the
@ first time, with an empty main stack and nothing in the registers.
  .section .text.cai_spm_EnterNs, "ax"
  .global cai_spm_EnterNs
  .thumb_func
cai_spm_EnterNs:
  msr msp_ns, r0
  mov lr, r1
  ldr r0, =cai_link_spm_stack_seal
  mov sp, r0
  bic lr, lr, #1                @ bit 0 clear: the target is NS
  movs r0, #0
  movs r1, #0
  movs r2, #0
  movs r3, #0
  movs r4, #0
  movs r5, #0
  movs r6, #0
  movs r7, #0
  mov r8, r0
  mov r9, r0
  mov r10, r0
  mov r11, r0
  mov r12, r0
  msr apsr_nzcvq, r0
  bxns lr

@ psa_status_t cai_spm_StartPartition(uint32_t index)
  .section .text.cai_spm_StartPartition, "ax"
  .global cai_spm_StartPartition
  .thumb_func
cai_spm_StartPartition:
  svc #CAI_SVC_START
  bx lr

@ ---- Veneers: the first instructions of a call from NS ----------------------
@ They run on whatever stack and privilege the secure thread happens to have, so
@ they use registers alone until they know. If an NS kernel switched threads
@ while a call was open, that is the stack of a partition (CONTROL.SPSEL), or
@ the main stack with another thread's frame on it (sp is not its empty value):
@ the caller is told "busy", and nothing that is stacked was touched.
  .section .text.cai_entry, "ax"

  .macro veneer name, number
  .global \name
  .global __acle_se_\name
  .type \name, %function
  .type __acle_se_\name, %function
  .thumb_func
\name:
  .thumb_func
__acle_se_\name:
  mrs r12, ipsr
  cbnz_r12 cai_entry_Refuse
  mrs r12, control
  tst r12, #3
  bne cai_entry_Refuse
  ldr r12, =cai_link_spm_stack_seal
  cmp sp, r12
  bne cai_entry_Refuse
  svc #\number
  b cai_entry_Leave
  .size \name, . - \name
  .size __acle_se_\name, . - __acle_se_\name
  .endm

  .macro cbnz_r12 target
  cmp r12, #0
  bne \target
  .endm

  veneer cai_psa_CallVeneer, CAI_SVC_NS_CALL
  veneer cai_psa_VersionVeneer, CAI_SVC_NS_VERSION

  .thumb_func
cai_entry_Refuse:
  ldr r0, =kBusy
  .thumb_func
cai_entry_Leave:                @ r4-r11 are the caller's own again
  movs r1, #0
  movs r2, #0
  movs r3, #0
  mov r12, r1
  msr apsr_nzcvq, r1
  bxns lr
  .ltorg

@ A partition's entry function returns to here.
  .global cai_spm_Return
  .thumb_func
cai_spm_Return:
  svc #CAI_SVC_RETURN
  udf #0

@ ---- Exceptions -------------------------------------------------------------
@ Builds a spm::Trap on the main stack and calls OnX(Trap*, main stack pointer
@ at entry). What the C++ side leaves in the Trap is what is returned to.
  .macro trap name, handler
  .section .text.\name, "ax"
  .global \name
  .thumb_func
\name:
  push {r4-r11, lr}
  mrs r1, psp
  mrs r2, psplim
  mrs r3, control
  push {r1-r3}
  mov r0, sp
  add r1, sp, #48
  bl \handler
  pop {r1-r3}
  movs r0, #0
  msr psplim, r0                @ no moment with a pointer under its limit
  msr psp, r1
  msr psplim, r2
  msr control, r3
  isb
  pop {r4-r11, lr}
  bx lr
  .endm

  trap cai_spm_SvcEntry, cai_spm_OnSvc
  trap cai_spm_FaultEntry, cai_spm_OnFault
  trap cai_spm_TickEntry, cai_spm_OnTick
  trap cai_spm_InterruptEntry, cai_spm_OnInterrupt
