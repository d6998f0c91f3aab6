#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runners behind mpirun, each a job of one process."""
import sandbox
import searches


class MpiFaults(searches.Survives, searches.SearchTest):
    clients = ("mpirun", "orterun")

    @classmethod
    def setUpClass(cls):
        sandbox.need_programs(mpirun="openmpi-bin")

    def begin(self):
        # A killed mpirun leaves files behind.
        super().begin(searches.by_mpi(), environment={"TMPDIR": sandbox.directory(self)})


if __name__ == "__main__":
    sandbox.main()
