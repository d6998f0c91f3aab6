#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# As a part of another project there are libdodona and the oracles, and nothing else is built or
# installed. With the flags of the preset dev, so that ccache, where it is, has most of it.
source "$DODONA_SOURCE_DIR/tests/support/install.sh"

launcher=()
if command -v ccache >/dev/null; then
  launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
build=$scratch/build
cmake -S "$DODONA_SOURCE_DIR/tests/install/subproject" -B "$build" -G Ninja -Wno-dev \
  -DDODONA="$DODONA_SOURCE_DIR" -DCMAKE_BUILD_TYPE=RelWithDebInfo "${launcher[@]}" \
  -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O2 -g1" -DCMAKE_C_FLAGS_RELWITHDEBINFO="-O2 -g1"
CCACHE_NOHASHDIR=1 cmake --build "$build"

output=$(cd "$scratch" && env -u DODONA_PLUGIN_PATH XDG_DATA_HOME="$scratch" "$build/application")
echo "$output"
[[ $output == "best x 0."* ]]

test -z "$(find "$build" -path '*/bin/*' -type f -perm /111)"
for folder in "$DODONA_SOURCE_DIR"/plugins/{hypermodels,sinks}/*/; do
  test ! -e "$build/dodona/lib/dodona/plugins/$(basename "$folder").so"
done
test -e "$build/dodona/lib/dodona/plugins/hyperband.so"
test -z "$(find "$build/dodona/plugins/common" -name 'csv.cpp.o')"

cmake --install "$build" --prefix "$scratch/prefix" >/dev/null
test -z "$(find "$scratch/prefix" -type f 2>/dev/null)"
