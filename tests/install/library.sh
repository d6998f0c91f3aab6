#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The installed library serves an application; the installed program finds its library and plugins.
source "$DODONA_SOURCE_DIR/tests/support/install.sh"

install_to "$scratch/all"
# Moved as a whole it still works: nothing in it may name the place it was installed to.
mv "$scratch/all" "$scratch/moved"
without_file_sets "$scratch/moved"
# Until 1.0 another minor version is another library.
refused 0.0 dodona "$scratch/moved"
readelf -d "$scratch/moved/lib/libdodona.so" | grep -q 'SONAME.*\[libdodona\.so\.0\.1\]'
build_sample embed_minimal "$scratch/moved"
output=$("$scratch/embed_minimal-build/embed_minimal")
echo "$output"
[[ $output == "best x "* ]]
output=$("$scratch/embed_minimal-build/own_loop")
echo "$output"
[[ $output == "best x "* ]]
output=$("$scratch/embed_minimal-build/own_objects")
echo "$output"
[[ $output == "best x 0.250 of 3 trials" ]]
# The application outlives a plugin that crashes and hangs.
build_sample embed_isolated "$scratch/moved"
mkdir "$scratch/wild"
output=$(cd "$scratch/wild" &&
  "$scratch/embed_isolated-build/embed_isolated" "$scratch/embed_isolated-build/lib/dodona/plugins")
echo "$output"
grep -q '^dodona-runner: ' <<<"$output"
grep -q '^paused after [23] trials$' <<<"$output"
grep -q '^crash: hypermodel "wild" crashed with SIGSEGV in trial 2 after step 4' <<<"$output"
grep -q '^silence: hypermodel "wild" reported nothing for more than 1 s in trial 6' <<<"$output"
[[ $output == *"best width 10" ]]

# The man page and what shells complete by, where man and shells look for them.
for file in man/man1/dodona.1 bash-completion/completions/dodona zsh/site-functions/_dodona \
  fish/vendor_completions.d/dodona.fish; do
  grep -q search "$scratch/moved/share/$file"
done

plugins=$scratch/moved/lib/dodona/plugins
test -z "$(find "$plugins" -perm /022)"
"$scratch/moved/bin/dodona" --version
"$scratch/moved/bin/dodona" plugins list >"$scratch/list"
for manifest in "$plugins"/*.json; do
  grep -qw "$(basename "$manifest" .json)" "$scratch/list"
done
