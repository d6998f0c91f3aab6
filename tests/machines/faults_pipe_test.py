#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The faults of faults_ssh_test.py on hosts that do not see the project directory: checkpoints come and
go through the pipe."""
import faults_ssh_test
import sandbox


class PipeFaults(faults_ssh_test.SshFaults):
    shares = False


if __name__ == "__main__":
    sandbox.main()
