#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-backups [N]: N backups by one background service, every hundredth of which fails at random: it does not grow, and the vault is
clean."""

import os
import random
import subprocess
import sys

from reprise_test import program, run_tests, test, wait_until

N_BACKUPS = int(next((arg for arg in sys.argv[1:] if arg.isdigit()), "1000"))
sys.argv = [arg for arg in sys.argv if not arg.isdigit()]
SEED = int(os.environ.get("REPRISE_SEED", random.SystemRandom().randrange(2 ** 31)))
NAME = "io.github.reprise_backup.Reprise.Agent"
MAX_SLOPE = 1024  # bytes a backup
FAULTS = 0.01


def measure(pid):
    """Resident bytes, open descriptors, threads."""
    with open(f"/proc/{pid}/status", encoding="ascii") as stream:
        status = dict(line.split(":", 1) for line in stream)
    return int(status["VmRSS"].split()[0]) * 1024, len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"])


def slope(points):
    """Of the line through them, by least squares."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


@test
def stays_as_it_is(home):
    rng = random.Random(SEED)
    home.start_bus()
    folder = home.file("libexec")
    os.mkdir(folder)
    os.symlink(program("util/reprise-toy-agent"), os.path.join(folder, "reprise-agent"))
    os.symlink(program("secret/reprise-secret"), os.path.join(folder, "reprise-secret"))
    home.env["REPRISE_LIBEXEC_DIR"] = folder
    uuid = home.add("Orders", "--json").json["id"]
    home.run("retention", "Orders", "last=10", "--automatic").expect()
    agent = subprocess.Popen([os.path.join(folder, "reprise-agent"), "--stay"], env={**home.env, "MALLOC_PERTURB_": "0"})
    home.processes.append(agent)
    wait_until(lambda: home.has_name(NAME), "an agent")
    data, away = home.file("Orders.data"), home.file("Orders.away")
    points, first, n_failed = [], None, 0
    for number in range(1, N_BACKUPS + 1):
        faulty = rng.random() < FAULTS
        if faulty:
            os.rename(data, away)
        done = subprocess.run([program("agent/drive-agent"), "run", "backup", uuid], env=home.env, capture_output=True, text=True,
                              timeout=60, check=False)
        if faulty:
            os.rename(away, data)
            n_failed += 1
        assert (done.returncode != 0) == faulty, (number, done)
        if number % 25 == 0:
            rss, fds, threads = measure(agent.pid)
            if number > N_BACKUPS * 0.2 and number >= 150:  # caches, thread pools and the list of the last hundred jobs are full
                points.append((number, rss))
                first = first or (fds, threads)
            if number % 100 == 0:
                print(f"# {number} backups, {n_failed} failed: {rss // 1024} KiB, {fds} descriptors, {threads} threads", flush=True)
    wait_until(lambda: abs(measure(agent.pid)[2] - first[1]) <= 1, "as many threads as before")
    _, fds, _ = measure(agent.pid)
    growth = slope(points)
    print(f"# {growth:.0f} bytes a backup, {first[0]} and {fds} descriptors (seed {SEED})")
    assert growth <= MAX_SLOPE, f"it grows by {growth:.0f} bytes a backup (seed {SEED})"
    assert abs(fds - first[0]) <= 1, (first, fds)
    assert agent.poll() is None
    assert len(home.run("list", "Orders", "--json").expect().json) == 10
    home.run("verify", "--all").expect(out="10 backups")
    assert not [name for name in home.vault_files() if ".partial" in name], home.vault_files()


run_tests("soak/backups")
