#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plugins that are missing, foreign or unsafe, and what the program says of those that it finds."""
import json
import os
import shutil
import subprocess
import unittest

import program

OWN = os.path.join(program.BUILD, "lib", "dodona", "plugins")


class Plugins(program.ProgramTest):
    def folder(self, name="mine", mode=0o755):
        os.mkdir(self.path(name))
        os.chmod(self.path(name), mode)  # whatever the umask is
        return self.path(name)

    def copied(self, source, folder, name=None):
        place = os.path.join(folder, name or os.path.basename(source))
        shutil.copyfile(source, place)
        os.chmod(place, 0o644)
        return place

    def copied_toy(self, folder):
        """Under a name of its own, so that it is not the toy of the tests' search path."""
        manifest = json.loads(self.read(program.PLUGINS, "toy.json"))
        manifest["descriptors"][0].update(id="org.example.doll", name="doll")
        manifest["library"] = "doll.so"
        self.copied(os.path.join(program.PLUGINS, "toy.so"), folder, "doll.so")
        self.manifest(folder, "doll", manifest)
        return manifest

    def manifest(self, folder, name, value):
        path = self.write(os.path.join(folder, name + ".json"), json.dumps(value))
        os.chmod(path, 0o644)

    def refuses(self, code, plugin, *fragments, path="mine", **more):
        study = self.study(hypermodel={"plugin": plugin})
        words = ["search", study] + (["--plugin-path", path] if path else [])
        self.refused(code, words, *fragments, **more)
        self.assertFalse(os.path.exists(self.path("runs")))

    def test_a_missing_one_is_named_with_the_nearest_and_the_places(self):
        self.refuses(3, "tay", 'there is no hypermodel "tay"', 'did you mean "toy"?',
                     f"looked in {os.path.realpath(program.PLUGINS)}, {os.path.realpath(OWN)}",
                     path=None)
        self.refused(3, ["search", self.study(oracle={"plugin": "randm"})],
                     'there is no oracle "randm"', 'did you mean "random"?')
        self.refused(3, ["search", self.study(sinks=[{"plugin": "toy"}])],
                     '"toy" is a hypermodel, not a sink; name it under hypermodel')
        self.refused(3, ["plugins", "describe", "tay"], 'there is no plugin "tay"',
                     'did you mean "toy"?')

    def test_one_of_another_epoch_says_which(self):
        folder = self.folder()
        self.copied(os.path.join(program.BAD_PLUGINS, "other_epoch.so"), folder)
        self.manifest(folder, "other_epoch", {
            "manifest_version": 1, "library": "other_epoch.so", "abi_epoch": 7, "abi_minor": 1,
            "build_id": "00", "descriptors": [{
                "role": "dodona.hypermodel/1", "id": "org.example.raw", "name": "raw",
                "version": "1.0.0", "license": "Apache-2.0", "flags": 0, "description": "nothing",
                "options": []}]})
        expected = ["other_epoch.so", "was built for plugin ABI 7.1", "this is 0.",
                    "rebuild the plugin"]
        self.refuses(3, "other_epoch", *expected)
        self.refuses(3, "raw", 'there is no hypermodel "raw"', *expected)
        self.refused(3, ["plugins", "describe", "other_epoch", "--plugin-path", "mine"], *expected)

    def test_a_manifest_that_lies_or_lacks_its_library_is_found_out(self):
        folder = self.folder()
        manifest = self.copied_toy(folder)
        self.manifest(folder, "doll", {**manifest, "build_id": "00ff"})
        self.refused(3, ["search", self.study(hypermodel={"plugin": "doll"}), "--plugin-path",
                         "mine"], "doll.so", "00ff", manifest["build_id"])
        shutil.rmtree(self.path("runs"))
        self.write("mine/doll.json", '{"manifest_version": 1,\n "library": }')
        self.refuses(3, "doll", "doll.json:2:13: ")
        self.manifest(folder, "doll", manifest)
        os.remove(os.path.join(folder, "doll.so"))
        self.refuses(3, "doll", "mine/doll.json: the library", "mine/doll.so is not there")

    def test_a_library_without_manifest_is_not_loaded(self):
        self.copied(os.path.join(program.PLUGINS, "toy.so"), self.folder(), "doll.so")
        self.refuses(3, "doll", 'hypermodel "doll" cannot be used',
                     "has no manifest doll.json beside it")

    def test_what_others_may_write_to_is_refused(self):
        folder = self.folder()
        self.copied_toy(folder)
        for mode, who in ((0o775, "its group"), (0o757, "everybody")):
            os.chmod(folder, mode)
            with self.subTest(who):
                self.refuses(2, "doll", f"{folder} may be written to by {who}",
                             f"run: chmod go-w {folder}")
                # Where it was not asked for, it is left aside.
                self.refuses(3, "doll", 'there is no hypermodel "doll"',
                             f"left aside: {folder} may be written to by {who}", path=None,
                             environment={"DODONA_PLUGIN_PATH": folder})
        os.chmod(folder, 0o755)
        library = os.path.join(folder, "doll.so")
        os.chmod(library, 0o664)
        self.refuses(3, "doll", f"{library} may be written to by its group")
        os.chmod(library, 0o644)
        self.run_program("plugins", "describe", "doll", "--plugin-path", "mine")

    def test_what_is_left_aside_is_said(self):
        study = self.study()
        entry = 'the entry "mine" of DODONA_PLUGIN_PATH is ignored, as it is relative; give "' + \
            self.path("mine")
        environment = {"DODONA_PLUGIN_PATH": program.PLUGINS + ":mine"}
        self.assertIn("warning: plugins: " + entry, self.run_program(
            "search", study, "-q", environment=environment).stderr)
        self.assertIn(entry, self.run_program("plugins", environment=environment).stdout)
        self.assertIn(entry, self.refused(3, ["search", self.study(oracle={"plugin": "none"})],
                                          environment=environment)[-1])
        # The toy of the tests' search path, which comes later.
        folder = self.folder()
        for name in ("toy.so", "toy.json"):
            self.copied(os.path.join(program.PLUGINS, name), folder)
        hidden = f'is hidden by the hypermodel "toy" of the same id in {folder}/toy.so'
        self.assertIn(hidden, self.run_program("plugins", "--plugin-path", "mine").stdout)
        words = ["search", self.study(), "-q", "--plugin-path", "mine"]
        self.assertNotIn(hidden, self.run_program(*words).stderr)
        self.assertIn(f"toy.json {hidden}", self.run_program(*words, "-v").stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a file away")
    def test_what_another_user_owns_is_refused(self):
        folder = self.folder()
        self.copied_toy(folder)
        for path in (os.path.join(folder, "doll.so"), folder):
            os.chown(path, 54321, -1)
            with self.subTest(path):
                self.refuses(2 if path == folder else 3, "doll",
                             f"{path} belongs to user 54321", "it should belong to root or to you")

    def test_the_working_directory_is_not_searched(self):
        self.copied_toy(self.directory)
        self.refuses(3, "doll", 'there is no hypermodel "doll"', path=None)

    def test_an_oracle_that_cannot_begin_is_named(self):
        self.refused(1, ["search", self.study(oracle={"plugin": "throws_in_create"}), "-q",
                         "--plugin-path", program.BAD_PLUGINS],
                     'oracle "throws_in_create": thrown in create')


class Tables(program.ProgramTest):
    def test_list_says_what_is_usable_and_why_something_is_not(self):
        text = self.run_program("plugins", "list", "--plugin-path", program.BAD_PLUGINS).stdout
        lines = [line.split(maxsplit=5) for line in text.splitlines()]
        self.assertEqual(lines[0], ["role", "name", "version", "id", "library", "description"])
        rows = {line[1]: line for line in lines[1:]}
        self.assertEqual(rows["toy"], ["hypermodel", "toy", "0.1.0", "org.example.toy",
                                       os.path.realpath(program.PLUGINS + "/toy.so"),
                                       "a toy that waits and breaks"])
        self.assertEqual([rows["random"][0], rows["jsonl"][0]], ["oracle", "sink"])
        self.assertIn("cannot be used: has no manifest raw.json beside it", rows["raw"][5])
        self.assertEqual(self.run_program("plugins", "--plugin-path", program.BAD_PLUGINS).stdout,
                         text)

    def test_list_and_describe_as_json(self):
        plugins = json.loads(self.run_program("plugins", "--json").stdout)["plugins"]
        toy = next(plugin for plugin in plugins if plugin["name"] == "toy")
        self.assertEqual(list(toy), ["role", "id", "name", "version", "license", "description",
                                     "path", "problem"])
        described = json.loads(self.run_program("plugins", "describe", "org.example.toy",
                                                "--json").stdout)["plugins"]
        options = described[0].pop("options")
        self.assertRegex(described[0].pop("build_id"), "^[0-9a-f]{40}$")
        more = {"flags": [], "abi_built": described[0]["abi_built"],
                "abi_needed": described[0]["abi_needed"], "processor": "", "judges": False,
                "aside": []}
        self.assertRegex(more["abi_built"], r"^0\.\d+$")
        self.assertEqual(described, [{**toy, **more}])
        self.assertEqual(options[0], {
            "name": "steps", "kind": "int", "required": False, "default": 2, "low": 1,
            "high": 1000000, "choices": [], "help": "steps of a trial"})

    def test_describe_shows_each_option_with_its_bounds(self):
        text = self.run_program("plugins", "describe", "toy").stdout
        self.assertTrue(text.startswith('hypermodel "toy", version 0.1.0, Apache-2.0\n'), text)
        self.assertRegex(text, r"steps +int +2 +1 to 1000000\n +steps of a trial\n")
        self.assertRegex(text, r"fail +list +\[\] +any\n")

    def test_oracles_stoppers_and_their_flags_are_told_apart(self):
        roles = {plugin["name"]: plugin["role"] for plugin in
                 json.loads(self.run_program("plugins", "--json").stdout)["plugins"]}
        self.assertEqual([roles[name] for name in ("random", "median", "hyperband", "toy")],
                         ["oracle", "stopper", "oracle", "hypermodel"])
        self.assertRegex(self.run_program("plugins").stdout, r"\nstopper +median ")
        text = self.run_program("plugins", "describe", "hyperband").stdout
        self.assertIn("  resumes: proposes trials that go on from earlier ones", text)
        self.assertIn("  ends: ends by itself", text)
        self.assertRegex(text, r"  build-id: [0-9a-f]{40}\n  plugin ABI: built for 0\.\d+, needs 0")

    def test_a_manifest_is_written_again_or_the_library_refused(self):
        toy = os.path.join(program.PLUGINS, "toy")
        self.assertEqual(self.run_program("plugins", "manifest", toy + ".so").stdout,
                         self.read(toy + ".json"))
        self.run_program("plugins", "manifest", toy + ".so", "-o", self.path("toy.json"))
        self.assertEqual(self.read("toy.json"), self.read(toy + ".json"))
        self.assertEqual(os.stat(self.path("toy.json")).st_mode & 0o777, 0o644)
        tool = os.path.join(program.BUILD, "CMakeFiles", "dodona-manifest")
        for name, problem in (
                ("default_out_of_bounds", 'oracle "raw": option "count" has the default 9, which '
                                          "is above its largest value, 5"),
                ("no_propose", 'oracle "raw": its table lacks the required function propose'),
                ("bad_json", "option \"layers\" has the default '[1, ]', which is not JSON"),
                ("unknown_role", 'has the unknown role "dodona.chooser/1"')):
            with self.subTest(name):
                library = os.path.join(program.BAD_PLUGINS, name + ".so")
                self.refused(3, ["plugins", "manifest", library, "-o", "x.json"], problem)
                said = subprocess.run([tool, library, self.path("x.json")], text=True,
                                      stderr=subprocess.PIPE, check=False)
                self.assertEqual(said.returncode, 1)
                self.assertIn(problem, said.stderr)
                self.assertFalse(os.path.exists(self.path("x.json")))
        self.refused(3, ["plugins", "manifest", os.path.join(program.BAD_PLUGINS,
                                                             "shared_libcxx.so")],
                     "needs the shared libc++.so.1", "link it statically")

    def test_what_is_installed_for_the_user_is_found(self):
        place = self.path("home", ".local", "lib", "dodona", "plugins")
        os.makedirs(place)
        for folder in (place, os.path.dirname(place)):
            os.chmod(folder, 0o755)
        for name in ("toy.so", "toy.json"):
            shutil.copyfile(os.path.join(program.PLUGINS, name), os.path.join(place, name))
            os.chmod(os.path.join(place, name), 0o644)
        found = self.run_program("plugins", "describe", "toy", environment={
            "HOME": self.path("home"), "DODONA_PLUGIN_PATH": ""}).stdout
        self.assertIn(f"library: {place}/toy.so\n", found)
        # Beside the one of the path, which comes first.
        found = self.run_program("plugins", "describe", "toy",
                                 environment={"HOME": self.path("home")}).stdout
        self.assertIn(f"  left aside: {place}/toy.json: is hidden by the hypermodel", found)

    def test_schema_knows_every_key_and_the_options_of_plugins(self):
        schema = json.loads(self.run_program("schema").stdout)
        self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        self.assertLessEqual({"project_name", "directory", "seed", "store", "objective",
                              "max_trials", "oracle", "hypermodel", "sinks", "space", "retry"},
                             set(schema["properties"]))
        self.assertIs(schema["additionalProperties"], False)
        self.assertIn('"gate_from"', json.dumps(schema))


if __name__ == "__main__":
    program.main()
