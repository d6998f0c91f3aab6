#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plugins and hosts of other minors than this one's.

minors/plugin.c, a plugin of each role, is built with headers that know less and with headers that
know more, and must search on this host as it does when built with the host's own. minors/host.c, a
small host, is built in the same three ways, and this project's plugins must do the same on each.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

ROOT = os.environ["DODONA_SOURCE_DIR"]
HERE = os.path.join(ROOT, "tests", "abi", "minors")
sys.path[:0] = [os.path.join(ROOT, "tests", "e2e"), HERE]
import headers  # noqa: E402
import program  # noqa: E402

COMPILER = os.environ.get("CC", "cc")
CMAKE = os.path.join(ROOT, "sdk", "cmake")
KNOWLEDGE = {"shorter": ["-DSHORTER"], "own": [], "longer": ["-DLONGER"]}


class OtherMinors(program.ProgramTest):
    tables = {}  # where tables of slots end in the shorter headers

    def setUp(self):
        super().setUp()
        self.headers = {"own": headers.INCLUDE, "shorter": self.path("headers", "shorter"),
                        "longer": self.path("headers", "longer")}
        headers.shorter(self.headers["shorter"], self.tables)
        headers.longer(self.headers["longer"])

    def compile(self, knowledge, *words):
        subprocess.run([COMPILER, "-std=c11", "-g", "-Wall", "-Wextra", "-Werror", *KNOWLEDGE[knowledge],
                        "-I", self.headers[knowledge], *words], check=True)


class Plugins(OtherMinors):
    tables = headers.PLUGIN

    def plugin(self, knowledge, *flags):
        """Builds the plugin in a folder of its own, with the manifest that its SDK writes."""
        folder = self.path("plugins", knowledge)
        os.makedirs(folder, mode=0o755)
        library = os.path.join(folder, "minors.so")
        self.compile(knowledge, *flags, os.path.join(HERE, "plugin.c"), "-shared", "-fPIC",
                     "-fvisibility=hidden", "-Wl,--build-id=sha1", "-Wl,-z,defs",
                     "-Wl,--version-script=" + os.path.join(CMAKE, "plugin.map"), "-o", library)
        self.compile("longer" if knowledge == "longer" else "own", *self.later_tool(),
                     "-I", headers.INCLUDE, "-ldl", "-o", self.path("manifest"))
        manifest = os.path.join(folder, "minors.json")
        subprocess.run([self.path("manifest"), library, manifest], check=True)
        if knowledge == "longer":
            self.add_unknown_keys(manifest)
        for path in (folder, library, manifest):
            os.chmod(path, 0o755)
        return folder

    def later_tool(self):
        """The sources of a later SDK's tool, which knows the role, flag and kind of option to come."""
        sources = []
        for name, *edits in (
                ("manifest.c", ("dodona_unknown_role(module);", "NULL;")),
                ("tables.c", ("DODONA_FLAG_OBJECTIVES | DODONA_FLAG_SERIAL;",
                              "DODONA_FLAG_OBJECTIVES | DODONA_FLAG_SERIAL | 0x40000000u;"),
                 ('put_member(out, "kind", kind_names[option->kind]);',
                  'put_member(out, "kind", option->kind == 77 ? "crystal" : '
                  "kind_names[option->kind]);"))):
            with open(os.path.join(CMAKE, name), encoding="utf-8") as file:
                text = file.read()
            for old, new in edits:
                self.assertIn(old, text)
                text = text.replace(old, new)
            sources.append(self.path(self.write(name, text)))
        return sources

    def add_unknown_keys(self, manifest):
        with open(manifest, encoding="utf-8") as file:
            document = json.load(file)
        document["future"] = {"a": 1}
        for descriptor in document["descriptors"]:
            descriptor["future"] = [2]
            for option in descriptor["options"]:
                option["future"] = 3
        with open(manifest, "w", encoding="utf-8") as file:
            json.dump(document, file)

    def search(self, name, folder, oracle="walk"):
        """Trials and what the sink wrote, of a search with the plugins of a folder."""
        study = self.study(name + ".json", project_name=name, max_trials=12,
                           oracle={"plugin": oracle}, hypermodel={"plugin": "hill"},
                           sinks=[{"plugin": "diary"}, {"plugin": "jsonl"}])
        self.run_program("search", study, "--plugin-path", folder)
        trials = self.trials("runs/" + name)
        self.assertEqual({trial["state"] for trial in trials}, {"completed"})
        return trials, self.read("runs", name, "diary.txt")

    def test_plugins_of_other_minors_search_as_this_ones_do(self):
        own = self.search("own", self.plugin("own"))
        self.assertEqual(len(own[0]), 12)
        self.assertEqual(len(re.findall(r"^\d+ 10 ", own[1], re.M)), 36)
        best = min(trial["score"] for trial in own[0])
        self.assertLess(best, min(trial["score"] for trial in own[0][:2]))
        for knowledge in ("shorter", "longer"):
            with self.subTest(knowledge):
                folder = self.plugin(knowledge)
                self.assertEqual(self.search(knowledge, folder), own)

    def test_a_hypermodel_of_another_minor_works_under_oracles_of_this_one(self):
        for knowledge in ("shorter", "longer"):
            folder = self.plugin(knowledge)
            for oracle in ("random", "tpe"):
                with self.subTest(knowledge, oracle=oracle):
                    self.assertEqual(len(self.search(f"{knowledge}_{oracle}", folder, oracle)[0]), 12)

    def test_a_role_to_come_is_passed_over(self):
        folder = self.plugin("longer")
        listed = self.run_program("plugins", "--plugin-path", folder)
        self.assertNotIn("prophet", listed.stdout)
        for name in ("walk", "hill", "diary"):
            self.assertIn(name, listed.stdout)
        self.assertEqual(listed.stderr, "")

    def test_a_plugin_that_needs_a_later_minor_is_refused(self):
        folder = self.plugin("longer", "-DNEEDED=DODONA_ABI_MINOR")
        study = self.study(oracle={"plugin": "walk"}, hypermodel={"plugin": "hill"})
        lines = self.refused(3, ["search", study, "--plugin-path", folder], "walk")
        self.assertRegex("\n".join(lines), r"minors\.so: needs plugin ABI 0\.1\d\d or later, and this "
                                           r"is 0\.\d+; use it with a newer dodona")

    def test_an_unknown_flag_of_the_high_half_is_refused(self):
        study = self.study(oracle={"plugin": "walk"}, hypermodel={"plugin": "hill"})
        folder = self.plugin("longer", "-DFLAGS=0x40000000u")
        lines = self.refused(3, ["search", study, "--plugin-path", folder], "walk")
        self.assertIn("has the flags 1073741824, which this version does not know and must not pass "
                      "over; use it with a newer dodona", "\n".join(lines))

    def test_an_unknown_flag_of_the_low_half_is_passed_over(self):
        self.search("flags", self.plugin("longer", "-DFLAGS=0x8000u"))


class Hosts(OtherMinors):
    tables = headers.HOST

    def setUp(self):
        super().setUp()
        for knowledge in KNOWLEDGE:
            self.compile(knowledge, os.path.join(HERE, "host.c"), "-ldl", "-lm",
                         "-o", self.path("host_" + knowledge))

    def same(self, library, name, *words):
        """What the plugin did, which is the same on each host."""
        found = {}
        for knowledge in KNOWLEDGE:
            folder = self.path(knowledge)
            os.makedirs(folder, exist_ok=True)
            answer = subprocess.run([self.path("host_" + knowledge), library, name, *words],
                                    cwd=folder, capture_output=True, text=True, check=False)
            self.assertEqual((answer.returncode, answer.stderr), (0, ""), knowledge)
            found[knowledge] = answer.stdout
        self.assertEqual(found["shorter"], found["own"])
        self.assertEqual(found["longer"], found["own"])
        return found["own"]

    def test_oracles_and_stoppers(self):
        folder = os.path.dirname(program.built_plugin("random"))
        for file in sorted(os.listdir(folder)):
            if not file.endswith(".json"):
                continue
            with open(os.path.join(folder, file), encoding="utf-8") as text:
                descriptor = json.load(text)["descriptors"][0]
            if descriptor["role"] == "dodona.oracle/1":
                with self.subTest(file):
                    name = descriptor["name"]
                    self.assertRegex(self.same(program.built_plugin(name), name), "[0-9] trials\n$")

    def test_the_toy(self):
        library = os.path.join(program.PLUGINS, "toy.so")
        transcript = self.same(library, "toy")
        self.assertIn("param momentum", transcript)
        self.assertEqual(transcript.count("report 2: loss"), 3)

    def test_a_command(self):
        transcript = self.same(
            program.built_plugin("command"), "command", "x@", "command:3", "command[0]=sh",
            "command[1]=-c", "command[2]=echo '{{\"loss\": 0.5}}'")
        self.assertEqual(transcript.count(" loss 0x1p-1"), 3)

    def test_the_log_as_lines(self):
        self.same(program.built_plugin("jsonl"), "jsonl")
        lines = {knowledge: self.lines(knowledge) for knowledge in KNOWLEDGE}
        self.assertEqual(len(lines["own"]), 155)
        self.assertEqual(lines["shorter"], lines["own"])
        self.assertEqual(lines["longer"], lines["own"])

    def lines(self, knowledge):
        """The events that every host knows, without what some hosts do not tell."""
        events = [json.loads(line) for line in self.read(knowledge, "events.jsonl").splitlines()]
        beyond = {"sequence", "study", "plugins", "outcome"}
        for event in events:
            if event.get("state") == "unknown":
                event["state"] = "failed"  # as the others call it
        return [{key: value for key, value in event.items() if key not in beyond}
                for event in events if event["type"] != "type 4711"]


if __name__ == "__main__":
    if not shutil.which(COMPILER):
        print(f"{COMPILER} was not found")
        sys.exit(77)
    program.main()
