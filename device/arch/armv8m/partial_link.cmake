# Links one domain (the SPM, a partition) by itself into one relocatable object
# that exports only what it names. Inline functions and libraries that it does
# not share get a copy of its own, in its own MPU region; what is in the shared
# targets stays undefined until the final link.

# All static libraries behind `target`, itself included, less the shared ones.
function(cai_archives target shared out_variable)
  set(todo ${target})
  set(seen)
  set(archives)
  while(todo)
    list(POP_FRONT todo one)
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" one "${one}")
    if(NOT TARGET "${one}" OR one IN_LIST seen OR one IN_LIST shared)
      continue()
    endif()
    list(APPEND seen ${one})
    get_target_property(type ${one} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND archives ${one})
    endif()
    get_target_property(links ${one} INTERFACE_LINK_LIBRARIES)
    if(links)
      list(APPEND todo ${links})
    endif()
  endwhile()
  set(${out_variable} ${archives} PARENT_SCOPE)
endfunction()

# cai_partial_link(NAME OUTPUT file.o ROOT target EXPORTS symbols...
#                  SHARED targets... [OBJECTS object files...])
function(cai_partial_link name)
  set(script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/partial.ld)
  cmake_parse_arguments(arg "" "OUTPUT;ROOT" "EXPORTS;SHARED;OBJECTS" ${ARGN})
  cai_archives(${arg_ROOT} "${arg_SHARED}" archives)
  set(files)
  foreach(archive ${archives})
    list(APPEND files $<TARGET_FILE:${archive}>)
  endforeach()
  set(keep)
  set(roots)
  foreach(symbol ${arg_EXPORTS})
    list(APPEND keep --keep-global-symbol=${symbol})
    list(APPEND roots -Wl,-u,${symbol})
  endforeach()
  list(GET arg_EXPORTS 0 entry)
  separate_arguments(flags NATIVE_COMMAND "${CMAKE_CXX_FLAGS}")
  add_custom_command(OUTPUT ${arg_OUTPUT}
    COMMAND ${CMAKE_CXX_COMPILER} ${flags} -nostdlib -r -T ${script}
      -Wl,--gc-sections -Wl,-e,${entry} ${roots} -Wl,--force-group-allocation
      -Wl,-Map=${arg_OUTPUT}.map -o ${arg_OUTPUT}.all
      ${arg_OBJECTS} -Wl,--start-group ${files} -Wl,--end-group
    COMMAND ${CMAKE_OBJCOPY} ${keep} ${arg_OUTPUT}.all ${arg_OUTPUT}
    DEPENDS ${archives} ${files} ${script} ${arg_OBJECTS}
    COMMENT "Linking ${name} by itself" VERBATIM COMMAND_EXPAND_LISTS)
endfunction()
