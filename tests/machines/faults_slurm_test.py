#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Slurm does to runners, and what runners and owner bear: each fault once, with the real one."""
import os
import subprocess

import sandbox
import program
import searches
import slurm

GRACE_SECONDS = 3
SWEEP = os.path.join(os.environ["DODONA_SOURCE_DIR"], "samples", "slurm", "sweep.sh")


class SlurmFaults(searches.Survives, searches.SearchTest):
    """The nodes have more room than there are workers, so a lost runner has a successor at once."""
    clients = ("srun",)

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(
            slurm.Cluster(nodes=2, cpus=2, grace_seconds=GRACE_SECONDS))

    def setUp(self):
        super().setUp()
        self.cluster.until_idle()

    def begin(self, *options, **keys):
        super().begin(searches.by_slurm(*options), environment=self.cluster.environment, **keys)

    def finish(self, **expected):
        super().finish(**expected)
        sandbox.until(lambda: not self.cluster.jobs(), "an empty queue")

    def finish_and_sweep(self):
        """Slurm keeps a job for ever whose client was killed with its helper."""
        self.assertEqual(self.child.wait(program.HANG_SECONDS), 0, self.read("err"))
        subprocess.run([SWEEP, "--all"], env=self.cluster.environment, check=True)
        self.finish()

    def job(self):
        return next(iter(self.cluster.run("squeue", "--noheader", "--format", "%i").split()))

    def test_all_clients_and_their_helpers_are_killed(self):
        """The engine tells nobody then: the runners notice by themselves."""
        self.begin()
        self.until_step(5)
        orphans = self.runners()
        searches.kill(searches.pids_of("srun"))
        self.until_loss()
        sandbox.until(lambda: not set(orphans) & set(self.runners()), "the end of orphaned runners",
                      searches.SILENCE_SECONDS + 2)
        self.finish_and_sweep()

    def test_runner_and_client_are_killed(self):
        self.begin()
        self.until_step(5)
        searches.kill(searches.pids_of("srun", "dodona-runner"))
        self.finish_and_sweep()

    def test_the_owner_is_killed(self):
        self.begin()
        self.until_step(5)
        self.kill_owner()
        self.check_runners_end()
        self.go_on()
        self.finish()

    def check_runners_end(self):
        sandbox.until(lambda: not self.runners(), "the end of the runners",
                      searches.SILENCE_SECONDS + 2)

    def test_the_controller_is_killed_and_comes_back(self):
        self.begin()
        self.until_step(5)
        # By the study's own name: the state has the jobs of the tests before, too.
        self.cluster.until_saved(next(name for name, state in self.cluster.jobs()
                                      if name.startswith("dodona-") and state == "RUNNING"))
        self.cluster.kill("slurmctld")
        self.cluster.start("slurmctld")
        self.finish(losses=0)

    def test_a_node_daemon_is_killed_and_comes_back(self):
        self.begin()
        self.until_step(5)
        self.cluster.kill("n1")
        self.cluster.start("n1")
        self.finish(losses=0)

    def test_a_job_is_cancelled(self):
        self.begin()
        self.until_step(5)
        self.cluster.run("scancel", self.job())
        self.finish(losses=1)

    def test_a_job_is_preempted(self):
        self.begin()
        self.until_step(5)
        urgent = self.client("srun", "-N2", "-n2", "-c2", "-p", "urgent", "sleep", "1",
                             environment=self.cluster.environment)
        self.until_loss()
        self.assertEqual(urgent.wait(sandbox.HANG_SECONDS), 0)
        self.finish()

    def begin_in_the_queue(self, seconds):
        """The cluster is full for that time. Answers the client of the job that fills it."""
        filler = self.client("srun", "-N2", "-n4", "sleep", str(seconds),
                             environment=self.cluster.environment)
        sandbox.until(lambda: self.cluster.jobs() and self.cluster.jobs()[0][1] == "RUNNING", "a job")
        self.begin()
        sandbox.until(lambda: len(self.cluster.jobs()) > 1, "runners in the queue")
        return filler

    def test_a_runner_waits_in_the_queue_without_a_trial(self):
        filler = self.begin_in_the_queue(3)
        self.assertEqual(self.log("started"), [])
        filler.wait()
        self.finish(losses=0)

    def test_the_owner_is_killed_with_runners_in_the_queue(self):
        filler = self.begin_in_the_queue(100)
        self.kill_owner()
        sandbox.until(lambda: len(self.cluster.jobs()) == 1, "a queue without runners")
        filler.terminate()
        filler.wait()
        self.cluster.until_idle()
        self.go_on()
        self.finish(losses=0)

    def test_munge_is_gone(self):
        """New runners cannot start; those that are there go on."""
        self.begin()
        self.until_step(5)
        munged = self.cluster.daemons["munged"]
        munged.kill()
        searches.kill(self.runners()[:1])
        self.until_loss()
        munged.start()
        self.finish()


if __name__ == "__main__":
    sandbox.main()
