#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dodona check`: every check finds the plugin that was broken for it, and nothing else does; the
plugins of the tree pass."""
import glob
import json
import os
import re
import subprocess
import unittest
import xml.etree.ElementTree

import program

BAD = os.path.join(program.BAD_PLUGINS, "check")
OWN = os.path.dirname(program.built_plugin("random"))
SOURCE = os.environ["DODONA_SOURCE_DIR"]
FASHION = "/usr/share/datasets/fashion-mnist"
HANG_SECONDS = 200


class Check(program.ProgramTest):
    def check(self, file, *words):
        """The document that `dodona check --json` prints, and its exit code."""
        process = subprocess.run([program.PROGRAM, "check", file, "--json", *words],
                                 cwd=self.directory, env=self.environment, capture_output=True,
                                 text=True, timeout=HANG_SECONDS, stdin=subprocess.DEVNULL)
        self.assertIn(process.returncode, (0, 1), process.stderr)
        return json.loads(process.stdout), process.returncode

    def failed(self, document):
        return {(each["id"], each["plugin"]): each["text"] for each in document["checks"]
                if each["status"] == "failed"}

    def test_each_check_finds_the_plugin_that_is_broken_for_it_alone(self):
        found = set()
        for role in ("oracles", "models", "sinks"):
            document, code = self.check(os.path.join(BAD, role + ".so"))
            self.assertEqual(code, 1)
            failed = self.failed(document)
            plugins = {each["plugin"] for each in document["checks"]} - {""}
            for plugin in sorted(plugins):
                with self.subTest(plugin):
                    own = {key: text for key, text in failed.items() if key[1] == plugin}
                    self.assertEqual(list(own), [(plugin.split("-")[0], plugin)], own)
            found |= {check for check, _ in failed}
        for library in sorted(glob.glob(os.path.join(BAD, "file.*.so"))):
            check = os.path.basename(library)[:-len(".so")]
            with self.subTest(check):
                failed = self.failed(self.check(library, "--quick")[0])
                self.assertEqual(list(failed), [(check, "")], failed)
                found.add(check)
        self.assertEqual(found, self.listed(), "a check without a broken plugin")

    def listed(self):
        """The ids of the table in sdk/README.md."""
        text = self.read(SOURCE, "sdk", "README.md")
        return set(re.findall(r"^\| `(\w+\.\w+)` \|", text, re.M))

    def options_of(self, name):
        """Options with which a plugin of the tree has little to do; None: there is no data."""
        if name == "xgboost":
            rows = "".join(f"{i % 7},{i % 5},{i % 2}\n" for i in range(60))
            return {"data": self.path(self.write("table.csv", "a,b,label\n" + rows))}
        if name == "command":
            return {"command": ["echo", "loss=0.5"], "metrics_regex": {"loss": "loss=([0-9.]+)"}}
        if name in ("torch_mlp", "torch_cnn", "hyper_efficientnet", "hyper_resnet", "hyper_xception"):
            less = {"data": FASHION, "train_samples": 200, "validation_split": 0.01}
            return less if os.path.isdir(FASHION) else None
        return {}

    def test_the_plugins_of_the_tree_pass(self):
        for library in sorted(glob.glob(os.path.join(OWN, "*.so"))):
            name = os.path.basename(library)[:-len(".so")]
            options = self.options_of(name)
            with self.subTest(name):
                if options is None:
                    self.skipTest(f"{FASHION} is not there (dataset-fashion-mnist)")
                document, code = self.check(library, "--quick", "--options", json.dumps(options))
                self.assertEqual((self.failed(document), code), ({}, 0))

    def test_text_names_the_command_that_repeats_a_failure(self):
        library = os.path.join(BAD, "oracles.so")
        process = self.run_program("check", library, "--only", "oracle.fold@oracle.fold", "--quick",
                                   code=1)
        again = re.search(r"again: dodona (check .*)", process.stdout).group(1).split()
        repeated = self.run_program(*again, "--json", code=1)
        failed = self.failed(json.loads(repeated.stdout))
        self.assertEqual(list(failed), [("oracle.fold", "oracle.fold")])

    def test_junit_counts_failures(self):
        self.run_program("check", os.path.join(BAD, "sinks.so"), "--quick", "--junit", "out.xml",
                         code=1)
        suite = xml.etree.ElementTree.parse(self.path("out.xml")).getroot()
        self.assertEqual(suite.get("failures"), "4")
        self.assertEqual(len(suite.findall(".//failure")), 4)

    def test_a_wrong_command_line_is_exit_code_2(self):
        self.write("notes.txt", "not JSON")
        self.refused(2, ["check", "notes.txt"], "notes.txt:1:1")
        self.refused(2, ["check", "nothing.so"], "there is no such file")
        random = program.built_plugin("random")
        self.refused(2, ["check", random, "--options", '{"x": 1}'], 'has the option "x"')
        self.refused(2, ["check", random, "--only", "oracle.fould"], 'named "oracle.fould"')
        self.refused(2, ["check", random, "--seed", "-1"], "whole number")


if __name__ == "__main__":
    program.main()
