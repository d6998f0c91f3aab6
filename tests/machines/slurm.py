# SPDX-License-Identifier: Apache-2.0
"""A real Slurm cluster for a test: slurmctld, several slurmd and munged, without systemd and cgroups.

    with slurm.Cluster(nodes=4) as cluster:
        subprocess.run(["srun", "-n1", "hostname"], env=cluster.environment)
        cluster.kill_node("n2")

All files are in a temporary directory, and the ports are free ones, so several clusters run side by
side. The nodes are on this machine, or each on a host of hosts.py. The timeouts are short: a node that
is silent for 10 s is down. It takes 1.1 s to be up with 4 nodes, and nothing to end.
"""
import contextlib
import getpass
import os
import signal
import socket
import subprocess
import tempfile

import sandbox

SILENT_NODE_SECONDS = 6
KILL_WAIT_SECONDS = 2

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={controller}({address})
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/{auth}
CredType=cred/{auth}
AuthInfo=socket={directory}/munge/socket
StateSaveLocation={directory}/state
SlurmdSpoolDir={directory}/spool.%n
SlurmctldPidFile={directory}/slurmctld.pid
SlurmdPidFile={directory}/slurmd.%n.pid
SlurmctldLogFile={directory}/slurmctld.log
SlurmdLogFile={directory}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=100
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
ReturnToService=2
SlurmdParameters=config_overrides
SlurmctldTimeout={silence}
SlurmdTimeout={silence}
KillWait={kill_wait}
MinJobAge=60
PartitionName=DEFAULT Nodes=ALL MaxTime=INFINITE State=UP
PartitionName=main Default=YES PriorityTier=1 PreemptMode=CANCEL GraceTime={grace}
PartitionName=urgent PriorityTier=10 PreemptMode=OFF
"""


def need_slurm():
    sandbox.need_programs(slurmctld="slurmctld", slurmd="slurmd", srun="slurm-client", munged="munge")


class Cluster:
    """Nodes n1 to nN, in the partitions main and urgent; a job in urgent preempts those in main.

    cpus: processors of a node, whatever the machine has; a job takes one unless it asks for more.
    grace_seconds: what a preempted job has after SIGTERM.
    network: Hosts that has a host for each node, named as the node; otherwise all nodes are here.
    lines: more lines of slurm.conf.
    """

    def __init__(self, nodes=4, cpus=1, grace_seconds=5, network=None, auth="munge", lines=()):
        self.nodes = [f"n{number + 1}" for number in range(nodes)]
        self.cpus, self.grace_seconds, self.network = cpus, grace_seconds, network
        self.auth, self.lines = auth, lines

    def __enter__(self):
        need_slurm()
        with contextlib.ExitStack() as stack:
            self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="slurm-"))
            os.chmod(self.directory, 0o755)
            self.environment = {key: value for key, value in os.environ.items()
                                if not key.startswith("SLURM_")}
            self.environment["SLURM_CONF"] = self.path("slurm.conf")
            self.environment["PATH"] += ":/usr/sbin:/sbin"
            self.daemons = {}
            stack.callback(self.end)
            self.write_files()
            if self.auth == "munge":
                self.start_munge()
            self.start("slurmctld")
            for node in self.nodes:
                self.start(node)
            self.until_idle()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        self.stack.close()

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def write_files(self):
        for name in ["state", "munge", *(f"spool.{node}" for node in self.nodes)]:
            os.mkdir(self.path(name))
        os.chmod(self.path("munge"), 0o711)
        address = "127.0.0.1" if self.network is None else sandbox.OWN_ADDRESS
        port, *ports = free_ports(1 + len(self.nodes))
        text = CONFIGURATION.format(
            controller=socket.gethostname().split(".")[0], address=address, port=port,
            user=getpass.getuser(), auth=self.auth, directory=self.directory,
            silence=SILENT_NODE_SECONDS, kill_wait=KILL_WAIT_SECONDS, grace=self.grace_seconds)
        for node, its_port in zip(self.nodes, ports):
            at = address if self.network is None else self.network[node].address
            text += (f"NodeName={node} NodeHostname={node} NodeAddr={at} Port={its_port} "
                     f"CPUs={self.cpus} RealMemory=8000 State=UNKNOWN\n")
        with open(self.path("slurm.conf"), "w", encoding="utf-8") as file:
            file.write("\n".join([text, *self.lines, ""]))
        # Without this file a slurmd ends where there is no /sys/fs/cgroup.
        with open(self.path("cgroup.conf"), "w", encoding="utf-8") as file:
            file.write("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")

    def start_munge(self):
        with open(self.path("munge", "key"), "wb") as file:
            os.chmod(file.name, 0o600)
            file.write(os.urandom(128))
        options = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log",
                   "seed-file": "seed"}
        self.daemons["munged"] = sandbox.Daemon(
            ["munged", "--foreground", "--force", "--num-threads=2",
             *(f"--{key}={self.path('munge', name)}" for key, name in options.items())],
            self.path("munged.out"), self.environment)
        sandbox.until(lambda: os.path.exists(self.path("munge", "socket")), "munged",
                      why=self.daemons["munged"].said)

    def start(self, name):
        """Starts the daemon of a node, or slurmctld; also again, after it was killed."""
        if name in self.daemons and self.daemons[name].running():
            raise ValueError(f"{name} runs")
        if name == "slurmctld":
            command = ["slurmctld", "-D"]
        else:
            command = ["slurmd", "-D", "-N", name]
        out = self.path(name + ".out")
        if name == "slurmctld" or self.network is None:
            self.daemons[name] = sandbox.Daemon(command, out, self.environment)
        else:
            self.daemons[name] = self.network[name].start_daemon(
                "slurmd", *command, environment=self.environment)

    def kill(self, name):
        """kill -9 of a daemon alone: its jobs go on.

        A slurmctld that is killed knows the jobs again that had the time to get into its files: see
        until_saved.
        """
        self.daemons[name].kill()

    def until_saved(self, job_name):
        """Waits until slurmctld has written a job that began down, which takes up to 5 s."""
        def saved():
            with contextlib.suppress(OSError), open(self.path("state", "job_state"), "rb") as file:
                return job_name.encode() in file.read()
            return False

        sandbox.until(saved, f"{job_name} in the files of slurmctld")

    def kill_node(self, name):
        """A node vanishes: its slurmd, its slurmstepd, and all that ran in its jobs."""
        if self.network is not None:
            self.network[name].crash()
            return
        self.kill(name)

        def killed():
            steps = [pid for pid in self.processes() if on_node(pid, name)]
            for pid in {child for step in steps for child in [step, *sandbox.descendants(step)]}:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return not steps

        sandbox.until(killed, f"end of {name}")

    def run(self, *command):
        """The output of one of Slurm's commands."""
        return subprocess.run(command, env=self.environment, check=True, capture_output=True,
                              text=True, timeout=sandbox.HANG_SECONDS).stdout

    def states(self):
        """Slurm's word for each node, such as idle, allocated or down; empty without a controller."""
        for name, daemon in self.daemons.items():
            if name in ("munged", "slurmctld") and not daemon.running():
                raise AssertionError(f"{name} ended: {daemon.said()}")
        with contextlib.suppress(subprocess.CalledProcessError):
            lines = self.run("sinfo", "--noheader", "--Node", "--partition", "main",
                             "--format", "%N %T").splitlines()
            return dict(line.rstrip("*~#!%$@^-+").split() for line in lines)
        return {}

    def until_states(self, **wanted):
        """Waits until nodes have these states, as in n1="idle"."""
        sandbox.until(lambda: wanted.items() <= self.states().items(), f"states {wanted}",
                      why=lambda: f"{self.states()} {self.daemons['slurmctld'].said()}")

    def until_idle(self):
        self.until_states(**{node: "idle" for node in self.nodes})

    def jobs(self):
        """Name and state of each job that waits, runs or ends."""
        lines = self.run("squeue", "--noheader", "--states", "PENDING,RUNNING,SUSPENDED,COMPLETING",
                         "--format", "%j %T").splitlines()
        return [tuple(line.split()) for line in lines]

    def job_state(self, job):
        """Slurm's word for what became of a job."""
        return self.run("squeue", "--noheader", "--jobs", str(job), "--states", "all",
                        "--format", "%T").strip()

    def processes(self):
        """All that has this cluster's configuration in its environment, but this process."""
        needle = f"SLURM_CONF={self.path('slurm.conf')}".encode()
        found = []
        for pid in sandbox.parents():
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if needle in file.read().split(b"\0") and pid != os.getpid():
                        found.append(pid)
        return found

    def end(self):
        """Kills the clients first: one whose controller is gone lingers for minutes."""
        pids = self.processes()
        while pids:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            pids = self.processes()
        for daemon in self.daemons.values():
            daemon.child.wait(sandbox.HANG_SECONDS)


def free_ports(count):
    """Ports that nothing listened at a moment ago."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("", 0))
        return [each.getsockname()[1] for each in sockets]


def on_node(pid, node):
    """True for a process that slurmstepd started for this node, and for that slurmstepd."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/environ", "rb") as file:
            if f"SLURMD_NODENAME={node}".encode() in file.read().split(b"\0"):
                return True
    return False
