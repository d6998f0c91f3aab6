#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OpenMPI's mpirun as a carrier of lines."""
import os

import sandbox

MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "1"]


class MpiTest(sandbox.TestCase):
    @classmethod
    def setUpClass(cls):
        sandbox.need_programs(mpirun="openmpi-bin")

    def test_the_stream_is_exact_to_the_byte(self):
        # mpirun may crash if its input ends while much of that waits, so each line is answered first.
        with sandbox.nothing_left():
            client = self.client(*MPIRUN, *sandbox.ECHO)
            for size in (1, 1024, 1025, 100_000):
                self.exchange(client, sandbox.random_lines(size))
            out, _ = client.communicate(timeout=sandbox.HANG_SECONDS)
        self.assertEqual((out, client.returncode), (b"", 0))

    def test_a_client_that_is_killed_ends_its_program(self):
        with sandbox.nothing_left():
            # A killed mpirun leaves files behind.
            environment = {**os.environ, "TMPDIR": sandbox.directory(self)}
            client = self.client(*MPIRUN, *sandbox.ECHO, environment=environment)
            self.exchange(client)
            client.kill()
            client.wait()


if __name__ == "__main__":
    sandbox.main()
