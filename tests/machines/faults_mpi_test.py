#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runners behind mpirun, each a job of one process."""
import sandbox
import searches


class MpiFaults(searches.SearchTest):
    @classmethod
    def setUpClass(cls):
        sandbox.need_programs(mpirun="openmpi-bin")

    def begin(self):
        # A killed mpirun leaves files behind.
        super().begin(searches.by_mpi(), environment={"TMPDIR": sandbox.directory(self)})

    def test_nothing_happens(self):
        self.begin()
        self.finish(losses=0)

    def test_a_runner_is_killed(self):
        self.begin()
        self.until_step(5)
        searches.kill(self.runners()[:1])
        self.finish(losses=1)

    def test_a_client_is_killed(self):
        self.begin()
        self.until_step(5)
        searches.kill(searches.pids_of("mpirun", "orterun")[:1])
        self.finish(losses=1)


if __name__ == "__main__":
    sandbox.main()
