#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The plugins of a third party build with the SDK alone, with gcc and clang, keep the contract as far
# as `dodona check` sees it, and run in the installed program. Both builds propose the same, bit for
# bit. A killed search goes on, and its sink has written each trial once. The two oracles of
# samples/fold_rule differ in what check and replay say.
source "$DODONA_SOURCE_DIR/tests/support/install.sh"

install_to "$scratch/sdk" --component sdk
install_to "$scratch/all"
dodona=$scratch/all/bin/dodona
cd "$scratch"
for compiler in gcc clang; do
  command -v "$compiler" "${compiler/gcc/g}++" >/dev/null || { echo "no $compiler"; exit 77; }
  build_sample plugins "$scratch/sdk" -DCMAKE_C_COMPILER="$compiler" \
    -DCMAKE_CXX_COMPILER="${compiler/gcc/g}++"
  mv "$scratch/plugins-build/lib/dodona/plugins" "$scratch/$compiler"
  rm -r "$scratch/plugins-build"
  for plugin in "$scratch/$compiler"/*.so; do
    "$DODONA_SOURCE_DIR/tests/support/exports.sh" "$plugin" '^dodona_module_v0$'
    "$dodona" check "$plugin" --quick >check.log || { cat check.log; exit 1; }
  done
done

# search PROJECT COMPILER [OPTION...]: with the plugins of a compiler, into runs/PROJECT.
search() {
  "${limit[@]}" "$dodona" search plugins/study.json --plugin-path "$2" --set "project_name=$1" \
    "${@:3}" >"$1.log" 2>&1 || { tail -n 3 "$1.log"; return 1; }
}
limit=()
kills=0 breaks=0
# What a sink has written, without the study's id and the order of the events.
written() {
  cut -d, -f3- "runs/$1/results.csv" | sort -n
}

for oracle in evolution climb; do
  for compiler in gcc clang; do
    project=$oracle-$compiler
    search "$project" "$compiler" --set oracle="$oracle"
    grep '^best ' "$project.log"
    "$dodona" replay "runs/$project" --plugin-path "$compiler" | grep '^100 proposals verified'
    test "$(written "$project" | cut -d, -f1 | uniq | wc -l)" -eq 101 # with the header
  done
  diff <(written "$oracle-gcc") <(written "$oracle-clang")
done

# Of two walks the one that keeps the fold rule is proved right after a break, the other is not.
build_sample fold_rule "$scratch/sdk"
for oracle in right wrong; do
  for seconds in 0.5 1 2 300; do
    limit=(timeout -s INT "$seconds")
    search "$oracle" gcc --plugin-path fold_rule-build/lib/dodona/plugins \
      --set oracle="$oracle" || ((breaks += 1))
  done
done
replay() {
  "$dodona" replay "runs/$1" --plugin-path gcc --plugin-path fold_rule-build/lib/dodona/plugins
}
echo "interrupted $breaks times"
replay right | grep '^100 proposals verified'
if replay wrong; then exit 1; fi
"$dodona" check fold_rule-build/lib/dodona/plugins/right.so --quick >check.log
if "$dodona" check fold_rule-build/lib/dodona/plugins/wrong.so --quick >check.log; then exit 1; fi
grep 'oracle.fold@wrong' check.log

# Killed three times, at any moment; the fourth search comes to the end.
for seconds in 0.8 1.7 1.3 300; do
  limit=(timeout -s KILL "$seconds")
  search killed gcc --set parallel_trials=2 --set max_trials=200 || ((kills += 1))
done
echo "killed $kills times"
"$dodona" replay runs/killed --plugin-path gcc | grep '^200 proposals verified'
test "$(written killed | wc -l)" -eq 201
test "$(written killed | cut -d, -f1 | uniq -d | wc -l)" -eq 0
