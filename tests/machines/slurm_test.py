#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cluster that other tests use: it carries bytes, loses nodes, preempts, and leaves nothing."""
import os

import sandbox
import slurm

ON_SIGTERM = ["sh", "-c", "trap 'echo term; exit 75' TERM; echo up; while :; do sleep 0.05; done"]


class Shared(sandbox.TestCase):
    """One cluster for all tests of a class."""
    nodes = 2

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(slurm.Cluster(nodes=cls.nodes, grace_seconds=5))

    def started(self, *words):
        return self.client("srun", "-n1", *words, environment=self.cluster.environment)


class Streams(Shared):
    def test_a_job_s_stream_is_exact_to_the_byte(self):
        lines = sandbox.random_lines(1, 100, 1023, 1024, 1025, 60_000, 1_000_000)
        with sandbox.nothing_left():
            out, err = self.started(*sandbox.ECHO).communicate(lines, sandbox.HANG_SECONDS)
        self.assertEqual(out, lines)
        self.assertEqual(err, b"")

    def test_a_job_that_waits_starts_when_another_ends(self):
        holders = [self.started(*sandbox.ECHO) for _ in range(self.nodes + 1)]
        sandbox.until(lambda: sorted(state for _, state in self.cluster.jobs())
                      == ["PENDING"] + ["RUNNING"] * self.nodes, "one job too many")
        for holder in holders:
            holder.stdin.write(b"word\n")
            holder.stdin.close()
        for holder in holders:
            self.assertEqual(holder.stdout.read(), b"word\n")
        sandbox.until(lambda: not self.cluster.jobs(), "an empty queue")


class Preemption(Shared):
    def test_a_job_is_preempted_with_a_signal_first(self):
        victim = self.started(f"-N{self.nodes}", f"-n{self.nodes}", *ON_SIGTERM)
        self.assertEqual(victim.stdout.readline(), b"up\n")
        urgent = self.started("-p", "urgent", "true")
        out, _ = victim.communicate(timeout=sandbox.HANG_SECONDS)
        self.assertIn(b"term\n", out)
        self.assertEqual(urgent.wait(sandbox.HANG_SECONDS), 0)


class LostNode(Shared):
    def test_a_node_vanishes_with_all_that_ran_on_it(self):
        clients = {node: self.started("-w", node, *sandbox.ECHO) for node in ("n1", "n2")}
        for client in clients.values():
            self.exchange(client)
        self.cluster.kill_node("n2")
        self.assertEqual([pid for pid in self.cluster.processes() if slurm.on_node(pid, "n2")], [])
        self.assertFalse(self.cluster.daemons["n2"].running())
        self.exchange(clients["n1"])


class Daemons(Shared):
    def test_a_killed_controller_and_node_daemon_come_back(self):
        runner = self.started("-w", "n1", "--job-name=kept", *sandbox.ECHO)
        self.cluster.until_saved("kept")
        for name in ("slurmctld", "n1"):
            self.exchange(runner, b"before\n")
            self.cluster.kill(name)
            self.exchange(runner, b"without\n")
            self.cluster.start(name)
            self.cluster.until_states(n1="allocated", n2="idle")
        self.assertEqual(runner.communicate(b"word\n", sandbox.HANG_SECONDS)[0], b"word\n")
        self.cluster.until_idle()


class Ends(sandbox.TestCase):
    def test_clusters_run_side_by_side_and_leave_nothing_after_an_error(self):
        with sandbox.nothing_left(), self.assertRaisesRegex(RuntimeError, "on purpose"):
            with slurm.Cluster(nodes=1) as one, slurm.Cluster(nodes=1, auth="none") as other:
                for cluster in (one, other):
                    self.client("srun", "-n1", *sandbox.ECHO, environment=cluster.environment)
                sandbox.until(lambda: one.jobs() and other.jobs(), "a job in each")
                self.directories = [one.directory, other.directory]
                raise RuntimeError("on purpose")
        self.assertEqual([os.path.exists(directory) for directory in self.directories], [False] * 2)


if __name__ == "__main__":
    sandbox.main()
