#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The networks of LibTorch: data that is missing or something else, and the samples."""
import json
import os
import unittest

import program

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


needs_torch = unittest.skipUnless(
    os.path.exists(program.built_plugin("torch_mlp")),
    "the networks were not built: they need LibTorch")


@needs_torch
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

    def test_a_table_says_what_it_lacks(self):
        self.write("t.csv", "a,b,quality\n1,2,good\n1,oops,bad\n" + 10 * "1,3,good\n")
        study = self.study(objective="val_accuracy",
                           hypermodel={"plugin": "torch_mlp", "options": {"data": "t.csv"}})
        self.refused(2, ["search", study], '"t.csv" is a file, so a table',
                     'the option "label" must name its label column')
        self.refused(1, ["search", study, "--set", "hypermodel.options.label=quality"],
                     '"t.csv", line 3: column "b" holds "oops", which is not a finite number')


FASHION = "/usr/share/datasets/fashion-mnist"


@needs_torch
@unittest.skipUnless(os.path.isdir(FASHION), f"{FASHION} is not there (dataset-fashion-mnist)")
class Samples(program.ProgramTest):
    def tunes(self, name):
        """Runs a sample with less of everything; answers its trials."""
        study = os.path.join(os.environ["DODONA_SOURCE_DIR"], "samples", name + ".json")
        less = ["max_trials=2", "max_steps=1", "hypermodel.options.validation_split=0.002",
                "hypermodel.options.train_samples=128"]
        self.run_program("search", study, *(word for one in less for word in ("--set", one)))
        trials = json.loads(self.run_program("trials", f"runs/{name}", "--json").stdout)["trials"]
        self.assertEqual([trial["state"] for trial in trials], ["completed"] * 2)
        return trials

    def test_torch_cnn_tunes_preprocessing_and_training(self):
        for trial in self.tunes("torch_cnn"):
            self.assertLessEqual(trial["metrics"]["val_accuracy"],
                                 trial["metrics"]["val_top_3_accuracy"])
            self.assertLessEqual({"normalize", "crop", "shuffle", "schedule"}, set(trial["values"]))

    def test_hyper_resnet_tunes_augmentation_and_what_was_a_constant(self):
        for trial in self.tunes("hyper_resnet"):
            self.assertIn(trial["values"]["crop"], [20, 24, 28])
            self.assertIn("augment_layers", trial["values"])

    def test_hyper_efficientnet_tunes_version_and_schedule(self):
        for trial in self.tunes("hyper_efficientnet"):
            self.assertIn(trial["values"]["version"], ["B0", "B1"])
            self.assertIn(trial["values"]["schedule"], ["constant", "one_cycle"])

    def test_front_tunes_accuracy_and_size_within_a_limit(self):
        for trial in self.tunes("front"):
            self.assertEqual(list(trial["scores"]), ["val_accuracy", "model_mb"])
            self.assertAlmostEqual(trial["excess"]["model_mb"],
                                   trial["metrics"]["model_mb"] - 1, 12)
            self.assertGreater(trial["metrics"]["parameters"], 0)

    # They failed trial by trial, and as many as were allowed trained another network before that.
    def test_values_that_no_network_has_end_the_search_before_a_trial(self):
        def whole(name, low, high):
            return {"name": name, "type": "int", "min_value": low, "max_value": high}

        def word(name, *values):
            return {"name": name, "type": "choice", "values": values}

        for plugin, entry, value, bound in (
                ("torch_mlp", whole("layers", 2, 6), "6", "6 is not in 1 to 3"),
                ("torch_mlp", word("optimizer", "adam", "lion"), "lion",
                 '"lion" is none of adam, sgd, rmsprop, adamw'),
                ("torch_mlp", {"name": "clip_norm", "type": "float", "min_value": -1.0,
                               "max_value": 1.0}, "-1", "-1 is below 0"),
                ("torch_mlp", whole("batch_size", 0, 64), "0", "0 is below 1"),
                ("torch_mlp", {"name": "learning_rate", "type": "float", "min_value": 0.1,
                               "max_value": 1e39}, "1e+39", "1e+39 is above 1e+37"),
                ("torch_cnn", whole("blocks", 1, 5), "5", "5 is not in 1 to 4"),
                ("torch_cnn", whole("blocks", 0, 2), "0", "0 is not in 1 to 4"),
                ("hyper_resnet", whole("conv3_depth", -4, 4), "-4", "-4 is not in 1 to 1000"),
                ("hyper_xception", whole("num_residual_blocks", -1, 2), "-1",
                 "-1 is not in 0 to 1000")):
            study = self.study(objective="val_accuracy", space=[entry], hypermodel={
                "plugin": plugin, "options": {"train_samples": 128, "validation_split": 0.002}})
            with self.subTest(plugin=plugin, entry=entry):
                self.refused(2, ["search", study], "dodona: study.json:1:",
                             f': space[0]: "{entry["name"]}" may be {value}, which is refused: '
                             f'hypermodel "{plugin}": hyperparameter "{entry["name"]}": {bound}')
                self.assertEqual(self.trials(), [])

    def test_a_network_that_is_too_large_fails_once(self):
        study = self.study(objective="val_accuracy", max_trials=1,
                           retry={"max_retries_per_trial": 3},
                           hypermodel={"plugin": "hyper_xception",
                                       "options": {"max_model_parameters": 1000}})
        self.run_program("search", study, code=1)
        trial, = self.trials()
        self.assertIn("above max_model_parameters 1000", trial["message"])
        self.assertEqual(trial["attempt"], 0)


if __name__ == "__main__":
    program.main()
