#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The directory of a trained network: it says what it is, and plain PyTorch reads it."""
import csv
import io
import json
import os
import random
import re
import struct
import subprocess
import sys
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
    "hyper_efficientnet": ({"width": 0.1}, {"version": "B1", "optimizer": "adam"}),
    "hyper_resnet": ({"width": 0.06}, {"version": "next", "conv4_depth": 6, "pooling": "max"}),
}


def has_pytorch():
    return not subprocess.run([PYTHON, "-c", "import torch"], capture_output=True).returncode


@unittest.skipUnless(os.path.exists(program.built_plugin("torch_mlp")),
                     "the networks were not built: they need LibTorch")
class ModelFiles(program.ProgramTest):
    def write_images(self, count=60, folder="images", seed=1):
        draw = random.Random(seed)
        os.mkdir(self.path(folder))
        labels = bytes(i % CLASSES for i in range(count))
        pixels = bytearray()
        for label in labels:
            for at in range(SIDE * SIDE):
                bright = at % SIDE * CLASSES // SIDE == label
                pixels.append(draw.randrange(90) + (150 if bright else 0))
        for name, head, body in (("images-idx3", (0x803, count, SIDE, SIDE), pixels),
                                 ("labels-idx1", (0x801, count), labels)):
            with open(self.path(folder, f"train-{name}-ubyte"), "wb") as file:
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

    def assert_same_rows(self, theirs, ours, count):
        """Two tables of predictions, alike to 1e-5."""
        theirs, ours = (list(csv.DictReader(io.StringIO(table))) for table in (theirs, ours))
        self.assertEqual((len(theirs), len(ours)), (count, count))
        for one, two in zip(theirs, ours):
            self.assertEqual(list(one), list(two))
            for name in one:
                if name == "class":
                    chances = {key[2:]: float(value) for key, value in one.items() if key != name}
                    self.assertGreater(chances[two[name]], max(chances.values()) - 1e-5)
                else:
                    self.assertAlmostEqual(float(one[name]), float(two[name]), delta=1e-5)

    def test_evaluate_gives_the_figures_of_the_search(self):
        self.write_images()
        self.searched("torch_cnn", {"data": "images", "metrics": ["accuracy", "auc"]},
                      NETWORKS["torch_cnn"][1], threads_per_trial=1)
        trial = json.loads(self.read("torch_cnn-model", "trial.json"))
        for words in ([], ["--model", "torch_cnn-model"]):
            shown = self.run_program("evaluate", "runs/torch_cnn", *words).stdout
            metrics, *tables = shown.split("\n\n")
            self.assertEqual({line.split()[0]: float(line.split()[1])
                              for line in metrics.splitlines()},
                             {name: value for name, value in trial["metrics"].items()
                              if name.startswith("val_")})
            self.assertEqual([table.splitlines()[0] for table in tables], ["classes", "confusion"])
        about = json.loads(self.run_program("evaluate", "runs/torch_cnn", "--data", "images",
                                            "--json").stdout)
        counts = [[row[f"as {name}"] for name in "012"] for row in about["tables"]["confusion"]]
        self.assertEqual([sum(row) for row in counts], [20, 20, 20])
        right = sum(counts[number][number] for number in range(3))
        self.assertAlmostEqual(right / 60, about["metrics"]["val_accuracy"], 12)
        for number, row in enumerate(about["tables"]["classes"]):
            self.assertEqual(row["samples"], 20)
            self.assertAlmostEqual(row["recall"], counts[number][number] / 20, 12)
        self.refused(1, ["evaluate", "runs/torch_cnn", "--data", "none"], '"none": cannot be opened')

    def walk(self, line, **names):
        """Runs a line of the table, with what its capital words stand for."""
        words = [names.get(word, word) for word in line.replace("DIR/", names["DIR"] + "/").split()]
        self.assertEqual(words[0], "dodona")
        return self.run_program(*words[1:]).stdout

    def test_the_walk_of_kerastuners_guide(self):
        """Each command of the table in plugins/README.md, in its order, with a real training."""
        with open(os.path.join(os.environ["DODONA_SOURCE_DIR"], "plugins", "README.md"),
                  encoding="utf-8") as file:
            table = file.read().split("| KerasTuner's guide | here |\n|---|---|\n")[1]
        rows = [row.split("|")[2] for row in table.split("\n\n")[0].splitlines()]
        lines = [line for row in rows for line in re.findall("`(.*?)`", row)]
        self.assertEqual([line.split()[1] for line in lines],
                         ["space", "search", "best", "best", "summary", "summary", "evaluate",
                          "predict", "retrain", "evaluate"])
        self.write_images(300)
        self.write_images(90, "new", seed=2)
        self.study(project_name="guide", objective="val_accuracy", max_trials=3, max_steps=5,
                   hypermodel={"plugin": "torch_mlp", "options": {
                       "data": "images", "validation_split": 0.3}},
                   space=[{"name": "optimizer", "type": "fixed", "value": "adam"},
                          {"name": "learning_rate", "type": "float", "min_value": 1e-3,
                           "max_value": 1e-2}])
        told = [self.walk(line, **{"STUDY.json": "study.json"}, DIR="runs/guide", PATH=path,
                          INPUT="new/train-images-idx3-ubyte")
                for line, path in zip(lines, [""] * 3 + ["model", "", ""] + ["new"] * 4)]
        space, search, results, export, summary, before, first, predicted, retrained, again = told
        self.assertRegex(space, "(?m)^learning_rate +float")
        best = self.trials("runs/guide")[int(re.findall(r"\(trial (\d)\)$", search.strip())[0])]
        # Each class has a third of the samples, and shows itself at a glance.
        self.assertGreater(best["score"], 0.9)
        self.assertEqual(results.splitlines()[1].split()[0], str(best["trial"]))
        self.assertIn("model", export)
        weights = [line for line in before.splitlines() if line.startswith("trainable")]
        self.assertRegex(weights[0], r"trainable +\d+")
        self.assertEqual(summary.splitlines()[0], f"model of torch_mlp, trial {best['trial']}")
        accuracies = [float(re.findall(r"(?m)^val_accuracy (\S+)$", text)[0])
                      for text in (first, again)]
        self.assertGreater(min(accuracies), 0.9)
        self.assertNotEqual(first, again)  # another model, of all data
        self.assertRegex(retrained, f"(?m)^trained trial {best['trial']} anew for [1-5] step")
        self.assertEqual(predicted, f"90 predictions by trial {best['trial']} in predictions.csv\n")
        with open(self.path("predictions.csv"), newline="", encoding="utf-8") as file:
            kinds = [row["class"] for row in csv.DictReader(file)]
        right = sum(kind == str(place % CLASSES) for place, kind in enumerate(kinds)) / len(kinds)
        self.assertAlmostEqual(right, accuracies[0], 12)

    def test_pictures_are_predicted_with_their_names(self):
        self.write_images()
        self.searched("torch_mlp", {"data": "images"}, {"layers": 1})
        images = "images/train-images-idx3-ubyte"
        whole = self.run_program("predict", "runs/torch_mlp", images).stdout.splitlines()
        for folder in ("pictures/1", "pictures/0"):
            os.makedirs(self.path(folder))
        with open(self.path(images), "rb") as file:
            pixels = file.read()[16:]
        for number in range(3):
            size = SIDE * SIDE
            with open(self.path("pictures", str(number % 2), f"{number}.pgm"), "wb") as file:
                file.write(b"P5 %d %d 255\n" % (SIDE, SIDE) +
                           pixels[number * size:(number + 1) * size])
        rows = self.run_program("predict", "runs/torch_mlp", "pictures").stdout.splitlines()
        self.assertEqual(rows[0], "file," + whole[0])
        for row, name, number in zip(rows[1:], ("0/0.pgm", "0/2.pgm", "1/1.pgm"), (0, 2, 1)):
            file, kind, *numbers = row.split(",")
            self.assertEqual((file, kind), (name, whole[1 + number].split(",")[0]))
            for one, two in zip(numbers, whole[1 + number].split(",")[1:]):
                self.assertAlmostEqual(float(one), float(two), places=5)
        shown = self.run_program("evaluate", "runs/torch_mlp", "--data", "pictures").stdout
        self.assertRegex(shown, "^val_loss [0-9.]+\nval_accuracy [0-9.]+\n\nclasses\n")

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
        self.write("new.csv", "b,c,a\n1,x,2\n3,y,4\n")  # columns are found by their names
        ours = self.run_program("predict", "runs/torch_mlp", "new.csv").stdout
        self.assertEqual(ours.splitlines()[0], "value")
        if has_pytorch():
            self.assert_same_rows(self.rebuilt("torch_mlp-model", "new.csv"), ours, 2)

    def test_a_table_of_words_and_holes(self):
        os.mkdir(self.path("runs"))
        sample = os.path.join(os.environ["DODONA_SOURCE_DIR"], "samples", "table")
        subprocess.run([sys.executable, "-B", os.path.join(sample, "make_table.py"),
                        self.path("runs", "trips.csv")], check=True)
        self.run_program("search", os.path.join(sample, "network.json"), "--set", "max_trials=1",
                         "--set", "threads_per_trial=1")
        directory = "runs/trips_network"
        self.run_program("best", directory, "--export", "trips-model")
        trial = json.loads(self.read("trips-model", "trial.json"))
        self.assertGreater(trial["metrics"]["val_auc"], 0.65)  # guessing: 0.5, worst of 8: 0.75
        shown = self.run_program("evaluate", directory).stdout
        self.assertIn(f"val_loss {trial['score']}\n", shown)
        about = json.loads(self.read("trips-model", "model.json"))
        self.assertEqual(about["input"]["columns"], ["line", "weather", "passengers"])
        columns = about["preprocessing"]["columns"]
        self.assertEqual(columns["line"], {"categories": ["1", "22", "7, express", 'N2 "night owl"'],
                                           "missing": False})
        self.assertEqual(columns["weather"], {"categories": ["rain", "snow", "sun"], "missing": True})
        self.assertTrue(columns["passengers"]["missing"])
        # No label; words and holes that training had not.
        self.write("new.csv", 'line,passengers,weather\n"7, express",80,snow\n33,,hail\n,1,\n')
        ours = self.run_program("predict", directory, "new.csv").stdout
        if has_pytorch():
            self.assert_same_rows(self.rebuilt("trips-model", "new.csv"), ours, 3)
        # The model keeps its encoding when the data have another.
        lines = self.read("runs", "trips.csv").splitlines()
        self.write("runs/trips.csv", "\n".join(lines[:1] + lines[201:] + lines[1:201]) + "\n")
        self.assertEqual(self.run_program("predict", directory, "new.csv").stdout, ours)
        self.run_program("retrain", directory, "--quiet")
        self.run_program("evaluate", directory, "--data", "runs/trips.csv",
                         "--model", directory + "/retrained")

    @unittest.skipUnless(has_pytorch(), f"{PYTHON} has no module torch (Debian: python3-torch)")
    def test_plain_pytorch_rebuilds_each_network(self):
        self.write_images()
        for plugin, (options, values) in NETWORKS.items():
            with self.subTest(plugin):
                model, about = self.searched(plugin, {"data": "images", **options}, values)
                modules = self.rebuilt(model)  # loads the weights strictly: each has its place
                for layer in about["layers"][1:]:
                    self.assertEqual(f"({layer['name']}): " in modules,
                                     layer["kind"] not in ("add", "scale"))
                images = "images/train-images-idx3-ubyte"
                ours = self.run_program("predict", f"runs/{plugin}", images).stdout
                self.assert_same_rows(self.rebuilt(model, images), ours, 60)


if __name__ == "__main__":
    program.main()
