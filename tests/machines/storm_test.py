#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A long search under constant harm: 16 runners on 4 nodes of Slurm and 2 hosts behind ssh, and every
2 s one of the faults that the other tests do one by one.

    DODONA_STORM_SECONDS=600 DODONA_STORM_SEED=1 python3 -B tests/machines/storm_test.py

Without the first it storms for 60 s. The seed decides the faults, not the moments at which they hit.
"""
import os
import random
import signal
import time

import hosts
import sandbox
import searches
import slurm

SECONDS = float(os.environ.get("DODONA_STORM_SECONDS", "60"))
SEED = int(os.environ.get("DODONA_STORM_SEED", "1"))
WORKERS, PAUSE_SECONDS = 16, 2
NODES, HOSTS = ["n1", "n2", "n3", "n4"], ["h1", "h2"]
LAUNCH = """\
#!/bin/sh
case $1 in
  n*) exec srun -n1 -w "$1" --job-name="dodona-$2" "$3" ;;
  *) exec ssh -T "$1" "exec $3" ;;
esac
"""


class Storm:
    """Faults by name; one that lasts puts its end into `repairs`, as (moment, function)."""

    def __init__(self, test, cluster, network):
        self.test, self.cluster, self.network = test, cluster, network
        self.random = random.Random(SEED)
        self.repairs = []
        self.down = set()
        self.counts = {}
        self.faults = [self.kill_runner, self.kill_client, self.kill_client_and_runner,
                       self.stop_runner, self.kill_controller, self.kill_node_daemon, self.cancel_job,
                       self.preempt, self.lose_node, self.cut_briefly, self.cut_long, self.crash_host,
                       self.kill_owner]

    def strike(self):
        fault = self.random.choice(self.faults)
        self.counts[fault.__name__] = self.counts.get(fault.__name__, 0) + 1
        fault()

    def mend(self, all_of_them=False):
        for repair in [each for each in self.repairs if all_of_them or each[0] <= time.monotonic()]:
            self.repairs.remove(repair)
            repair[1]()

    def until_later(self, name, seconds, end):
        """Marks a machine as harmed; it is whole again once `end` ran."""
        self.down.add(name)

        def repair():
            end()
            self.down.discard(name)

        self.repairs.append((time.monotonic() + seconds, repair))

    def whole(self, names):
        there = [name for name in names if name not in self.down]
        return self.random.choice(there) if there else None

    def kill_some(self, names, number=signal.SIGKILL):
        pids = searches.pids_of(*names)
        if pids:
            pid = self.random.choice(pids)
            os.kill(pid, number)
            return pid
        return None

    def kill_runner(self):
        self.kill_some(["dodona-runner"])

    def kill_client(self):
        self.kill_some(["srun", "ssh"])

    def kill_client_and_runner(self):
        self.kill_client()
        self.kill_runner()

    def stop_runner(self):
        pid = self.kill_some(["dodona-runner"], signal.SIGSTOP)
        if pid is not None:
            def go_on():
                if sandbox.name_of(pid) == "dodona-runner":
                    os.kill(pid, signal.SIGCONT)

            self.repairs.append((time.monotonic() + self.random.choice([2, 12]), go_on))

    def restart(self, name, seconds):
        self.cluster.kill(name)
        self.until_later(name, seconds, lambda: self.cluster.start(name))

    def kill_controller(self):
        if "slurmctld" not in self.down:
            self.restart("slurmctld", self.random.choice([0, 3, 10]))

    def kill_node_daemon(self):
        node = self.whole(NODES)
        if node:
            self.restart(node, self.random.choice([0, 3, 10]))

    def lose_node(self):
        node = self.whole(NODES)
        if node:
            self.cluster.kill_node(node)
            self.until_later(node, 10, lambda: self.cluster.start(node))

    def cancel_job(self):
        if "slurmctld" not in self.down:
            jobs = self.cluster.run("squeue", "--noheader", "--format", "%i").split()
            if jobs:
                self.cluster.run("scancel", self.random.choice(jobs))

    def preempt(self):
        self.test.client("srun", "-n1", "-c2", "-p", "urgent", "sleep", "2",
                         environment=self.cluster.environment)

    def cut_briefly(self):
        self.cut(self.random.choice([1, 4]))

    def cut_long(self):
        self.cut(2 * searches.SILENCE_SECONDS)

    def cut(self, seconds):
        host = self.whole(HOSTS)
        if host:
            self.network[host].cut()
            self.until_later(host, seconds, self.network[host].heal)

    def crash_host(self):
        host = self.whole(HOSTS)
        if host:
            self.network[host].crash()
            self.until_later(host, 5, self.network[host].start)

    def kill_owner(self):
        self.test.kill_owner()
        self.test.go_on()


class StormTest(searches.SearchTest):
    seconds_max = int(SECONDS) + 120
    workers, trials_max = WORKERS, 1_000_000

    def test_every_trial_finishes_once(self):
        network = self.enterContext(hosts.Hosts(*HOSTS))
        cluster = self.enterContext(slurm.Cluster(nodes=len(NODES), cpus=4, grace_seconds=3))
        storm = Storm(self, cluster, network)
        launch = self.write("launch.sh", LAUNCH)
        os.chmod(self.path(launch), 0o755)
        slots = [name for name in NODES for _ in range(3)] + [name for name in HOSTS for _ in range(2)]
        self.begin({"launch": [self.path(launch), "{slot}", "{study}", "{runner}"], "slots": slots},
                   environment=cluster.environment, retry={"max_losses": 1000})
        self.until_step(2)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            storm.strike()
            time.sleep(PAUSE_SECONDS)
            storm.mend()
            self.assertIsNone(self.child.poll(), self.read("err"))
        storm.mend(all_of_them=True)
        self.child.send_signal(signal.SIGINT)
        self.assertEqual(self.child.wait(sandbox.HANG_SECONDS), 130, self.read("err"))
        self.end_with_what_began(storm)

    def end_with_what_began(self, storm):
        """The trials that were proposed are finished in quiet."""
        self.trials_max = len(self.trials())  # the sink may not have heard of the last ones
        self.document["max_trials"] = self.trials_max
        print(f"seed {SEED}: {self.trials_max} trials, {len(self.log('lost'))} losses, {storm.counts}",
              flush=True)
        self.child = self.start("search", "study.json", "--set", f"max_trials={self.trials_max}")
        self.finish()


if __name__ == "__main__":
    sandbox.main()
