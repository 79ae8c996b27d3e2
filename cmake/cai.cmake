# Flags and the few functions that every CMakeLists.txt here uses.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

find_program(CAI_CCACHE ccache)
if(CAI_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CAI_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CAI_CCACHE})
endif()

# Carried by cai_base, so by all that is ours and by nothing of others'.
add_library(cai_warnings INTERFACE)
target_compile_options(cai_warnings INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wundef
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual>)

if(CAI_SANITIZE OR CAI_FUZZ)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(CAI_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

function(cai_add_subdirectory_if_present dir)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/CMakeLists.txt)
    add_subdirectory(${dir})
  endif()
endfunction()

# cai_library(NAME SOURCES a.cc b.cc DEPS cai_base ...): a static library whose
# includes are rooted at the repository.
function(cai_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${arg_DEPS} PRIVATE cai_warnings)
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${arg_DEPS})
  endif()
endfunction()

# cai_test(NAME SOURCES a_test.cc DEPS ... [DATA dir]): a GoogleTest program
# that ctest runs as NAME, with the repository as working directory.
function(cai_test name)
  if(CAI_BOARD OR CAI_FUZZ)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LABELS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} cai_warnings GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS "unit;${arg_LABELS}")
endfunction()

# cai_fuzz(NAME SOURCES a_fuzz.cc DEPS ... CORPUS dir): with CAI_FUZZ a libFuzzer
# program; otherwise a ctest that runs the target once over its corpus.
function(cai_fuzz name)
  if(CAI_BOARD)
    return()
  endif()
  cmake_parse_arguments(arg "" "CORPUS" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} cai_warnings)
  if(CAI_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    file(APPEND ${CMAKE_BINARY_DIR}/fuzz_targets.txt "${name} ${arg_CORPUS}\n")
  else()
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz_corpus_main.cc)
    add_test(NAME ${name} COMMAND ${name} ${arg_CORPUS} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS "unit;fuzz")
  endif()
endfunction()

# cai_program(NAME SOURCES ... DEPS ...): an executable of ours in bin/.
function(cai_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} cai_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# cai_collect(NAME target ...): a target NAME that builds all of these.
function(cai_collect name)
  add_custom_target(${name})
  foreach(one ${ARGN})
    if(TARGET ${one})
      add_dependencies(${name} ${one})
    endif()
  endforeach()
endfunction()
