#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Project directories that are damaged, protected, or not a project at all."""
import json
import os
import shutil
import sqlite3
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
                 "the database is damaged", "from a copy"),
                ("end", lambda file: file.truncate(size // 2),
                 "the database is damaged", "from a copy"),
                ("empty", lambda file: file.truncate(0), "is empty: no study was started there")):
            shutil.copytree(self.path("runs/toy"), self.path("runs", name))
            path = self.path("runs", name, "study.db")
            with open(path, "r+b") as file:
                damage(file)
            with open(path, "rb") as file:
                before = file.read()
            with self.subTest(name):
                said = self.run_program("trials", "runs/" + name, code=1).stderr.splitlines()
                for fragment in (f'"{path}"', *fragments):
                    self.assertIn(fragment, said[-1])
                if name != "empty":  # which a search may begin in
                    self.refused(1, ["search", "study.json", "-q", "--set", "project_name=" + name],
                                 f'"{path}"', *fragments)
                with open(path, "rb") as file:
                    self.assertEqual(file.read(), before)


    def test_trials_shows_what_lies_before_the_damage(self):
        self.run_program("search", self.study(max_trials=30), "-q")
        whole = self.timed_trials()
        path = self.path("runs/toy/study.db")
        database = sqlite3.connect(path)
        rows = [row for row, in database.execute("SELECT first FROM log ORDER BY first")]
        middle = rows[len(rows) // 2]
        database.execute("UPDATE log SET crc = crc + 1 WHERE first = ?", (middle,))
        database.commit()
        database.close()
        result = self.run_program("trials", "runs/toy", "--json", code=1)
        shown = json.loads(result.stdout)["trials"]
        self.assertGreater(len(shown), 3)
        self.assertLess(len(shown), 30)
        self.assertEqual(shown[:-1], whole[:len(shown) - 1])
        self.assertRegex(result.stderr, f'cannot read events? {middle}( to [0-9]+)? of "{path}": the '
                         f"checksum does not match; the {middle} events before it can be read")
        for words in (["best", "runs/toy"], ["space", "runs/toy"], ["replay", "runs/toy"],
                      ["search", "study.json", "-q"]):
            self.refused(1, words, path, "the checksum does not match")

    def has_trials(self):
        result = subprocess.run([program.PROGRAM, "trials", "runs/toy", "--json"],
                                cwd=self.directory, env=self.environment, capture_output=True,
                                text=True, check=False)
        return result.returncode == 0 and len(json.loads(result.stdout)["trials"]) > 2

    def test_a_database_that_is_deleted_or_replaced_ends_the_search(self):
        for replace in (False, True):
            with self.subTest(replace=replace):
                child = self.start("search", self.study(options={"seconds": 0.02}, max_trials=10000),
                                   "-q", "--overwrite")
                path = self.path("runs/toy/study.db")
                self.until(self.has_trials, "a trial")
                if replace:
                    shutil.copy(path, path + ".new")
                    os.rename(path + ".new", path)
                else:
                    os.remove(path)
                self.assertEqual(child.wait(program.HANG_SECONDS), 1)
                said = self.read("err").splitlines()
                self.assertEqual(len(said), 1, said)
                self.assertIn(f'"{path}" was deleted, moved or replaced while', said[0])


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
