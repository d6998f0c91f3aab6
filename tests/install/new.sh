#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What `dodona new` writes builds with the installed SDK alone, passes its own tests, and is found
# where `cmake --install --prefix ~/.local` puts it. Prints the time of each.
source "$DODONA_SOURCE_DIR/tests/support/install.sh"

install_to "$scratch/all"
export HOME=$scratch/home PATH=$scratch/all/bin:$PATH CMAKE_PREFIX_PATH=$scratch/all
unset XDG_DATA_HOME DODONA_PLUGIN_PATH
mkdir "$HOME"
cd "$scratch"

made() { # ROLE LANGUAGE NAME
  local start=$SECONDS
  dodona new "$1" "$3" --language "$2" >new.log
  cd "$3"
  {
    CFLAGS="-Wall -Wextra -Wpedantic -Werror" CXXFLAGS="-Wall -Wextra -Wpedantic -Werror" \
      cmake --preset default
    cmake --build --preset default
  } >log 2>&1 || { cat log; return 1; }
  local built=$SECONDS
  {
    ctest --preset default
    cmake --install build --prefix "$HOME/.local"
  } >>log 2>&1 || { cat log; return 1; }
  test $((built - start)) -lt 60
  test "$(grep -c Passed log)" -eq 2 # `dodona check` and a search
  echo "$3: built in $((built - start)) s, tested in $((SECONDS - built)) s"
  dodona plugins describe "$3" | grep -q "library: $HOME/.local/lib/dodona/plugins/$3.so"
  cd ..
  # Where it is installed every search finds it.
  dodona search "$3/test/study.json" --quiet --set directory="$scratch/runs" >search.log
  grep -q '^best ' search.log
}

for role in oracle hypermodel sink; do
  made "$role" c++ "${role}_cpp"
  made "$role" c "${role}_c"
done
grep -q objective runs/sink_c/sink_c.txt
cmp <(cut -d' ' -f1-3 runs/sink_c/sink_c.txt | tail -n +2) \
  <(cut -d' ' -f1-3 runs/sink_cpp/sink_cpp.txt | tail -n +2)

# A second one of the name is refused, and nothing is left of it.
if dodona new sink oracle_c 2>message; then exit 1; fi
grep -q 'oracle_c is there already' message
if dodona new sink Oracle 2>message; then exit 1; fi
grep -q 'no name for a plugin' message
if dodona new router x 2>message; then exit 1; fi
grep -q 'router' message
test -z "$(find . -maxdepth 1 -name '*.??????')"

# The sanitizers find nothing, and would find something.
cd hypermodel_cpp
start=$SECONDS
for step in "cmake --preset sanitize" "cmake --build --preset sanitize" "ctest --preset sanitize"; do
  $step >log 2>&1 || { cat log; exit 1; }
done
echo "sanitized: $((SECONDS - start)) s"
sed -i 's/model.position += model.speed;/&\n      volatile int far[1] = {0}; volatile int at = 2; far[at] = 1;/' hypermodel_cpp.cpp
cmake --build --preset sanitize >log 2>&1 || { cat log; exit 1; }
if ctest --preset sanitize >log 2>&1; then exit 1; fi
grep -q -e 'AddressSanitizer' -e 'out of bounds' log
