#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The samples of many machines, as they are: their launch lines, and whole searches."""
import os
import signal
import subprocess

import hosts
import sandbox
import program
import searches
import slurm

SOURCE = os.environ["DODONA_SOURCE_DIR"]


class SampleTest(program.ProgramTest, sandbox.TestCase):
    def setUp(self):
        super().setUp()
        os.symlink(os.path.join(SOURCE, "samples"), self.path("samples"))
        self.environment["PATH"] = f"{os.path.dirname(program.PROGRAM)}:{self.environment['PATH']}"

    def search(self, name):
        self.run_program("search", f"samples/{name}/study.json")
        self.check(name)

    def check(self, name):
        trials = self.timed_trials(f"runs/{name}")
        self.assertEqual([trial["state"] for trial in trials], ["completed"] * 12)
        self.run_program("replay", f"runs/{name}")


class Slurm(SampleTest):
    def setUp(self):
        super().setUp()
        self.cluster = self.enterContext(slurm.Cluster(nodes=2, cpus=2))
        self.environment.update(SLURM_CONF=self.cluster.environment["SLURM_CONF"])

    def test_an_owner_on_a_login_node(self):
        self.search("slurm")
        sandbox.until(lambda: not self.cluster.jobs(), "an empty queue")

    def test_an_owner_and_its_runners_as_one_job(self):
        subprocess.run(["sbatch", "--output", self.path("out"), "samples/slurm/search.sbatch"],
                       cwd=self.directory, env=self.environment, check=True,
                       stdout=subprocess.DEVNULL)
        sandbox.until(lambda: "trials: 12 completed" in self.out(), "the end of the job",
                      program.HANG_SECONDS, self.out)
        self.check("slurm")

    def out(self):
        return self.read("out") if os.path.exists(self.path("out")) else ""

    def test_the_queue_is_swept(self):
        """An owner whose machine crashed, with runners in the queue."""
        self.client("srun", "-N2", "-n4", "sleep", "100", environment=self.cluster.environment)
        sandbox.until(lambda: len(self.cluster.jobs()) == 1, "a full cluster")
        owner = self.start("search", "samples/slurm/study.json")
        sandbox.until(lambda: len(self.cluster.jobs()) > 1, "runners in the queue")
        owner.send_signal(signal.SIGSTOP)  # it sees nothing of the end of its clients
        searches.kill(searches.pids_of("srun")[2:])
        owner.send_signal(signal.SIGKILL)
        name = next(name for name, _ in self.cluster.jobs() if name.startswith("dodona-"))
        self.cluster.run(os.path.join(SOURCE, "samples/slurm/sweep.sh"), name.removeprefix("dodona-"))
        sandbox.until(lambda: len(self.cluster.jobs()) == 1, "a queue without runners")


class Hosts(SampleTest):
    names = ("node1", "node2", "node3")

    def network(self, hide=()):
        return self.enterContext(hosts.Hosts(*self.names, hide=hide))

    def test_three_hosts_that_share_nothing(self):
        network = self.network(hide=[self.directory])
        os.mkdir(os.path.join(network.home, "dodona"))  # as README says, but for the copying
        os.symlink(os.path.join(SOURCE, "samples"), os.path.join(network.home, "dodona", "samples"))
        self.search("ssh")

    def test_mpirun(self):
        sandbox.need_programs(mpirun="openmpi-bin")
        self.environment.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                                TMPDIR=sandbox.directory(self))
        self.search("mpi")


class Kubernetes(SampleTest):
    def test_the_study_file_is_right(self):
        self.run_program("ask-tell", "samples/kubernetes/study.json")


if __name__ == "__main__":
    sandbox.main()
