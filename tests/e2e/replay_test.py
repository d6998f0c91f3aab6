#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dodona replay`: a study's proposals proven, and refuted once its log was tampered with."""
import json
import os
import sqlite3
import struct
import unittest

import program

TRIALS = 12


class Replay(program.ProgramTest):
    def proven(self, verified, passed_over=0):
        said = json.loads(self.run_program("replay", "runs/toy", "--json").stdout)
        self.assertEqual(said, {"verified": verified, "passed_over": passed_over,
                                "other_build": 0, "difference": None})

    def test_proves_parallel_trials_of_which_some_failed(self):
        for schedule in ({}, {"lag": 3}):
            with self.subTest(schedule):
                self.run_program("search", self.study(
                    options={"fail": [2, 5]}, max_trials=TRIALS, parallel_trials=3,
                    schedule=schedule, initial=[{"x": 0.25}]), "--overwrite")
                self.proven(TRIALS - 1, passed_over=1)
        self.assertEqual(self.run_program("replay", "runs/toy").stdout,
                         "11 proposals verified, 1 trial that no oracle proposed passed over\n")

    def test_proves_a_study_of_several_searches_each_under_its_own_document(self):
        self.run_program("search", self.study(max_trials=4, max_steps=2))
        self.run_program("search", self.study(max_trials=8, max_steps=1, oracle="grid"),
                         "--accept-changes")
        self.run_program("search", self.study(max_trials=TRIALS, oracle="grid"))
        self.proven(TRIALS)

    def test_needs_no_plugin_but_the_oracle(self):
        self.run_program("search", self.study())
        self.environment["DODONA_PLUGIN_PATH"] = ""
        self.proven(5)

    def test_refutes_a_study_whose_log_was_tampered_with(self):
        self.run_program("search", self.study(parallel_trials=2))
        x = self.trials()[3]["values"]["x"]
        bits = struct.pack("<d", x), struct.pack("<d", 0.5)
        database = sqlite3.connect(self.path("runs/toy/study.db"))
        for row, log in database.execute("SELECT first, events FROM log").fetchall():
            database.execute("UPDATE log SET events = ?, crc = NULL WHERE first = ?",
                             (log.replace(*bits), row))
        database.commit()
        database.close()
        said = self.run_program("replay", "runs/toy", code=1).stdout
        self.assertEqual(said, "3 proposals verified\ntrial 3 comes out otherwise: x is 0.5 in the "
                               f"log and {x!r} now\n")
        document = json.loads(self.run_program("replay", "runs/toy", "--json", code=1).stdout)
        self.assertEqual(document["verified"], 3)
        self.assertEqual(document["difference"], {"trial": 3, "what": "x", "logged": "0.5",
                                                  "proposed": repr(x)})

    def test_writes_nothing(self):
        self.run_program("search", self.study())
        with self.unharmed():
            before = sorted(os.listdir(self.path("runs/toy")))
            self.proven(5)
            self.assertEqual(sorted(os.listdir(self.path("runs/toy"))), before)


if __name__ == "__main__":
    program.main()
