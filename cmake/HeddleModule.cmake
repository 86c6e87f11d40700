# heddle_module, heddle_program, heddle_tests: how the parts of the project are declared.

# What every target of the project is compiled with. Never exported: consumers choose their own flags.
function(heddle_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(
    ${target}
    PRIVATE -Wall
            -Wextra
            -Wshadow
            -fstack-protector-strong
            -fcf-protection=full
            -ffunction-sections
            -fdata-sections
            $<$<BOOL:${HEDDLE_WERROR}>:-Werror>
            $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
            $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>
  )
  target_compile_definitions(
    ${target} PRIVATE $<$<NOT:$<CONFIG:Release>>:_GLIBCXX_ASSERTIONS>
                      HEDDLE_FAULT_INJECTION=$<BOOL:${HEDDLE_FAULT_INJECTION}>
  )
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF)
endfunction()

# heddle_module(name HEADERS <relative to include/> SOURCES ... SELDOM ... NEEDS <modules>)
# SELDOM are sources that run when a program begins, ends or reports: optimised for size.
# A static library heddle_<name> with the alias heddle::<name>. NEEDS repeats the arrows between the layers.
function(heddle_module name)
  cmake_parse_arguments(arg "" "" "HEADERS;SOURCES;SELDOM;NEEDS" ${ARGN})
  set(target heddle_${name})
  list(TRANSFORM arg_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/include/)
  add_library(${target} STATIC ${arg_SOURCES} ${arg_SELDOM})
  set_source_files_properties(${arg_SELDOM} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-Os>)
  add_library(heddle::${name} ALIAS ${target})
  set_target_properties(
    ${target} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ${PROJECT_IS_TOP_LEVEL}
  )
  target_sources(
    ${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${arg_HEADERS}
  )
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  heddle_compile_options(${target})
  list(TRANSFORM arg_NEEDS PREPEND heddle::)
  target_link_libraries(${target} PUBLIC ${arg_NEEDS} Threads::Threads)
  set_property(GLOBAL APPEND PROPERTY HEDDLE_MODULES ${target})
endfunction()

# heddle_program(name SOURCES ... [NEEDS modules])
# A program of the project: an example, a benchmark, a helper of a test.
function(heddle_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;NEEDS" ${ARGN})
  if(NOT arg_NEEDS)
    set(arg_NEEDS asyncio)
  endif()
  add_executable(${name} ${arg_SOURCES})
  list(TRANSFORM arg_NEEDS PREPEND heddle::)
  target_link_libraries(${name} PRIVATE ${arg_NEEDS})
  heddle_compile_options(${name})
  target_link_options(${name} PRIVATE -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections)
endfunction()

# heddle_tests(module SOURCES a_test.cpp ... [NEEDS modules])
# One program heddle_test_<module>, one ctest test a source file.
function(heddle_tests module)
  cmake_parse_arguments(arg "" "" "SOURCES;NEEDS" ${ARGN})
  set(target heddle_test_${module})
  heddle_program(${target} SOURCES ${arg_SOURCES} NEEDS ${module} ${arg_NEEDS})
  target_link_libraries(${target} PRIVATE heddle_test_main)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  foreach(source ${arg_SOURCES})
    string(REGEX REPLACE "_test\\.cpp$" "" subject ${source})
    add_test(NAME ${module}/${subject} COMMAND ${target} --source-file=*/${module}/${source})
    set_tests_properties(${module}/${subject} PROPERTIES TIMEOUT 300)
  endforeach()
endfunction()
