#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Project directories that are damaged, protected, or not a project at all."""
import os
import shutil
import subprocess
import unittest

import program


class Damaged(program.ProgramTest):
    def test_a_damaged_database_is_named_and_left_as_it_is(self):
        self.run_program("search", self.study(max_trials=30), "-q")
        good = self.path("runs/toy/study.db")
        size = os.path.getsize(good)
        for name, damage, *fragments in (
                ("head", lambda file: file.write(b"no database"),
                 "it is not a database", "move the file away"),
                ("middle", lambda file: (file.seek(4096), file.write(b"\xa5" * (size - 4096))),
                 "the database is damaged", "restore it from a copy"),
                ("end", lambda file: file.truncate(size // 2),
                 "the database is damaged", "restore it from a copy"),
                ("empty", lambda file: file.truncate(0), "is empty: no study was started there")):
            shutil.copytree(self.path("runs/toy"), self.path("runs", name))
            path = self.path("runs", name, "study.db")
            with open(path, "r+b") as file:
                damage(file)
            with open(path, "rb") as file:
                before = file.read()
            with self.subTest(name):
                self.refused(1, ["trials", "runs/" + name], f'"{path}"', *fragments)
                if name != "empty":  # which a search may begin in
                    self.refused(1, ["search", "study.json", "-q", "--set", "project_name=" + name],
                                 f'"{path}"', *fragments)
                with open(path, "rb") as file:
                    self.assertEqual(file.read(), before)


class Protected(program.ProgramTest):
    def setUp(self):
        super().setUp()
        # To root nothing is protected.
        self.other = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
        try:
            subprocess.run([program.PROGRAM, "--version"], check=True, capture_output=True,
                           cwd=self.directory, **self.other)
        except (OSError, subprocess.CalledProcessError) as error:
            self.skipTest(f"another user cannot run the program: {error}")

    def protect(self, path, mode):
        os.chmod(path, mode)
        self.addCleanup(os.chmod, path, 0o755)

    def test_a_directory_that_may_not_be_written_to_is_named(self):
        os.mkdir(self.path("runs"))
        self.protect(self.path("runs"), 0o555)
        self.refused(1, ["search", self.study(), "-q"], "cannot create directory",
                     'runs/toy": Permission denied; choose a directory that you may write to',
                     **self.other)

    def test_a_protected_project_can_be_read_and_not_gone_on_with(self):
        self.run_program("search", self.study())
        for name in os.listdir(self.path("runs/toy")):
            self.protect(self.path("runs/toy", name), 0o555)
        self.protect(self.path("runs/toy"), 0o555)
        with self.unharmed():
            self.refused(1, ["search", "study.json", "-q"], "runs/toy/study.lock",
                         "Permission denied", **self.other)
            self.refused(1, ["search", "study.json", "-q", "--overwrite"], "runs/toy/study.lock",
                         "Permission denied", **self.other)
            own = self.run_program("trials", "runs/toy").stdout
            self.assertEqual(self.run_program("trials", "runs/toy", **self.other).stdout, own)


class Overwrite(program.ProgramTest):
    def test_a_directory_that_is_no_project_is_never_deleted(self):
        os.makedirs(self.path("runs/toy/deep"))
        self.write("runs/toy/thesis.txt", "precious")
        self.refused(1, ["search", self.study(), "--overwrite"],
                     "runs/toy is not a Dodona project (it has no study.db)",
                     "choose another project_name or directory")
        self.assertEqual(sorted(os.listdir(self.path("runs/toy"))), ["deep", "thesis.txt"])

    def test_begins_anew_and_deletes_the_study_alone(self):
        # Once it deleted all that lay in the directory.
        os.makedirs(self.path("runs/toy"))
        self.write("runs/toy/thesis.txt", "precious")
        self.run_program("search", self.study(sinks=["jsonl"]))
        old = self.trials()
        result = self.run_program("search", self.study(sinks=["jsonl"], seed=8, max_trials=3),
                                  "--overwrite")
        self.assertIn("3 trials: 3 completed;", result.stdout)
        new = self.trials()
        self.assertEqual(len(new), 3)
        self.assertNotEqual(new, old[:3])
        self.assertEqual(self.read("runs/toy/thesis.txt"), "precious")
        self.assertEqual(self.events()[0]["seed"], 8)
        self.assertEqual(sum(event["type"] == "finished" for event in self.events()), 3)


if __name__ == "__main__":
    program.main()
