#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Faults of Slurm after which a cluster is no longer what it was: each has a cluster of its own."""
import signal

import sandbox
import searches
import slurm


class LostNodes(searches.SearchTest):
    seconds_max = 150

    def setUp(self):
        super().setUp()
        self.cluster = self.enterContext(slurm.Cluster(nodes=2, cpus=2))

    def test_a_node_vanishes(self):
        self.begin(searches.by_slurm(), environment=self.cluster.environment)
        self.until_step(5)
        self.cluster.kill_node("n2")
        self.finish()

    def test_the_time_limit_of_a_job(self):
        """Of a minute, the shortest one. Slurm looks at limits every 30 s, and sends SIGTERM first."""
        self.begin(searches.by_slurm("--time=1"), environment=self.cluster.environment, seconds=0.5,
                   options={"steps": 1000})
        self.until_loss(seconds=120)
        self.child.send_signal(signal.SIGINT)
        self.assertEqual(self.child.wait(sandbox.HANG_SECONDS), 130)
        self.check_no_process_is_left()


if __name__ == "__main__":
    sandbox.main()
