#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several processes at once: one writer for each service, and the loser is told who holds it."""

import random
import signal
import time

from reprise_test import run_tests, test, wait_until


def start_slow(home, name="Orders"):
    """A backup that takes a while; it holds the lock when this returns."""
    process = home.start("backup", name)
    wait_until(lambda: process.poll() is not None or any(j["process"] == process.pid for j in home.run("jobs", "--json").json),
               "a job that holds the lock")
    assert process.poll() is None, process.stderr.read()
    return process


@test
def loser_names_the_holder(home):
    home.add("Orders", "--set", "delay-ms=150")
    home.add("Sales")
    backup = home.back_up("Sales")
    process = start_slow(home)
    holder = rf"Back Up Orders.*process {process.pid}|process {process.pid}.*Back Up Orders"
    home.run("backup", "Orders").fails(6, holder)
    home.run("restore", "Orders", home.file("x.toy", "TOY\nnew\n"), "--yes").expect(6, err=holder)
    home.run("service", "remove", "Orders", "--yes").fails(6, "Stop it first")
    home.run("backup", "Sales").expect()
    home.run("verify", backup).expect()
    home.run("plan", "Orders", home.file("x.toy")).expect()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert home.read("Orders.data") == "one two three\n"
    assert len(home.run("list", "Orders", "--json").json) == 1
    home.run("status").expect(0)  # those that lost have not failed


@test
def loser_has_not_failed(home):
    """Nor is what was refused for being busy a run, also where nothing makes up for it: the holder is stopped."""
    home.add("Orders", "--set", "delay-ms=150")
    home.back_up()
    process = start_slow(home)
    home.run("backup", "Orders").expect(6)
    home.run("restore", "Orders", home.file("x.toy", "TOY\nnew\n"), "--yes").expect(6)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 130
    home.run("status").expect(0, out="Backed up|Last Backup Successful")
    runs = home.run("history", "Orders", "--json").json
    assert [run["state"] for run in runs] == ["stopped", "done"], runs


@test
def killed_holder(home):
    """After a kill -9 the lock is free at once, and the next run takes away what was half written."""
    home.add("Orders", "--set", "delay-ms=50")
    whole = home.back_up()
    process = start_slow(home)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    history = home.run("history", "--json").json
    assert [run["state"] for run in history] == ["failed", "done"] and "interrupted" in history[0]["error"], history
    begun = time.monotonic()
    home.run("backup", "Orders").expect(out="verified")
    assert time.monotonic() - begun < 10
    assert not [f for f in home.vault_files() if ".partial" in f], home.vault_files()
    home.run("verify", "--all").expect(out="2 backups")
    home.run("show", whole).expect()
    assert len(home.run("history", "--json").json) == 4


@test
def terminated_holder(home):
    """SIGTERM stops as Ctrl+C does."""
    home.add("Orders", "--set", "delay-ms=100")
    process = start_slow(home)
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and b"Stopped" in err, err
    assert not [f for f in home.vault_files() if ".partial" in f or "data.toy" in f]


@test
def many_at_once(home):
    """Random starts: each run either made its backup or was told that it is busy, and every backup is whole."""
    seed = random.randrange(1 << 30)
    print(f"# seed {seed}")
    choose = random.Random(seed)
    home.add("Orders", "--set", "delay-ms=5")
    processes = []
    for _ in range(16):
        processes.append(home.start("backup", "Orders", "--progress=none"))
        time.sleep(choose.random() * 0.15)
    codes = []
    for process in processes:
        _, err = process.communicate(timeout=120)
        codes.append(process.returncode)
        assert process.returncode in (0, 6), (process.returncode, err)
    made = codes.count(0)
    assert made >= 1 and codes.count(6) >= 1, codes
    home.run("verify", "--all").expect(out=rf"^{made} backups? read back, no damage")
    assert len(home.run("history", "Orders", "--json").json) == made


@test
def services_changed_at_once(home):
    """No service is lost where several processes add one at the same time."""
    path = home.file("data", "x")
    processes = [home.start("service", "add", "toy", f"Service {i}", "--set", f"path={path}") for i in range(12)]
    for process in processes:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert len(home.run("service", "list", "--json").json) == 12


run_tests("cli/locks")
