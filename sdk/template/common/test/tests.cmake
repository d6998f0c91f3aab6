# SPDX-License-Identifier: Apache-2.0
#
# The tests of the plugin: `dodona check` holds it against the contract, and a small search uses it.
# Both need the program, which is looked for in CMAKE_PREFIX_PATH and PATH.
find_program(DODONA dodona DOC "The program dodona, for the tests")

# my_test(COMMAND WORD...): a test that runs `dodona COMMAND WORD...`.
function(my_test name)
  if(NOT DODONA)
    message(STATUS "The test ${name} is skipped: the program dodona was not found; give -DDODONA=PATH")
    add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo
             "skipped: the program dodona was not found; give -DDODONA=PATH")
    set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "^skipped: ")
    return()
  endif()
  add_test(NAME ${name} COMMAND ${DODONA} ${name} ${ARGN})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  # The run time of the sanitizer must be the first library of the process.
  if("${CMAKE_C_FLAGS}" MATCHES "-fsanitize=address")
    execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=libasan.so OUTPUT_VARIABLE runtime
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT
                         "LD_PRELOAD=${runtime};UBSAN_OPTIONS=halt_on_error=1")
  endif()
endfunction()

my_test(check $<TARGET_FILE:my_plugin>)
my_test(search ${CMAKE_CURRENT_SOURCE_DIR}/test/study.json --overwrite --quiet
        --plugin-path $<TARGET_FILE_DIR:my_plugin> --set directory=${CMAKE_CURRENT_BINARY_DIR}/runs)
