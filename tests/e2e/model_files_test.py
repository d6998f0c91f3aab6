#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The directory of a trained network: it says what it is, and plain PyTorch reads it."""
import csv
import io
import json
import os
import random
import struct
import subprocess
import unittest

import program

SAMPLE = os.path.join(os.environ["DODONA_SOURCE_DIR"], "samples", "model_pytorch", "rebuild.py")
PYTHON = "/usr/bin/python3"  # the one for which Debian has PyTorch
SIDE, CLASSES = 12, 3

# Each network with all that its layers may have; few and small.
NETWORKS = {
    "torch_mlp": ({}, {"layers": 2, "dropout": True, "activation": "tanh"}),
    "torch_cnn": ({}, {"crop": 10, "normalize": False, "batch_norm": True, "kernel_size": 5,
                       "blocks": 2, "filters_0": 16, "filters_1": 16, "pooling_0": "avg"}),
    "hyper_resnet": ({"width": 0.06}, {"version": "next", "conv4_depth": 6, "pooling": "max"}),
}


def has_pytorch():
    return not subprocess.run([PYTHON, "-c", "import torch"], capture_output=True).returncode


@unittest.skipUnless(os.path.exists(program.built_plugin("torch_mlp")),
                     "the networks were not built: they need LibTorch")
class ModelFiles(program.ProgramTest):
    def write_images(self, count=60):
        draw = random.Random(1)
        os.mkdir(self.path("images"))
        labels = bytes(i % CLASSES for i in range(count))
        pixels = bytearray()
        for label in labels:
            for at in range(SIDE * SIDE):
                bright = at % SIDE * CLASSES // SIDE == label
                pixels.append(draw.randrange(90) + (150 if bright else 0))
        for name, head, body in (("images-idx3", (0x803, count, SIDE, SIDE), pixels),
                                 ("labels-idx1", (0x801, count), labels)):
            with open(self.path("images", f"train-{name}-ubyte"), "wb") as file:
                file.write(struct.pack(f">{len(head)}I", *head) + body)

    def searched(self, plugin, options, values, **keys):
        """The directory of the best model, exported, and its model.json."""
        fixed = [{"name": name, "type": "fixed", "value": value} for name, value in values.items()]
        keys = {"objective": "val_loss", "max_trials": 1, "max_steps": 2, "space": fixed, **keys}
        self.study(project_name=plugin, hypermodel={"plugin": plugin, "options": options}, **keys)
        self.run_program("search", "study.json")
        self.run_program("best", f"runs/{plugin}", "--export", plugin + "-model")
        return plugin + "-model", json.loads(self.read(plugin + "-model", "model.json"))

    def rebuilt(self, *words):
        result = subprocess.run([PYTHON, "-B", SAMPLE, *words], cwd=self.directory,
                                capture_output=True, text=True, timeout=program.HANG_SECONDS)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_a_model_says_what_it_is(self):
        self.write_images()
        _, about = self.searched("torch_mlp", {"data": "images"}, NETWORKS["torch_mlp"][1])
        trial = json.loads(self.read("torch_mlp-model", "trial.json"))
        self.assertEqual((about["format"], about["plugin"]), (1, "torch_mlp"))
        self.assertEqual(about["values"], trial["values"])
        self.assertEqual(about["step"], trial["best_step"])
        self.assertEqual(about["metrics"]["val_loss"], trial["score"])
        self.assertEqual(about["input"], {"kind": "image", "shape": [1, SIDE, SIDE]})
        self.assertEqual(about["output"], {"kind": "classes", "classes": ["0", "1", "2"]})
        self.assertEqual(sum(layer["parameters"] for layer in about["layers"]), about["parameters"])
        self.assertEqual(about["trainable"], trial["metrics"]["parameters"])
        self.assertEqual([layer["kind"] for layer in about["layers"]],
                         ["input", "dense", "activation", "dropout", "dense", "activation",
                          "dropout", "dense"])
        self.assertEqual(set(os.listdir(self.path("torch_mlp-model"))),
                         {"model.json", "weights.pt", "training.pt", "trial.json"})

    def test_a_regression_tells_columns_and_scale(self):
        self.write("wine.csv", "a,b,quality\n" + "".join(
            f"{i % 7},{i % 5},{100 + i % 7 - i % 5}\n" for i in range(60)))
        _, about = self.searched("torch_mlp", {"data": "wine.csv", "label": "quality",
                                               "task": "regression"}, {"layers": 1})
        self.assertEqual(about["input"], {"kind": "table", "shape": [2], "columns": ["a", "b"]})
        output = about["output"]
        self.assertEqual((output["kind"], output["column"]), ("number", "quality"))
        self.assertAlmostEqual(output["mean"], 101, delta=0.5)

    @unittest.skipUnless(has_pytorch(), f"{PYTHON} has no module torch (Debian: python3-torch)")
    def test_plain_pytorch_rebuilds_each_network(self):
        self.write_images()
        for plugin, (options, values) in NETWORKS.items():
            with self.subTest(plugin):
                model, about = self.searched(plugin, {"data": "images", **options}, values)
                modules = self.rebuilt(model)  # loads the weights strictly: each has its place
                for layer in about["layers"][1:]:
                    self.assertEqual(f"({layer['name']}): " in modules, layer["kind"] != "add")
                table = self.rebuilt(model, "images/train-images-idx3-ubyte")
                rows = list(csv.DictReader(io.StringIO(table)))
                self.assertEqual(len(rows), 60)
                for row in rows:
                    chances = {name: float(row["p_" + name]) for name in about["output"]["classes"]}
                    self.assertAlmostEqual(sum(chances.values()), 1, places=5)
                    self.assertEqual(chances[row["class"]], max(chances.values()))


if __name__ == "__main__":
    program.main()
