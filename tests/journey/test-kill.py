#!/usr/bin/env python3
"""test-kill BUILD [RUNS]: kill -9 at random instants of a backup and of a restore: nothing lost, nothing corrupt, no lock left.

After each kill: the vault is whole (`verify --all`), the application's databases are whole and hold the state from before or the one from
the backup, never a mixture, and the next run works, which also clears away what the killed one left.
"""
import glob
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

build = os.path.abspath(sys.argv[1])
runs = int(sys.argv[2]) if len(sys.argv) > 2 else 50
seed = int(os.environ.get("REPRISE_SEED", random.SystemRandom().randrange(2**31)))
rng = random.Random(seed)
home = tempfile.mkdtemp(prefix="reprise-kill-")
app = os.path.join(home, "app")
environment = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home + "/config", XDG_DATA_HOME=home + "/data", XDG_STATE_HOME=home + "/state",
                   XDG_CACHE_HOME=home + "/cache", XDG_RUNTIME_DIR=home + "/run", REPRISE_LIBEXEC_DIR=build + "/src/secret",
                   G_DEBUG="", DBUS_SESSION_BUS_ADDRESS="unix:path=" + home + "/no-bus", LC_ALL="C.UTF-8", LANGUAGE="C")
os.makedirs(home + "/run", mode=0o700)
number = 0


def reprise(*arguments, check=True):
    done = subprocess.run([build + "/src/cli/reprise", *arguments], env=environment, capture_output=True, text=True, check=False, timeout=120)
    if check and done.returncode not in (0, 3):
        raise AssertionError(f"reprise {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def killed(*arguments, after):
    process = subprocess.Popen([build + "/src/cli/reprise", *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    ended = process.poll() is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return ended


def databases():
    return sorted(path for path in glob.glob(app + "/**/*", recursive=True) if os.path.isfile(path) and open(path, "rb").read(15) == b"SQLite format 3")


def state():
    """The integrity and the rows of the group's table, in every database."""
    found = {}
    for path in databases():
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), path
        assert not connection.execute("PRAGMA foreign_key_check").fetchall() or path in broken_before, path
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'users'"):
            found[path] = connection.execute(f'SELECT count(*), total(length(email)) FROM "{table}"').fetchone()
        connection.close()
    return found


def result(good, what):
    global number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)


def check_vault():
    done = reprise("verify", "--all", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


broken_before = set()
try:
    rules = subprocess.run([build + "/tests/util/make-sample", "--size=4000000", app], capture_output=True, text=True, check=True).stdout.split()
    reprise("service", "add", "sqlite", "App", "--set", "path=" + app)
    for rule in rules:
        reprise("rules", "App", "--set", rule)
    started = time.time()
    reprise("backup", "App")
    normal = time.time() - started
    first = json.loads(reprise("list", "App", "--json").stdout)[0]["id"]
    before = state()
    print(f"# seed {seed}, a backup takes {normal:.2f} s")

    bad, seen = [], 0
    for i in range(runs // 2):
        seen += not killed("backup", "App", after=rng.uniform(0, 1.1) * normal)
        try:
            check_vault()
            assert state() == before
        except AssertionError as error:
            bad.append(f"run {i}: {error}")
    reprise("backup", "App")
    check_vault()
    left = glob.glob(home + "/data/reprise/vault/*/.partial-*")
    result(not bad and seen > 0, f"{runs // 2} backups killed, {seen} of them before their end: the vault is whole" + "".join("\n# " + b for b in bad))
    result(not left, "the next backup clears away what was left" + "".join("\n# " + path for path in left))

    changed_by = [path for path in databases() if path in before]
    bad, seen, old, new = [], 0, 0, 0
    started = time.time()
    reprise("restore", "App", first, "--group", "user", "--yes")
    normal = time.time() - started
    for i in range(runs - runs // 2):
        for path in changed_by:
            connection = sqlite3.connect(path)
            connection.execute("UPDATE users SET email = email || '!'")
            connection.commit()
            connection.close()
        changed = state()
        seen += not killed("restore", "App", first, "--group", "user", "--yes", after=rng.uniform(0, 1.1) * normal)
        try:
            check_vault()
            now = state()
            for path in changed_by:
                assert now[path] in (changed[path], before[path]), f"{path}: {now[path]} is neither {changed[path]} nor {before[path]}"
            old += now == changed
            new += now == before
        except AssertionError as error:
            bad.append(f"run {i}: {error}")
    reprise("restore", "App", first, "--group", "user", "--yes")
    result(not bad and seen > 0, f"{runs - runs // 2} restores killed, {seen} before their end: {old} left the old state, {new} the new one" + "".join("\n# " + b for b in bad))
    result(state() == before, "the next restore works")
    left = glob.glob(home + "/state/reprise/journals/*")
    result(not left, "and leaves no journal" + "".join("\n# " + path for path in left))
    print(f"1..{number}")
finally:
    shutil.rmtree(home, ignore_errors=True)
