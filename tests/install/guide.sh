#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every section of samples/guide runs against the installed library, and learns.
source "$DODONA_SOURCE_DIR/tests/support/install.sh"

install_to "$scratch/all"
build_sample guide "$scratch/all"
cd "$scratch"

# expect SECTION PATTERN [LOW HIGH]: the output has a line like the pattern, whose first group lies
# between the bounds.
expect() {
  local found
  echo "$2: ${output[$1]}"
  [[ ${output[$1]} =~ $2 ]]
  [ $# -eq 2 ] && return 0
  found=${BASH_REMATCH[1]}
  awk -v x="$found" -v low="$3" -v high="$4" 'BEGIN {exit !(low <= x && x <= high)}'
}

declare -A output
for program in architecture training preprocessing objectives one_number several_numbers \
  any_function unchanged_code retraining; do
  output[$program]=$("guide-build/$program")
done

number='([0-9.]+)'
expect architecture $'layers \\(int\\)\nunits \\(int\\)\ntune_rate \\(boolean\\)\nrate \\(float\\)'
expect architecture "best val_loss $number at epoch" 0 0.2
expect training "best val_loss $number:" 0 0.2
expect preprocessing "best val_accuracy $number: normalised, features both" 0.9 1
expect objectives "built-in val_accuracy $number" 0.9 1
expect objectives "custom my_f1 $number" 0.9 1
expect objectives "val_loss - my_f1 (-[0-9.]+)" -1 -0.6
expect one_number "best $number with" 0 0.35
expect several_numbers "accuracy $number" 0.85 1
expect several_numbers "f1 $number" 0.85 1
expect any_function "radius $number cm" 5.3 5.6
expect unchanged_code "best $number" 0 0.35
expect retraining "kept: test accuracy $number" 0.9 1
expect retraining "trained anew: test accuracy $number" 0.9 1
test -d runs/moons/trials
