#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The SDK alone, without the kernel, is enough to build plugins; an installed kernel runs them.
source "$DODONA_SOURCE_DIR/tests/support/install.sh"

install_to "$scratch/sdk" --component sdk
found=$(find "$scratch/sdk" -type f ! -path '*/include/dodona/*' ! -path '*/lib/cmake/dodona-sdk/*')
test -z "$found"
without_file_sets "$scratch/sdk"
refused 0.0 dodona-sdk "$scratch/sdk"
build_sample plugin_minimal "$scratch/sdk"

plugins=$scratch/plugin_minimal-build/lib/dodona/plugins
for plugin in spiral halton; do
  "$DODONA_SOURCE_DIR/tests/support/exports.sh" "$plugins/$plugin.so" '^dodona_module_v0$'
  grep -q "\"library\": \"$plugin.so\"" "$plugins/$plugin.json"
done
test -z "$(find "$plugins" -perm /022)"

# Hosts have libstdc++: a plugin that would need a shared libc++ is refused.
mkdir "$scratch/libcxx"
cat >"$scratch/libcxx/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(libcxx CXX)
find_package(dodona-sdk REQUIRED)
set(CMAKE_CXX_FLAGS "-stdlib=libc++")
dodona_add_plugin(libcxx SHARED_RUNTIME SOURCES libcxx.cpp)
END
if cmake -S "$scratch/libcxx" -B "$scratch/libcxx/build" -DCMAKE_PREFIX_PATH="$scratch/sdk" \
  >"$scratch/libcxx.log" 2>&1; then
  echo "a shared libc++ is not refused"
  exit 1
fi
grep -q 'dodona_add_plugin(libcxx): SHARED_RUNTIME and the shared libc++' "$scratch/libcxx.log" ||
  { cat "$scratch/libcxx.log"; exit 1; }

install_to "$scratch/all"
cd "$scratch"
all/bin/dodona search plugin_minimal/study.json --plugin-path "$plugins" >search.log 2>&1 ||
  { cat search.log; exit 1; }
tail -n 3 search.log
grep -q '^best ' search.log
