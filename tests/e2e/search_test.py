#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The output of a search while it runs and at its end, and its results as read afterwards."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import unittest

import program

ESCAPE = "\x1b"


class Summary(program.ProgramTest):
    def test_says_where_everything_is_and_the_best_in_its_last_line(self):
        result = self.run_program("search", self.study(sinks=["jsonl"]), "-q")
        self.assertEqual(result.stderr, "")
        lines = result.stdout.splitlines()
        self.assertEqual(lines[0], "written to runs/toy (study.db, events.jsonl)")
        self.assertRegex(lines[1], r"^5 trials: 5 completed; max_trials reached after \d+\.\d s$")
        best = min(self.trials(), key=lambda trial: trial["score"])
        self.assertEqual(lines[2], f"hyperparameters of trial {best['trial']}:")
        self.assertEqual([line.split()[0] for line in lines[3:-1]], list(best["values"]))
        self.assertEqual(lines[-1], f"best loss {best['score']:.6g} (trial {best['trial']})")

    def test_as_json_is_one_document_and_nothing_else(self):
        result = self.run_program("search", self.study(options={"fail": [1]}), "--json")
        self.assertEqual(result.stderr, "")
        summary = json.loads(result.stdout)
        best = json.loads(self.run_program("best", "runs/toy", "--json").stdout)["trials"][0]
        self.assertGreaterEqual(summary.pop("seconds"), 0)
        self.assertEqual(summary, {
            "directory": "runs/toy", "end": "max_trials reached", "completed": 4, "stopped": 0,
            "failed": 1, "unfinished": 0, "message": "trial 1: the toy broke in trial 1",
            "delegate": None, "reason": None,
            "objective": {"name": "loss", "direction": "min"}, "front": 1, "best": best})

    def test_memory_store_writes_nothing(self):
        result = self.run_program("search", self.study(store="memory"), "-q")
        self.assertTrue(result.stdout.startswith("nothing was written (memory store)\n"))
        self.assertRegex(result.stdout, r"\nbest loss \S+ \(trial \d\)\n$")
        self.assertEqual(os.listdir(self.directory), ["study.json"])

    def test_the_same_seed_finds_the_same_and_more_workers_do_not_matter(self):
        self.run_program("search", self.study())
        self.run_program("search", self.study(project_name="again", parallel_trials=4))
        self.assertEqual(self.trials(), self.trials("runs/again"))


class Failures(program.ProgramTest):
    def test_a_trial_that_throws_fails_alone(self):
        result = self.run_program("search", self.study(options={"fail": [1, 3]}))
        self.assertIn("5 trials: 3 completed, 2 failed;", result.stdout)
        self.assertIn("trial 3 failed: the toy broke in trial 3; ", result.stderr)
        table = self.run_program("trials", "runs/toy").stdout.splitlines()
        self.assertTrue(table[0].endswith("message"))
        self.assertRegex(table[2], r"^ +1  failed +-  .*  the toy broke in trial 1$")
        for trial in self.trials():
            fails = trial["trial"] in (1, 3)
            self.assertEqual(trial["state"], "failed" if fails else "completed")
            self.assertEqual(trial["message"],
                             f"the toy broke in trial {trial['trial']}" if fails else "")
            self.assertEqual(trial["score"] is None, fails)
            self.assertIn("x", trial["values"])

    def test_too_many_one_after_another_end_the_search(self):
        lines = self.refused_after_summary(self.study(options={"fail": [1, 2, 3]}, max_trials=9))
        self.assertEqual(lines[-1], "dodona: gave up, as too many trials failed one after another; "
                                    "the last failure: trial 3: the toy broke in trial 3")
        self.assertEqual(self.states(), ["completed", "failed", "failed", "failed"])
        self.run_program("search", "study.json")  # and it can go on
        self.assertEqual(self.states(), ["completed"] + ["failed"] * 3 + ["completed"] * 5)

    def test_no_completed_trial_is_no_result(self):
        lines = self.refused_after_summary(self.study(options={"fail": [-1]}, max_trials=2))
        self.assertEqual(lines[-1], "dodona: no trial completed; the last failure: "
                                    "trial 1: the toy broke in trial 1")
        self.refused(1, ["best", "runs/toy"], "runs/toy has no trial with a score yet")

    def refused_after_summary(self, study):
        result = self.run_program("search", study, code=1)
        self.assertTrue(result.stdout.startswith("written to runs/toy (study.db)\n"))
        return result.stderr.splitlines()


class Results(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.run_program("search", self.study(max_trials=12))

    def table(self, *words):
        return [line.split() for line in self.run_program(*words).stdout.splitlines()]

    def test_trials_as_table_and_json(self):
        trials = self.timed_trials()
        rows = self.table("trials", "runs/toy")
        self.assertEqual(rows[0], ["trial", "state", "score", "best_step", "x", "units", "bias",
                                   "optimizer", "momentum"])
        self.assertEqual(len(rows), 13)
        for row, trial in zip(rows[1:], trials):
            values = trial["values"]
            self.assertEqual(list(trial), program.TRIAL_KEYS)
            self.assertIs(type(trial["seed"]), str)
            self.assertLessEqual(trial["started"], trial["finished"])
            self.assertRegex(trial["started"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
            self.assertGreaterEqual(trial["seconds"], 0)
            self.assertEqual((trial["state"], trial["message"], trial["attempt"],
                              trial["resume_of"]), ("completed", "", 0, None))
            self.assertEqual(trial["metrics"], {"loss": trial["score"]})
            # A value whose condition does not hold is nowhere.
            self.assertEqual("momentum" in values, values["optimizer"] == "sgd")
            self.assertEqual(row, [
                str(trial["trial"]), "completed", f"{trial['score']:.6g}", "2",
                f"{values['x']:.6g}", str(values["units"]), json.dumps(values["bias"]),
                values["optimizer"],
                f"{values['momentum']:.6g}" if "momentum" in values else "-"])

    def test_best_are_in_order(self):
        ranked = sorted(self.timed_trials(), key=lambda trial: trial["score"])
        for words, count in (([], 10), (["-n", "3"], 3), (["-n", "0"], 12)):
            best = json.loads(self.run_program("best", "runs/toy", *words, "--json").stdout)
            self.assertEqual(best["trials"], ranked[:count])
            rows = self.table("best", "runs/toy", *words)
            self.assertEqual([row[0] for row in rows[1:]],
                             [str(trial["trial"]) for trial in ranked[:count]])

    def test_space_shows_bounds_values_and_conditions(self):
        text = self.run_program("space", "runs/toy").stdout
        self.assertEqual([re.split("  +", line.strip()) for line in text.splitlines()], [
            ["name", "type", "values", "sampling", "step", "default", "when"],
            ["x", "float", "0 .. 1", "linear", "-", "0", "-"],
            ["units", "int", "32 .. 512", "linear", "32", "32", "-"],
            ["bias", "boolean", "false, true", "-", "-", "false", "-"],
            ["optimizer", "choice", "adam, sgd", "-", "-", "adam", "-"],
            ["momentum", "float", "0 .. 0.9", "linear", "-", "0", "optimizer = sgd"]])

    def test_space_as_json_is_what_a_study_file_takes(self):
        space = json.loads(self.run_program("space", "runs/toy", "--json").stdout)["space"]
        self.assertEqual(space[-1], {
            "name": "momentum", "type": "float", "min_value": 0.0, "max_value": 0.9,
            "sampling": "linear", "default": 0.0, "when": {"optimizer": ["sgd"]}})
        self.run_program("search", self.study(project_name="again", max_trials=12, space=space))
        self.assertEqual(self.trials("runs/again"), self.trials())


class PlainProgress(program.ProgramTest):
    def test_a_slow_search_shows_every_trial(self):
        result = self.run_program("search", self.study(max_trials=2))
        lines = result.stderr.splitlines()
        self.assertEqual(lines[0], "searching for the best loss (min) of toy: oracle random, "
                                   "2 trials, 1 in parallel")
        self.assertRegex(lines[1], r"^trial 0 started: x \S+, units \d+, bias ")
        for line, start in zip(lines[2:], ("trial 0 step 1: loss ", "trial 0 step 2: loss ",
                                           "trial 0 completed: loss ", "trial 1 started: x ",
                                           "trial 1 step 1: loss ", "trial 1 step 2: loss ",
                                           "trial 1 completed: loss "), strict=True):
            self.assertTrue(line.startswith(start), line)
        self.assertRegex(lines[-1], r" at step 2, \d\.\d s; 2/2 trials, best \S+ \(trial \d\), ")
        self.assertNotIn(ESCAPE, result.stdout + result.stderr)

    def test_a_fast_search_does_not_flood_and_ends_with_how_it_stands(self):
        result = self.run_program("search", self.study(max_trials=1000, store="memory"))
        lines = result.stderr.splitlines()
        # 20 at once, one a second, and one for each improvement: about ln 1000.
        self.assertLess(len(lines), 100)
        best = result.stdout.splitlines()[-1].split()
        self.assertTrue(any(f"completed: loss {best[2]} " in line for line in lines))
        self.assertRegex(lines[-1], r"\b1000/1000 trials, best " + re.escape(best[2]))


class TerminalProgress(program.ProgramTest):
    def on_terminal(self, **environment):
        """All that a search shows on a terminal of 30 x 100."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        study = self.study(max_trials=3, parallel_trials=2, options={"fail": [1], "seconds": 0.3})
        child = subprocess.Popen(
            [program.PROGRAM, "search", study], cwd=self.directory, stdin=slave, stdout=slave,
            stderr=slave, env={**self.environment, "TERM": "xterm", **environment})
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # EIO: the other end is closed
                break
            if not part:
                break
            shown += part
        os.close(master)
        self.assertEqual(child.wait(program.HANG_SECONDS), 0)
        return shown.decode()

    def test_draws_running_trials_and_leaves_the_summary(self):
        shown = self.on_terminal()
        self.assertRegex(shown, r"trial 0  step [01]  0:00")
        self.assertRegex(shown, r"\x1b\[2A|\x1b\[3A")  # up over what was drawn before
        self.assertIn(ESCAPE + "[31mtrial 1 failed: the toy broke in trial 1" + ESCAPE, shown)
        self.assertIn(ESCAPE + "[32mtrial 0 completed: loss ", shown)
        # Every frame gives the cursor back, and the summary comes after the last one.
        self.assertEqual(shown.count(ESCAPE + "[?25l"), shown.count(ESCAPE + "[?25h"))
        summary = shown[shown.rindex(ESCAPE + "[?25h") + len(ESCAPE + "[?25h"):].splitlines()
        self.assertEqual(summary[0], "written to runs/toy (study.db)")
        self.assertRegex(summary[-1], r"^best loss \S+ \(trial [02]\)$")

    def test_without_colours_where_they_are_not_wanted(self):
        shown = self.on_terminal(NO_COLOR="1")
        self.assertIn(ESCAPE + "[?25h", shown)
        self.assertNotRegex(shown, r"\x1b\[\d+m")

    def test_plain_lines_on_a_dumb_terminal(self):
        shown = self.on_terminal(TERM="dumb")
        self.assertNotIn(ESCAPE, shown)
        self.assertRegex(shown, r"trial 0 started: .*\r\n")


class Sinks(program.ProgramTest):
    def test_jsonl_has_every_trial_and_follows_the_study(self):
        self.run_program("search", self.study(options={"fail": [2]}, sinks=["jsonl"]))
        events = self.events()
        self.assertEqual([event["type"] for event in events[:3]],
                         ["created", "configured", "space_grown"])
        for trial in self.trials():
            own = [event for event in events if event.get("trial") == trial["trial"]]
            kinds = [event["type"] for event in own]
            self.assertEqual(kinds, ["proposed", "started"] + ["reported"] *
                             (1 if trial["state"] == "failed" else 2) + ["finished"])
            self.assertEqual(own[0]["values"], trial["values"])
            self.assertEqual(own[-1]["state"], trial["state"])
        self.run_program("search", "study.json", "--set", "max_trials=7")
        self.assertEqual(self.events()[:len(events)], events)
        self.assertEqual(sum(e["type"] == "finished" for e in self.events()), 7)

    def test_one_that_fails_is_reported_once_and_the_search_goes_on(self):
        study = self.study(sinks=["throws_in_consume", "jsonl"], max_trials=20)
        result = self.run_program("search", study, "--plugin-path", program.BAD_PLUGINS)
        failures = [line for line in result.stderr.splitlines() if "throws_in_consume" in line]
        self.assertEqual(len(failures), 1)
        self.assertRegex(failures[0], r"^\d\d:\d\d:\d\d error: throws_in_consume: the sink failed "
                                      r"and is set aside: .*thrown in consume$")
        self.assertEqual(self.states(), ["completed"] * 20)
        self.assertEqual(sum(event["type"] == "finished" for event in self.events()), 20)


if __name__ == "__main__":
    program.main()
