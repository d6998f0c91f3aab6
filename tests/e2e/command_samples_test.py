#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The samples of `command`: scripts in Python, with PyTorch and of a shell, as they are."""
import gzip
import os
import subprocess
import sys
import xml.etree.ElementTree

import program

SOURCE = os.environ["DODONA_SOURCE_DIR"]


class Samples(program.ProgramTest):
    def setUp(self):
        super().setUp()
        for name in ("samples", "LICENSE"):
            os.symlink(os.path.join(SOURCE, name), self.path(name))

    def search(self, name):
        return self.run_program("search", f"samples/{name}/study.json").stdout

    def test_a_python_script_learns(self):
        output = self.search("command_python")
        best = float(output.split("best val_accuracy ")[1].split()[0])
        self.assertGreater(best, 0.93)  # a line between the moons gives 0.88; the worst of 10 seeds: 0.997
        trials = self.trials("runs/moons")
        self.assertEqual({trial["state"] for trial in trials}, {"completed"})
        self.assertTrue(any(trial["resume_of"] is not None for trial in trials))

    def test_the_first_study_runs_and_is_drawn(self):
        self.run_program("search", "samples/command_python/first.json")
        trials = self.trials("runs/first")
        self.assertEqual({trial["state"] for trial in trials}, {"completed"})
        picture = subprocess.run(
            [sys.executable, "-B", "samples/draw_study.py", "runs/first", "val_accuracy", program.PROGRAM],
            cwd=self.directory, capture_output=True, text=True, check=True).stdout
        shapes = [shape.tag.split("}")[1] for shape in xml.etree.ElementTree.fromstring(picture).iter()]
        self.assertEqual(shapes.count("polyline"), len(trials) + 1)  # curves, and the best so far
        self.assertEqual(shapes.count("circle"), len(trials) + 1)    # scores, and the best

    def test_a_shell_script_is_read_by_a_regular_expression(self):
        self.assertIn("best bytes ", self.search("command_shell"))
        trials = self.trials("runs/compress")
        self.assertEqual([trial["values"]["level"] for trial in trials], list(range(1, 10)))
        sizes = [trial["score"] for trial in trials]
        self.assertGreater(sizes[0], sizes[8])
        packed = subprocess.run(["gzip", "-c", "-9", self.path("LICENSE")], capture_output=True, check=True)
        self.assertEqual(sizes[8], len(packed.stdout))
        self.assertEqual(gzip.decompress(packed.stdout).decode(), self.read("LICENSE"))

    def test_a_pytorch_script_learns(self):
        if subprocess.run(["/usr/bin/python3", "-c", "import torch"], capture_output=True).returncode:
            self.skipTest("/usr/bin/python3 has no module torch (Debian: python3-torch)")
        if not os.path.exists("/usr/share/datasets/fashion-mnist"):
            self.skipTest("there is no Fashion-MNIST (Debian: dataset-fashion-mnist)")
        output = self.search("command_pytorch")
        best = float(output.split("best val_accuracy ")[1].split()[0])
        self.assertGreater(best, 0.45)  # guessing gives 0.1; the worst of 10 seeds: 0.7


if __name__ == "__main__":
    program.main()
