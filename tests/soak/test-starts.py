#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-starts [N]: N random starts of the command, the background service and its clients at once, some of which are killed: never two
writers of one service, whoever loses is told who holds it, and what a killed one held is free within two seconds."""

import os
import random
import re
import subprocess
import sys
import time

from reprise_test import program, run_tests, test, wait_until

N_STARTS = int(next((arg for arg in sys.argv[1:] if arg.isdigit()), "500"))
sys.argv = [arg for arg in sys.argv if not arg.isdigit()]
SEED = int(os.environ.get("REPRISE_SEED", random.SystemRandom().randrange(2 ** 31)))
NAME = "io.github.reprise_backup.Reprise.Agent"
SERVICES = ("Orders", "Sales")


class Witness:
    """What the writers themselves say."""

    def __init__(self, home):
        self.path = home.file("witness", "")
        home.env["REPRISE_TOY_WITNESS"] = self.path

    def lines(self):
        """what, service, process, microseconds; in the order in which it happened"""
        with open(self.path, encoding="utf-8") as stream:
            return [(what, name, int(pid), int(us)) for what, name, pid, us in (line.split() for line in stream)]

    def check(self, killed):
        """Never two of one service; one that was killed cannot say that it left. Gives how often somebody wrote."""
        inside, entered = {}, 0
        for what, name, pid, _ in self.lines():
            if what == "enter":
                holder = inside.get(name)
                assert holder is None or holder in killed, f"{pid} writes for {name} beside {holder} (seed {SEED})"
                inside[name] = pid
                entered += 1
            else:
                assert inside.get(name) == pid, f"{pid} leaves {name}, in which {inside.get(name)} is (seed {SEED})"
                del inside[name]
        return entered


def set_up(home):
    """A bus that starts the background service, and two services that take a little while."""
    home.start_bus()
    folder = home.file("libexec")
    os.mkdir(folder)
    os.symlink(program("util/reprise-toy-agent"), os.path.join(folder, "reprise-agent"))
    os.symlink(program("secret/reprise-secret"), os.path.join(folder, "reprise-secret"))
    home.env.update(REPRISE_LIBEXEC_DIR=folder, REPRISE_AGENT_IDLE_SECONDS="1")
    ids = {name: home.add(name, "--set", "delay-ms=4", "--json").json["id"] for name in SERVICES}
    for name in SERVICES:
        home.run("retention", name, "last=3", "--automatic").expect()
    return ids


def start(home, ids, rng):
    """One of those that may write, at random: the command, a client as the window is one, the timer."""
    name = rng.choice(SERVICES)
    command = rng.choice(([home.cli, "backup", name, "--progress=none"],
                          [program("agent/drive-agent"), "run", "backup", ids[name]],
                          [program("agent/drive-agent"), "submit", "backup", ids[name]],
                          [home.cli, "run-due", "--background", "--progress=none"],
                          [home.file("libexec/reprise-agent")]))
    process = subprocess.Popen(command, env=home.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True)
    home.processes.append(process)
    return process


def agent_pid(home):
    """(nullable): of the background service, where it runs"""
    done = subprocess.run(["gdbus", "call", "--session", "--dest=org.freedesktop.DBus", "--object-path=/org/freedesktop/DBus",
                           "--method=org.freedesktop.DBus.GetConnectionUnixProcessID", NAME], env=home.env, capture_output=True,
                          text=True, check=False)
    found = re.search(r"uint32 (\d+)", done.stdout)
    return int(found.group(1)) if found else None


def forget_ended(running, lost):
    """Takes those out that have ended; notes what the losers said."""
    for process in [p for p in running if p.poll() is not None]:
        running.remove(process)
        err = process.stderr.read()
        process.stderr.close()
        if process.returncode == 6 and err:
            lost.append(err)


@test
def never_two_writers(home):
    ids, rng, witness = set_up(home), random.Random(SEED), Witness(home)
    running, killed, lost = [], set(), []
    for number in range(N_STARTS):
        running.append(start(home, ids, rng))
        time.sleep(rng.choice((0, 0, 0.01, 0.05)))
        forget_ended(running, lost)
        while len(running) > 8:
            time.sleep(0.05)
            forget_ended(running, lost)
        if rng.random() < 0.05:
            inside = [pid for what, _, pid, _ in witness.lines()[-4:] if what == "enter" and pid not in killed]
            if inside:
                killed.add(inside[-1])
                try:
                    os.kill(inside[-1], 9)
                except ProcessLookupError:
                    killed.discard(inside[-1])
        if number % 50 == 49:
            print(f"# {number + 1} starts, {len(killed)} killed, {len(lost)} lost", flush=True)
    wait_until(lambda: forget_ended(running, lost) or not running, "the end of all")
    wait_until(lambda: agent_pid(home) is None, "the background service to go")
    entered = witness.check(killed)
    assert entered > N_STARTS / 10, f"only {entered} wrote"
    assert all("process" in text or "background service" in text.lower() for text in lost), [t for t in lost if "process" not in t]
    print(f"# {entered} wrote, {len(lost)} lost and were told who holds it, {len(killed)} killed (seed {SEED})")
    for name in SERVICES:
        home.run("backup", name).expect()
    home.run("verify", "--all").expect()
    assert not [name for name in home.vault_files() if ".partial" in name], home.vault_files()


@test
def free_within_two_seconds(home):
    """A holder that is killed in the middle of a backup: the next one writes within two seconds, of command and service alike."""
    ids, witness, worst = set_up(home), Witness(home), 0
    home.run("service", "edit", "Orders", "--set", "delay-ms=1000").expect()
    for by_agent in (False, True) * 3:
        before = len(witness.lines())
        if by_agent:
            subprocess.run([program("agent/drive-agent"), "submit", "backup", ids["Orders"]], env=home.env, check=True, timeout=60,
                           stdout=subprocess.DEVNULL)
        else:
            home.start("backup", "Orders", "--progress=none")
        wait_until(lambda: len(witness.lines()) > before, "a writer")
        os.kill(witness.lines()[-1][2], 9)
        begun, after = time.monotonic(), None
        while len(witness.lines()) == before + 1:  # one that comes while the killed one is still ending is told so, and tries again
            if after is None or after.poll() is not None:
                after = home.start("backup", "Orders", "--progress=none")
            time.sleep(0.02)
        worst = max(worst, time.monotonic() - begun)
        after.kill()
        after.wait()
    print(f"# free after {worst:.2f} s at worst")
    assert worst <= 2 * int(os.environ.get("REPRISE_TEST_SLOWNESS", "1")), worst


run_tests("soak/starts")
