#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Training data of torch_mlp that is missing or something else."""
import os
import unittest

import program

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@unittest.skipUnless(
    os.path.exists(program.built_plugin("torch_mlp")),
    "the plugin torch_mlp was not built: it needs LibTorch")
class Data(program.ProgramTest):
    def refuses(self, code, *fragments):
        study = self.study(objective="val_accuracy",
                           hypermodel={"plugin": "torch_mlp", "options": {"data": "data"}})
        self.refused(code, ["search", study], 'hypermodel "torch_mlp": ', *fragments)
        self.assertEqual(self.trials(), [])

    def test_a_missing_directory_says_what_it_should_hold(self):
        self.refuses(1, '"data": no such directory', f"it should hold {IMAGES} and {LABELS}",
                     "dataset-fashion-mnist")

    def test_a_missing_or_foreign_file_is_named(self):
        os.mkdir(self.path("data"))
        self.refuses(1, f'"data/{IMAGES}": not found, nor the same with .gz')
        self.write(f"data/{IMAGES}", "P6 28 28")
        self.write(f"data/{LABELS}", "1,2,3")
        self.refuses(1, f'"data/{IMAGES}": starts with the bytes 50 36 20 32',
                     "an IDX file of unsigned bytes and 3 dimensions starts with 00 00 08 03")


if __name__ == "__main__":
    program.main()
