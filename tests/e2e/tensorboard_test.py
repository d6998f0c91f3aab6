#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sink tensorboard, read back by a reader of its own (event_files.py)."""
import json
import os
import signal
import unittest

import event_files
import program

SPACE = [
    {"name": "layers", "type": "int", "min_value": 1, "max_value": 4},
    {"name": "units", "type": "int", "min_value": 32, "max_value": 128, "step": 32},
    {"name": "width", "type": "int", "min_value": 16, "max_value": 128, "step": 2,
     "sampling": "log"},
    {"name": "seeds", "type": "int", "min_value": 0, "max_value": 1000000, "step": 2},
    {"name": "lr", "type": "float", "min_value": 1e-4, "max_value": 1e-1, "sampling": "log"},
    {"name": "drop", "type": "float", "min_value": 0.0, "max_value": 0.3, "step": 0.1},
    {"name": "optimizer", "type": "choice", "values": ["adam", "sgd"]},
    {"name": "momentum", "type": "float", "min_value": 0.5, "max_value": 0.9,
     "when": {"optimizer": ["sgd"]}},
    {"name": "decay", "type": "float", "min_value": 0.1, "max_value": 0.2,
     "when": {"optimizer": ["adam"]}},
    {"name": "decay", "type": "float", "min_value": 0.5, "max_value": 0.8,
     "when": {"optimizer": ["sgd"]}},
    {"name": "bias", "type": "boolean"},
    {"name": "batch", "type": "fixed", "value": 64},
]
DOMAINS = {
    "layers": ("DATA_TYPE_FLOAT64", (1, 4)),
    "units": ("DATA_TYPE_FLOAT64", [32, 64, 96, 128]),
    "width": ("DATA_TYPE_FLOAT64", [16, 32, 64, 128]),
    "seeds": ("DATA_TYPE_FLOAT64", (0, 1000000)),
    "lr": ("DATA_TYPE_FLOAT64", (1e-4, 1e-1)),
    "drop": ("DATA_TYPE_FLOAT64", [0, 0.1, 0.2, 0.3]),
    "optimizer": ("DATA_TYPE_STRING", ["adam", "sgd"]),
    "momentum": ("DATA_TYPE_FLOAT64", (0.5, 0.9)),
    "decay": ("DATA_TYPE_FLOAT64", (0.1, 0.8)),
    "bias": ("DATA_TYPE_BOOL", [False, True]),
    "batch": ("DATA_TYPE_FLOAT64", [64]),
}


def as_float(value):
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@unittest.skipUnless(event_files.PROTOC, "protoc is needed (Debian: protobuf-compiler)")
class TensorBoard(program.ProgramTest):
    def runs(self, name="toy", directory="tensorboard"):
        return event_files.runs(self.path("runs", name, directory))

    def check_sessions(self, runs, trials):
        """Each trial's values and nothing more, under the name of its group."""
        for trial in trials:
            for name, run in runs.items():
                if not name.startswith(f"trial_{trial['trial']:04}/"):
                    continue
                self.assertEqual(run.hparams(),
                                 {key: as_float(value) for key, value in trial["values"].items()})
                self.assertEqual(run.start()["group_name"], [name.split("/")[0]])
                self.assertEqual(len(run.files), 1)

    def test_the_reader_sees_what_is_wrong(self):
        self.assertEqual(event_files.crc32c(b"123456789"), 0xE3069283)  # the usual check value
        self.run_program("search", self.study(sinks=["tensorboard"], max_trials=1))
        directory = self.path("runs/toy/tensorboard/trial_0000/execution_0")
        path = os.path.join(directory, os.listdir(directory)[0])
        with open(path, "rb") as file:
            whole = file.read()
        self.assertGreater(len(event_files.records(whole)), 4)
        for at in range(0, len(whole), 7):
            broken = bytearray(whole)
            broken[at] ^= 1
            with self.assertRaises(ValueError):
                event_files.records(bytes(broken))

    def test_every_kind_of_hyperparameter(self):
        self.study(sinks=["tensorboard"], space=SPACE, max_trials=6, max_steps=3,
                   objective={"name": "acc", "direction": "max"})
        requests = []
        for trial in range(4):
            requests += [{"ask": 1},
                         {"report": trial, "step": 1, "metrics": {"acc": 0.5, "loss": 2 + trial}},
                         {"report": trial, "step": 2, "metrics": {"acc": 0.25, "loss": "NaN"}}]
        requests += [{"tell": 0}, {"tell": 1, "metrics": {"acc": 0.75, "size": 1e300}},
                     {"tell": 2, "state": "failed", "message": "out of luck"},
                     {"ask": 1}, {"tell": 4, "metrics": {"acc": 0.125}}]
        answers = self.talk(*requests)
        self.assertFalse([answer for answer in answers if "error" in answer])
        trials = self.trials()
        runs = self.runs()
        self.assertEqual(sorted(runs), ["."] + [f"trial_{t:04}/execution_0" for t in range(5)])
        self.check_sessions(runs, trials)
        self.assertEqual({trial["values"]["optimizer"] for trial in trials}, {"adam", "sgd"})

        experiment = runs["."].experiment()
        self.assertEqual(
            {info["name"][0]: (info["type"][0], event_files.domain(info))
             for info in experiment["hparam_infos"]}, DOMAINS)
        self.assertEqual([info["name"][0] for info in experiment["hparam_infos"]], list(DOMAINS))
        self.assertEqual([info["name"][0]["tag"][0] for info in experiment["metric_infos"]],
                         ["dodona/score", "acc", "loss", "size"])
        self.assertEqual(experiment["metric_infos"][0]["display_name"], ["score"])

        one = [runs[f"trial_{trial:04}/execution_0"] for trial in range(5)]
        self.assertEqual([run.status() for run in one],
                         ["STATUS_SUCCESS", "STATUS_SUCCESS", "STATUS_FAILURE", None,
                          "STATUS_SUCCESS"])
        self.assertEqual(one[0].scalars["acc"], [(1, 0.5), (2, 0.25)])
        self.assertEqual(one[1].scalars["loss"][0], (1, 3))
        self.assertEqual(str(one[1].scalars["loss"][1]), "(2, nan)")
        # The best step's, or what the trial told in the end.
        self.assertEqual(one[0].scalars["dodona/score"], [(1, 0.5)])
        self.assertEqual(one[1].scalars["dodona/score"][0][1], 0.75)
        self.assertEqual(one[1].scalars["size"][0][1], float("inf"))  # too large for a float
        self.assertNotIn("dodona/score", one[2].scalars)
        self.assertEqual(one[4].scalars, {"acc": [(0, 0.125)], "dodona/score": [(0, 0.125)]})
        self.assertTrue(all(run.times == sorted(run.times) for run in one[:3]))

    def test_has_a_score_for_each_objective(self):
        both = [{"name": "loss", "direction": "min"}, {"name": "size", "direction": "max"}]
        self.run_program("search", self.study(sinks=["tensorboard"], objective=both, max_trials=3,
                                              options={"tells_size": True}))
        runs = self.runs()
        tags = [info["name"][0]["tag"][0] for info in runs["."].experiment()["metric_infos"]]
        self.assertEqual(tags, ["dodona/score/loss", "dodona/score/size", "loss", "size"])
        for trial in self.trials():
            scalars = runs[f"trial_{trial['trial']:04}/execution_0"].scalars
            for name, score in trial["scores"].items():
                self.assertAlmostEqual(scalars[f"dodona/score/{name}"][0][1], score, 4)

    def test_executions_are_runs_of_one_group(self):
        self.run_program("search", self.study(
            sinks=["tensorboard"], executions_per_trial=2, max_trials=3, options={"fail": [1]},
            retry={"max_retries_per_trial": 1}))
        trials = self.trials()
        runs = self.runs()
        # Trial 1 failed in its first execution, twice: one attempt is left.
        self.assertEqual(sorted(runs), [
            ".", "trial_0000/execution_0", "trial_0000/execution_1", "trial_0001/execution_0",
            "trial_0002/execution_0", "trial_0002/execution_1"])
        self.check_sessions(runs, trials)
        for name, run in runs.items():
            if name == ".":
                continue
            trial = trials[int(name[6:10])]
            failed = trial["state"] == "failed"
            self.assertEqual(run.status(), "STATUS_FAILURE" if failed else "STATUS_SUCCESS")
            steps = [step for step, _ in run.scalars["loss"]]
            self.assertEqual(steps, [1] if failed else [1, 2])
            if not failed:
                (step, score), = run.scalars["dodona/score"]
                self.assertEqual(step, trial["best_step"])
                self.assertAlmostEqual(score, trial["score"], 6)

    def test_kill_and_going_on_lose_and_double_nothing(self):
        gate = {"gate": self.path("gate"), "gate_from": 1}
        keys = {"max_trials": 4, "parallel_trials": 2, "sinks": ["tensorboard", "jsonl"]}
        self.run_program("search", self.study("whole.json", project_name="whole", **keys))
        for number in range(2):  # held trials run again and are killed again
            child = self.start("search", self.study(options=gate, **keys))
            self.until(lambda: os.path.exists(self.path("runs/toy/events.jsonl")) and sum(
                event["type"] == "reported" for event in self.events()) >= 4 + 2 * number, "reports")
            child.send_signal(signal.SIGKILL)
            child.wait()
        self.write("gate", "")
        self.run_program("search", "study.json")
        runs, whole = self.runs(), self.runs("whole")
        self.assertEqual(sorted(runs), sorted(whole))
        for name, run in runs.items():
            self.assertEqual(run.scalars, whole[name].scalars, name)
            self.assertEqual(len(run.files), 1, name)
            if name != ".":
                self.assertEqual(run.hparams(), whole[name].hparams())
                self.assertEqual(run.status(), "STATUS_SUCCESS")
        self.assertEqual(runs["."].experiment()["hparam_infos"],
                         whole["."].experiment()["hparam_infos"])

    def test_an_overwritten_study_leaves_nothing(self):
        self.run_program("search", self.study(sinks=["tensorboard"], max_trials=3))
        self.write("runs/toy/tensorboard/mine.txt", "mine")
        self.run_program("search", "study.json", "--overwrite", "--set", "max_trials=1",
                         "--set", "seed=8")
        self.assertEqual(sorted(self.runs()), [".", "trial_0000/execution_0"])
        self.check_sessions(self.runs(), self.trials())
        self.assertEqual(self.read("runs/toy/tensorboard/mine.txt"), "mine")

    def test_a_finished_study_can_still_be_told(self):
        self.run_program("search", self.study(max_trials=3))
        sink = [{"plugin": "tensorboard", "options": {"directory": "logs/board"}}]
        self.run_program("search", self.study(max_trials=3, sinks=sink))
        runs = self.runs(directory="logs/board")
        self.assertEqual(len(runs), 4)
        self.check_sessions(runs, self.trials())

    def test_what_cannot_be(self):
        sink = [{"plugin": "tensorboard", "options": {"directory": "../elsewhere"}}]
        self.refused(2, ["search", self.study(sinks=sink)], "../elsewhere",
                     "below the study's own")
        self.refused(2, ["search", self.study(sinks=["tensorboard"], store="memory")], "memory")


if __name__ == "__main__":
    program.main()
