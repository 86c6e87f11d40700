# Installs the build, then builds and runs a program against it. HOW: find_package, pkg_config or add_subdirectory.
function(step)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGV} failed\n${output}")
  endif()
endfunction()

set(work ${BUILD}/consume/${HOW})
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})
if(NOT HOW STREQUAL "add_subdirectory")
  step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
endif()
if(HOW STREQUAL "pkg_config")
  file(GLOB_RECURSE pc ${work}/prefix/heddle.pc)
  get_filename_component(directory ${pc} DIRECTORY)
  # The prefix was another one when the file was made.
  step(sh -c "PKG_CONFIG_PATH=${directory} ${COMPILER} -std=c++20 ${FLAGS} ${SOURCE}/main.cpp \
$(PKG_CONFIG_PATH=${directory} pkg-config --define-variable=prefix=${work}/prefix --cflags --libs heddle) -o ${work}/consumer"
  )
  step(${work}/consumer)
else()
  step(
    ${CMAKE_COMMAND} -S ${SOURCE}/${HOW} -B ${work}/build -G Ninja -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS}
    -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DHEDDLE_WERROR=${WERROR}
    -DCMAKE_PREFIX_PATH=${work}/prefix -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
  )
  step(${CMAKE_COMMAND} --build ${work}/build)
  step(${work}/build/consumer)
endif()
