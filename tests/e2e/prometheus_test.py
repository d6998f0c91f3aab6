#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prometheus' own parser reads what the sink prometheus writes."""
import json
import os
import signal
import subprocess

import program

SYSTEM_PYTHON = "/usr/bin/python3"
READER = r"""
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = text_string_to_metric_families(open(sys.argv[1]).read())
json.dump([[sample.name, sample.labels, sample.value, family.type, family.documentation]
           for family in families for sample in family.samples], sys.stdout)
"""


class Figures(program.ProgramTest):
    def setUp(self):
        super().setUp()
        known = subprocess.run([SYSTEM_PYTHON, "-c", "import prometheus_client"],
                               capture_output=True, check=False)
        if known.returncode != 0:
            self.skipTest("there is no parser of Prometheus (Debian: python3-prometheus-client)")

    def figures(self, path="runs/toy/dodona.prom", study="toy"):
        result = subprocess.run([SYSTEM_PYTHON, "-c", READER, self.path(path)],
                                capture_output=True, text=True, check=True)
        samples = json.loads(result.stdout)
        self.assertEqual({labels["study"] for _, labels, *_ in samples}, {study})
        self.assertEqual(len({labels["id"] for _, labels, *_ in samples}), 1)
        for name, _, _, kind, words in samples:
            self.assertEqual(kind, "counter" if name.endswith("_total") else "gauge")
            self.assertGreater(len(words), 10)
        return {name.removeprefix("dodona_"): value for name, _, value, *_ in samples}

    def check(self, seen):
        states = self.states()
        for state in ("completed", "stopped", "failed", "invalid"):
            self.assertEqual(seen[f"trials_{state}_total"], states.count(state), state)
        self.assertEqual(seen["trials_proposed_total"], len(states))
        self.assertEqual(seen["trials_running"], 0)
        events = self.events()
        self.assertEqual(seen["events_total"], len(events))
        self.assertEqual(seen["reports_total"],
                         sum(event["type"] == "reported" for event in events))
        self.assertEqual(seen["best"], min(trial["score"] for trial in self.trials()
                                           if trial["score"] is not None))

    def test_are_those_of_the_study(self):
        self.run_program("search", self.study(
            max_trials=30, sinks=["prometheus", "jsonl"], stopper="median",
            options={"steps": 6, "fail": [3, 7]}))
        self.check(self.figures())

    def test_go_on_after_a_kill(self):
        child = self.start("search", self.study(max_trials=30, sinks=["prometheus", "jsonl"],
                                                options={"steps": 3, "seconds": 0.03}))
        self.until(lambda: os.path.exists(self.path("runs/toy/dodona.prom")), "the file")
        self.assertGreaterEqual(self.figures()["trials_proposed_total"], 0)
        child.send_signal(signal.SIGKILL)
        child.wait()
        self.run_program("search", "study.json")
        self.check(self.figures())

    def test_another_study_s_file_elsewhere_is_left_alone(self):
        place = self.path("collector.prom")
        sink = {"plugin": "prometheus", "options": {"path": place}}
        self.run_program("search", self.study(max_trials=2, sinks=[sink]))
        before = self.read("collector.prom")
        self.run_program("search", self.study("other.json", project_name="other", max_trials=2,
                                              sinks=[sink]), code=1)
        self.assertEqual(self.read("collector.prom"), before)
        self.run_program("search", self.study("other.json", project_name="q\"u\\o", max_trials=2,
                                              sinks=["prometheus"]))
        self.assertEqual(self.figures('runs/q"u\\o/dodona.prom', 'q"u\\o')["trials_running"], 0)


if __name__ == "__main__":
    program.main()
