#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# .githooks/commit-msg refuses what it should, checks commits after its own alone, and skips a history
# that is cut off.
set -euo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
command -v git >/dev/null || { echo "git was not found"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
hook=$DODONA_SOURCE_DIR/.githooks/commit-msg

accepts() { printf '%b' "$1" >"$scratch/message" && "$hook" "$scratch/message" 2>"$scratch/said"; }
refuses() {
  if accepts "$1"; then
    echo "accepted: $1"
    return 1
  fi
  grep -q "$2" "$scratch/said"
}
accepts 'core, sdk: say why\n\nA reason.\n'
accepts 'core: say why\n\nA reason.\n# a line of git\n'
refuses 'say why\n\nA reason.\n' 'area: imperative subject'
refuses 'core: say why.\n\nA reason.\n' 'area: imperative subject'
refuses "core: $(printf 'x%.0s' {1..67})\n\nA reason.\n" '73 columns'
refuses 'core: say why\nA reason.\n' 'second line is not empty'
refuses 'core: say why\n' 'no body'
refuses 'core: say why\n\n# a line of git\n' 'no body'

export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a \
  GIT_COMMITTER_EMAIL=a@b
mkdir -p "$scratch/tree"
cd "$scratch/tree"
git init -q .
git commit -q --allow-empty -m 'Before'
mkdir .githooks
cp "$hook" .githooks/
git add .githooks
git commit -q -m 'The check comes'
git commit -q --allow-empty -m 'core: say why' -m 'A reason.'
[[ $(.githooks/commit-msg --history) == *"1 checked" ]]
git commit -q --allow-empty -m 'After'
if .githooks/commit-msg --history 2>/dev/null; then exit 1; fi
git clone -q --depth 1 "file://$scratch/tree" "$scratch/short"
cd "$scratch/short"
[[ $(.githooks/commit-msg --history) == *skipped* ]]
