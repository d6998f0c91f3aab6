#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A network of one's own builds with the installed SDK and its torch kit alone. The installed program
# searches with it, shows it, measures it, predicts with it and exports it. Its trials keep the
# contract: the same bits side by side, and from a saved state. Exit code 77 where there is no kit.
source "$DODONA_SOURCE_DIR/tests/support/install.sh"

install_to "$scratch/sdk" --component sdk
cp -r "$DODONA_SOURCE_DIR/samples/torch_plugin" "$scratch/absent"
if cmake -S "$scratch/absent" -B "$scratch/absent/build" -DCMAKE_PREFIX_PATH="$scratch/sdk" \
  >"$scratch/absent.log" 2>&1; then
  echo "the kit is found where it is not installed"
  exit 1
fi
grep -q "this installation has no component 'torch'" <(tr -s '\n ' ' ' <"$scratch/absent.log")
install_to "$scratch/sdk" --component sdk-torch
test -e "$scratch/sdk/lib/libdodona-sdk-torch.a" || { echo "built without LibTorch"; exit 77; }
without_file_sets "$scratch/sdk"
mv "$scratch/sdk" "$scratch/moved" # nothing in it may name the place it was installed to
build_sample torch_plugin "$scratch/moved"
plugins=$scratch/torch_plugin-build/lib/dodona/plugins
"$DODONA_SOURCE_DIR/tests/support/exports.sh" "$plugins/own_net.so" '^dodona_module_v0$'

# Images of three classes, of which each has its third of the columns bright.
mkdir "$scratch/images"
cd "$scratch"
python3 - <<'END'
import random, struct
draw, side, count = random.Random(1), 12, 90
labels = bytes(i % 3 for i in range(count))
pixels = bytes(draw.randrange(90) + (150 if at % side * 3 // side == label else 0)
               for label in labels for at in range(side * side))
for name, head, body in (("images-idx3", (0x803, count, side, side), pixels),
                         ("labels-idx1", (0x801, count), labels)):
    with open(f"images/train-{name}-ubyte", "wb") as file:
        file.write(struct.pack(f">{len(head)}I", *head) + body)
END
install_to "$scratch/all"
export DODONA_PLUGIN_PATH=$plugins
dodona=$scratch/all/bin/dodona
"$dodona" search torch_plugin/study.json --set hypermodel.options.data=images \
  --set hypermodel.options.train_samples=0 --set hypermodel.options.validation_split=0.2 \
  --set hypermodel.options.augment=random --set max_trials=2 --set parallel_trials=2 \
  >search.log 2>&1 || { cat search.log; exit 1; }
grep '^best val_accuracy' search.log
"$dodona" summary runs/own_net | tee summary | grep -q '^drop  *Dropout'
grep -q '^first  *Conv2d' summary
"$dodona" evaluate runs/own_net | grep '^val_boldness'
"$dodona" predict runs/own_net images/train-images-idx3-ubyte | wc -l | grep -qx 91
"$dodona" best runs/own_net -n 1 --export model >/dev/null
grep -q '"kind":"Conv2d"' model/model.json
grep -q '"factor_rotate"' model/model.json
# Side by side, and from a saved state.
for check in threads save; do
  "$dodona" check "$plugins/own_net.so" --only "model.$check" \
    --options '{"data": "images", "augment": "random"}' >check.log || { cat check.log; exit 1; }
  tail -n 1 check.log
done

# Plain PyTorch does not know what a network of one's own does, and says so.
if /usr/bin/python3 -c 'import torch' 2>/dev/null; then
  if /usr/bin/python3 -B "$DODONA_SOURCE_DIR/samples/model_pytorch/rebuild.py" model 2>message; then
    exit 1
  fi
  grep -q 'a module of own_net' message
fi
