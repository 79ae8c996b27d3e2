# The cross compiler of both boards; CAI_BOARD chooses the core.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CAI_BOARD)

if(CAI_BOARD STREQUAL "an521")
  # CPU0 of the SSE-200 model has neither FPU nor DSP: UMAAL would fault.
  set(cai_cpu "-mcpu=cortex-m33+nodsp+nofp -mfloat-abi=soft")
elseif(CAI_BOARD STREQUAL "an547")
  # GCC 12.2 at -Os drops an `if` after a count-down loop for this core;
  # -fno-branch-count-reg avoids it (the lwIP checksum was the victim).
  set(cai_cpu "-mcpu=cortex-m55+nomve+nofp -mfloat-abi=soft -fno-branch-count-reg")
else()
  message(FATAL_ERROR "CAI_BOARD must be an521 or an547")
endif()

set(cai_common "${cai_cpu} -mthumb -ffunction-sections -fdata-sections -fno-common")
set(CMAKE_C_FLAGS_INIT "${cai_common}")
set(CMAKE_ASM_FLAGS_INIT "${cai_cpu} -mthumb")
set(CMAKE_CXX_FLAGS_INIT "${cai_common} -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit -fno-unwind-tables -fno-asynchronous-unwind-tables")
set(CMAKE_C_FLAGS_MINSIZEREL_INIT "-g -Os")
set(CMAKE_CXX_FLAGS_MINSIZEREL_INIT "-g -Os")
set(CMAKE_C_FLAGS_MINSIZEREL "-g -Os" CACHE STRING "")
set(CMAKE_CXX_FLAGS_MINSIZEREL "-g -Os" CACHE STRING "")
# The bench presets: the same code, for speed.
set(CMAKE_C_FLAGS_RELEASE "-g -O2" CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELEASE "-g -O2" CACHE STRING "")
