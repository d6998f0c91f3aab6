#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runners behind ssh, on hosts that share the project directory and on hosts that do not."""
import json
import os
import time

import hosts
import sandbox
import program
import searches


class SshFaults(searches.SearchTest):
    shares = True

    @classmethod
    def setUpClass(cls):
        cls.projects = sandbox.directory(cls)
        cls.data = sandbox.directory(cls)
        hidden = [] if cls.shares else [cls.projects]
        cls.network = cls.enterClassContext(hosts.Hosts(
            "h1", "h2", "h3", hide={"h1": hidden, "h2": hidden, "h3": [*hidden, cls.data]}))

    def begin(self, *names, **keys):
        projects = os.path.join(self.projects, self.id())
        os.mkdir(projects)
        os.symlink(projects, self.path("runs"))
        super().begin(searches.by_ssh(self.network, *names), **keys)

    def check_left(self):
        super().check_left()
        for name in self.network.names:
            self.assertEqual(os.listdir(self.network[name].scratch), [])
            if not self.shares:
                self.assertEqual(self.network[name].run("ls", self.projects), "")

    def test_nothing_happens(self):
        self.begin("h1", "h2")
        self.finish(losses=0)
        checkpoints = [name for folder, _, files in os.walk(self.path("runs/toy/trials"))
                       for name in files if name == "step"]
        self.assertNotEqual(checkpoints, [])

    def test_a_runner_is_killed(self):
        self.begin("h1", "h2")
        self.until_step(5)
        searches.kill(self.runners()[:1])
        self.finish(losses=1)

    def test_a_client_is_killed(self):
        self.begin("h1", "h2")
        self.until_step(5)
        searches.kill(searches.pids_of("ssh")[:1])
        self.finish(losses=1)

    def test_the_owner_is_killed(self):
        self.begin("h1", "h2")
        self.until_step(5)
        self.kill_owner()
        sandbox.until(lambda: not self.runners(), "the end of the runners",
                      searches.SILENCE_SECONDS + 2)
        self.go_on()
        self.finish()

    def test_a_host_is_cut_off_for_four_seconds(self):
        self.begin("h1", "h2")
        self.until_step(5)
        self.network["h1"].cut()
        time.sleep(4)
        self.network["h1"].heal()
        self.finish(losses=0)

    def test_a_host_is_cut_off_for_good(self):
        self.begin("h1", "h2")
        self.until_step(5)
        self.network["h1"].cut()
        self.addCleanup(self.network["h1"].heal)
        self.until_loss()
        self.finish()

    def test_a_host_crashes_and_boots_again(self):
        self.begin("h1", "h2")
        self.until_step(5)
        self.network["h1"].crash()
        self.until_loss()
        self.network["h1"].start()
        self.finish()

    def test_a_host_without_the_data_is_told_once(self):
        open(os.path.join(self.data, "table"), "w", encoding="utf-8").close()
        self.begin("h1", "h3", options={"data": os.path.join(self.data, "table")})
        self.finish(losses=0, words=["h3", "table"])

    def test_a_host_with_another_build_is_told_once(self):
        for name in ("toy.so", "toy.json"):
            self.network["h2"].run("mount", "--bind", self.another(name),
                                   os.path.join(program.PLUGINS, name))
            self.addCleanup(self.network["h2"].run, "umount", os.path.join(program.PLUGINS, name))
        self.begin("h1", "h2")
        self.finish(losses=0, words=["h2", "has the build", "install the same files"])

    def another(self, name):
        """A copy of a file of the plugin, as if it had been built once more."""
        with open(os.path.join(program.PLUGINS, "toy.json"), encoding="utf-8") as file:
            build = json.load(file)["build_id"]
        other = build[::-1]
        with open(os.path.join(program.PLUGINS, name), "rb") as file:
            content = file.read()
        for old, new in ((build.encode(), other.encode()),
                         (bytes.fromhex(build), bytes.fromhex(other))):
            content = content.replace(old, new)
        with open(self.path("other." + name), "wb") as file:
            file.write(content)
        return self.path("other." + name)


if __name__ == "__main__":
    sandbox.main()
