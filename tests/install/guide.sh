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

# Beside a bound stands the worst of ten seeds of the study. Guessing has an accuracy of 0.5.
number='([0-9.]+)'
expect architecture $'layers \\(int\\)\nunits \\(int\\)\ntune_rate \\(boolean\\)\nrate \\(float\\)'
expect architecture "best val_loss $number at epoch" 0 0.2 # 0.032
expect training "best val_loss $number:" 0 0.2 # 0.046
expect preprocessing "best val_accuracy $number: normalised, features both" 0.7 1 # 0.86
expect objectives "built-in val_accuracy $number" 0.85 1 # 0.985
expect objectives "custom my_f1 $number" 0.85 1 # 0.985
expect objectives "val_loss - my_f1 (-[0-9.]+)" -1 -0.6 # -0.915
expect one_number "best $number with" 0 0.35 # 0.06
expect several_numbers "accuracy $number" 0.85 1 # 0.985
expect several_numbers "f1 $number" 0.85 1 # 0.985
expect any_function "radius $number cm" 5.3 5.6 # 5.42 each time
expect unchanged_code "best $number" 0 0.35 # 0.042
expect retraining "dense_3: 1 outputs"
expect retraining "parameters: $number" 11 353 # of 2 to 16 units
expect retraining "kept: test accuracy $number" 0.85 1 # 0.973
expect retraining "trained anew: test accuracy $number" 0.7 1 # 0.875
test -d runs/moons/trials
