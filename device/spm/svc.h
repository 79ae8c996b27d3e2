/* Numbers of the SPM's supervisor calls; also for assembly. */
#pragma once

/* From the veneers and the SPM's own start, on the main stack only. */
#define CAI_SVC_NS_CALL 0
#define CAI_SVC_NS_VERSION 1
#define CAI_SVC_START 2

/* From partitions. */
#define CAI_SVC_RETURN 16
#define CAI_SVC_CALL 17
#define CAI_SVC_FLASH_READ 18
#define CAI_SVC_FLASH_PROGRAM 19
#define CAI_SVC_FLASH_ERASE 20
#define CAI_SVC_READ_COUNTER 21
#define CAI_SVC_ADVANCE_COUNTER 22
#define CAI_SVC_BOOT_DATA 23
#define CAI_SVC_TAKE_SPE_ROOT 24
#define CAI_SVC_TAKE_SEED 25
#define CAI_SVC_DEPOSIT_KEY 26
#define CAI_SVC_TAKE_KEY 27
#define CAI_SVC_UPTIME 28
#define CAI_SVC_EVENT 29
