# find_package(cai-sdk): NS applications for the boards of confidential-ai.
#
#   cmake -B build -DCMAKE_TOOLCHAIN_FILE=<sdk>/cmake/arm-none-eabi.cmake
#         -DCAI_BOARD=an521 -Dcai-sdk_DIR=<sdk>/cmake
#
#   cai_nonsecure_application(app main.c ...)
#
# makes app.elf and app.bin; `cai image sign app.bin --world nonsecure` makes an
# image of it that boots.
get_filename_component(cai_sdk_root ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
set(cai_sdk_lib ${cai_sdk_root}/lib/${CAI_BOARD})
if(NOT EXISTS ${cai_sdk_lib})
  set(cai-sdk_FOUND FALSE)
  set(cai-sdk_NOT_FOUND_MESSAGE "this SDK has no board '${CAI_BOARD}': pass -DCAI_BOARD=an521 or an547")
  return()
endif()

# The PSA APIs over psa_call, and the headers.
add_library(cai::psa INTERFACE IMPORTED)
target_include_directories(cai::psa INTERFACE ${cai_sdk_root}/include ${cai_sdk_lib}/include)
target_link_libraries(cai::psa INTERFACE
  ${cai_sdk_lib}/libpsa_ns.a ${cai_sdk_lib}/libpsa_client.a
  ${cai_sdk_lib}/libmbedtls_ns.a ${cai_sdk_lib}/libcai_base.a)

# X.509 and TLS of the SDK's Mbed TLS, beside cai::psa.
add_library(cai::tls INTERFACE IMPORTED)
target_compile_definitions(cai::tls INTERFACE CAI_SDK_TLS)
target_link_libraries(cai::tls INTERFACE cai::psa)

# cai_nonsecure_application(NAME sources...): entry is `void cai_ns_Main(void)`;
# the start-up code says what else an application may define.
function(cai_nonsecure_application name)
  file(GLOB startup ${cai_sdk_lib}/startup*.o*)
  add_executable(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES SUFFIX .elf
    LINK_DEPENDS "${cai_sdk_lib}/nonsecure.ld;${cai_sdk_lib}/veneers.o")
  target_link_libraries(${name} PRIVATE ${startup} ${cai_sdk_lib}/veneers.o cai::psa)
  target_link_options(${name} PRIVATE -T ${cai_sdk_lib}/nonsecure.ld -nostartfiles
    --specs=nano.specs --specs=nosys.specs -Wl,--gc-sections -Wl,--no-warn-rwx-segments)
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:${name}> ${name}.bin)
endfunction()
