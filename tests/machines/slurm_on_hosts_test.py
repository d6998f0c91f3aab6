#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A cluster whose nodes are hosts of their own: cut off for a while, and lost for good."""
import time

import hosts
import sandbox
import slurm


class SlurmOnHosts(sandbox.TestCase):
    def test_a_node_that_was_cut_off_goes_on_and_one_that_crashed_is_down(self):
        with sandbox.nothing_left(), hosts.Hosts("n1", "n2") as network, \
                slurm.Cluster(nodes=2, network=network) as cluster:
            names = cluster.run("srun", "-N2", "-n2", "hostname").split()
            self.assertEqual(sorted(names), ["n1", "n2"])
            client, lost = (self.client("srun", "-n1", "-w", node, *sandbox.ECHO,
                                        environment=cluster.environment) for node in ("n1", "n2"))
            self.exchange(client)
            self.exchange(lost)
            cluster.kill_node("n2")
            network["n1"].cut()
            time.sleep(4)
            network["n1"].heal()
            self.exchange(client)
            self.assertIsNone(lost.poll())
            cluster.until_states(n2="down")


if __name__ == "__main__":
    sandbox.main()
