#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command as it is installed, over a sample application with SQLite files."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import time

from reprise_test import Skip, program, run_tests, test, wait_until


def set_up(home, *settings):
    """The sample application, as a service."""
    home.cli = program("cli/reprise")
    del home.env["REPRISE_LIBEXEC_DIR"]  # it finds its helper in its build
    subprocess.run([program("util/make-sample"), "--uploads=3", home.file("app")], check=True, stdout=subprocess.DEVNULL)
    home.run("service", "add", "sqlite", "Shop", "--set", f"path={home.file('app')}", *settings).expect()


def query(home, text, database="app/fieldnotes.db"):
    """Rows of a database of the application."""
    connection = sqlite3.connect(home.file(database))
    try:
        rows = connection.execute(text).fetchall()
        connection.commit()
        return rows
    finally:
        connection.close()


def users(home, folder="app"):
    """How many users it has."""
    return query(home, "SELECT count(*) FROM users", folder + "/fieldnotes.db")[0][0]


def fingerprint(home):
    """Of all files of the application."""
    found = {}
    for at, _, names in os.walk(home.file("app")):
        for name in names:
            with open(os.path.join(at, name), "rb") as file:
                found[os.path.join(at, name)] = hashlib.sha256(file.read()).hexdigest()
    return found


@test
def main_job(home):
    """Back up, lose something, see the plan, restore it, undo that."""
    set_up(home)
    home.run("service", "test", "Shop").expect(out="SQLite")
    backup = home.run("backup", "Shop", "--json").expect().json
    assert backup["state"] == "verified" and "user" in backup["groups"], backup
    home.run("verify", "--deep", backup["id"]).expect()
    before = users(home)
    query(home, "DELETE FROM users WHERE id > 5")
    home.run("plan", "Shop", backup["id"]).expect(out="Users")
    assert users(home) == 5
    home.run("restore", "Shop", backup["id"], "--yes").expect(out="0 failed")
    assert users(home) == before
    home.run("undo", "Shop", "--yes").expect()
    assert users(home) == 5


@test
def come_and_gone(home):
    """Databases that are new in the folder, or not there any more, are told by the next backup, once."""
    set_up(home)
    query(home, "CREATE TABLE t (x)", "app/old.db")
    query(home, "CREATE TABLE t (x)", "app/other.db")
    first = home.run("backup", "Shop").expect()
    assert "newly found" not in first.out and "not there" not in first.err, first
    home.run("backup", "Shop", "--group", "user").expect()
    os.rename(home.file("app/old.db"), home.file("app/new.db"))
    with open(home.file("app/other.db"), "wb") as file:
        file.write(b"no database " * 200)
    told = home.run("backup", "Shop").expect(3, out="newly found: new.db", err="“old.db” was there at the last backup, and is not there any more")
    assert "“other.db” was a database at the last backup, and is none that can be read any more" in told.err, told
    assert "fieldnotes.db" not in told.err + told.out, told
    again = home.run("backup", "Shop").expect()
    assert "newly found" not in again.out and "old.db" not in again.err, again
    shutil.copytree(home.file("app"), home.file("moved"))
    os.remove(home.file("moved/new.db"))
    os.remove(home.file("moved/other.db"))
    home.run("service", "edit", "Shop", "--set", f"path={home.file('moved')}").expect()
    moved = home.run("backup", "Shop").expect()
    assert "new.db" not in moved.err, moved


@test
def undo_elsewhere(home):
    """What was restored into another place goes back there; the application is left as it is."""
    set_up(home)
    backup = home.back_up("Shop")
    before = users(home)
    shutil.copytree(home.file("app"), home.file("copy"))
    query(home, "DELETE FROM users WHERE id > 5", "copy/fieldnotes.db")
    query(home, "DELETE FROM users WHERE id > 3")
    home.run("restore", "Shop", backup, "--to", f"path={home.file('copy')}", "--yes").expect()
    assert (users(home, "copy"), users(home)) == (before, 3)
    home.run("undo", "Shop").fails(5, "consent").expect(5, out=f"Another Folder: {home.file('copy')}")
    home.run("undo", "Shop", "--yes").expect()
    assert (users(home, "copy"), users(home)) == (5, 3)


@test
def verdict_without_a_place(home):
    """What came out of reading a backup back is told also where it cannot be written beside it."""
    set_up(home)
    backup = home.back_up("Shop")
    vault = os.path.join(home.env["XDG_DATA_HOME"], "reprise", "vault")
    notes = [os.path.join(at, name) for at, names, _ in os.walk(vault) for name in names if name.endswith(".events")]
    assert len(notes) == 1, notes
    shutil.rmtree(notes[0])
    with open(notes[0], "w", encoding="utf-8"):
        pass
    home.run("verify", backup).fails(1, "read back and is whole, but that could not be written down")


@test
def words_to_copy(home):
    """A command that is offered can be typed as it is; nothing is offered that does not work."""
    set_up(home)
    home.run("service", "edit", "Shop", "--name", "Corner Shop").expect()
    backup = home.back_up("Corner Shop")
    query(home, "DELETE FROM users WHERE id > 5")
    done = home.run("restore", "Corner Shop", backup, "--yes").expect(out="“reprise undo 'Corner Shop'” brings it back")
    assert "“reprise undo” goes back to it" in done.out, done
    done = home.run("undo", "Corner Shop", "--yes").expect(out="“reprise restore 'Corner Shop' [0-9A-Z]{26}” brings it back")
    assert "“reprise undo”" not in done.out, done
    home.run("undo", "Corner Shop", "--yes").fails(1, "no restore of this service that could be undone")


@test
def place_of_the_vault(home):
    """That it lies beside what it protects is said once, and wherever somebody asks for it."""
    set_up(home)
    home.run("vault", "show").expect(out="takes the backups too")
    home.run("backup", "Shop").expect(err="on the disk of your home folder")
    again = home.run("backup", "Shop").expect()
    assert "home folder" not in again.err, again
    home.run("vault", "show").expect(out="SQLite Application +2")
    home.run("vault", "set", home.file("elsewhere")).expect()
    chosen = home.run("vault", "show").expect()
    assert "home folder" not in chosen.out, chosen


@test
def not_in_the_vault(home):
    """No application is taken from the vault, and none is put into it."""
    set_up(home)
    backup = home.back_up("Shop")
    vault = os.path.join(home.env["XDG_DATA_HOME"], "reprise", "vault")
    before = home.vault_files()
    home.run("restore", "Shop", backup, "--to", f"path={vault}/there", "--yes").fails(5, "lies in the vault")
    home.run("restore", "Shop", backup, "--to", f"path={vault}", "--yes").fails(5, "lies in the vault")
    home.run("service", "add", "sqlite", "Mine", "--set", f"path={vault}").fails(3, "lies in the vault")
    home.run("backup", "Mine").fails(5, "lies in the vault")
    new = set(home.vault_files()) ^ set(before)
    assert all(name.startswith(".lock-") or name.endswith("/service.json") for name in new), new


@test
def groups_that_are_not_in_it(home):
    """The plan says it, as the restore does."""
    set_up(home)
    backup = home.back_up("Shop", "--group", "user")
    for command in (["plan"], ["restore", "--yes"]):
        home.run(*command, "Shop", backup, "--group", "log").fails(5, "holds nothing of the chosen groups")


@test
def long_names_in_line(home):
    """A table whose name is longer than a column usually is moves the numbers of all, not its own alone."""
    set_up(home)
    name = "measurements_of_the_weather_stations_in_the_northern_district_2026"
    query(home, f"CREATE TABLE {name} (id INTEGER PRIMARY KEY)")
    lines = home.run("groups", "Shop").expect().out.splitlines()
    end = lines[0].index("Records") + len("Records")
    assert end > len(name) and any(name in line for line in lines), lines
    assert all(re.match(r"[\d–]", line[end - 1]) and line[end] == " " for line in lines[1:] if line), lines


@test
def rehearsal_of_the_last_backup(home):
    """A safety copy is younger, but holds only what was overwritten."""
    set_up(home)
    backup = home.back_up("Shop")
    home.run("restore", "Shop", backup, "--group", "user", "--yes").expect()
    done = home.run("rehearse", "Shop").expect(out="0 differences")
    assert int(re.search(r"([0-9]+) records", done.out).group(1)) > 500, done


@test
def lost_of_some_groups(home):
    """A backup of some groups says nothing of the others, which only an older one has."""
    set_up(home)
    made = home.run("show", home.back_up("Shop"), "--json").expect().json
    assert made["created_at"] <= made["read_from"] <= made["read_to"], made
    home.run("service", "show", "Shop").expect(out="A restore into a scratch place has not been tried yet")
    assert "groups only" not in home.run("status").expect(out="At most 1 minute of changes").out
    home.run("backup", "Shop", "--group", "user").expect()
    for words in (["status"], ["status", "--json"], ["service", "show", "Shop"]):
        home.run(*words).expect(out="At most 1 minute of changes would be lost. That is so of these groups only: Users.")
    home.back_up("Shop")
    assert "groups only" not in home.run("service", "show", "Shop").expect(out="Back up before important changes").out
    home.run("schedule", "Shop", "daily", "02:00", "--group", "user").expect(out="Only these groups: Users.")
    assert home.run("schedule", "Shop", "--json").expect().json["groups"] == ["user"]
    assert home.run("schedule", "Shop", "--rehearsal", "--json").expect().json["groups"] == []


@test
def rehearsal_that_was_killed(home):
    """Its folder goes with the next job; a folder that is none of a rehearsal stays, whatever stands in the record."""
    set_up(home)
    home.back_up("Shop")
    before = fingerprint(home)
    cache = os.path.join(home.env["XDG_CACHE_HOME"], "reprise")
    ours = os.path.join(cache, "rehearsal-01JD0000000000000000000000")
    for folder in (ours, home.file("precious")):
        os.makedirs(os.path.join(folder, "application"))
    record = home.leave_rehearsal("Shop", ours)
    home.run("rehearse", "Shop").expect(out="0 differences")
    assert not os.path.exists(ours) and not os.path.exists(record)
    os.makedirs(ours)
    home.leave_rehearsal("Shop", ours, ago=600)
    home.run("run-due", "--dry-run").expect(out="A rehearsal of “Shop” was cut off on")
    assert os.path.isdir(ours)
    home.run("run-due").expect(out="What a rehearsal that was cut off left is removed")
    assert not os.path.exists(ours) and not os.path.exists(record)
    home.run("run-due").expect(out="Nothing is due")
    home.leave_rehearsal("Shop", home.file("precious"))
    home.run("run-due").fails(2, "could not be removed. .*is no folder of a rehearsal")
    home.run("run-due").expect(out="Nothing is due")
    home.run("rehearse", "Shop").expect(3, err="is no folder of a rehearsal")
    assert os.path.isdir(home.file("precious/application"))
    os.remove(record)
    for wait in (0.02, 0.05, 0.08, 0.12, 0.2):
        process = home.start("rehearse", "Shop", "--progress=none")
        time.sleep(wait)
        process.kill()
        process.wait()
    home.run("rehearse", "Shop").expect(out="0 differences")
    assert not [name for name in os.listdir(cache) if name.startswith("rehearsal-")], os.listdir(cache)
    assert fingerprint(home) == before  # the application itself was only read, if at all


@test
def phases(home):
    """What it does is named, and the bar moves; where only a part is backed up, whose size nobody knows before, it says no figure."""
    set_up(home)
    subprocess.run([program("util/make-sample"), "--size=40000000", home.file("large")], check=True, stdout=subprocess.DEVNULL)
    home.run("service", "edit", "Shop", "--set", f"path={home.file('large')}").expect()
    groups = [word for group in ("required", "user", "log", "third-party", "custom", "unknown") for word in ("--group", group)]
    for words, known in ((groups, True), (["--group", "log"], False)):
        lines = [json.loads(line) for line in home.run("backup", "Shop", "--progress=json", *words).expect().err.splitlines()]
        fractions = [line["fraction"] for line in lines if line["phase"] == "reading" and line["fraction"] is not None]
        assert any(0 < fraction < 1 for fraction in fractions) == known, lines


@test
def one_group(home):
    set_up(home)
    backup = home.back_up("Shop")
    query(home, "DELETE FROM users WHERE id > 5")
    query(home, "UPDATE notes SET title = 'kept'")
    plan = home.run("plan", "Shop", backup, "--group", "user", "--json").expect().json
    actions = {row["group"]: row["action"] for row in plan["rows"] if row["collection"] is None}
    assert actions["user"] == "replaced" and actions["unknown"] == "left-alone", actions
    home.run("restore", "Shop", backup, "--group", "user", "--yes").expect()
    assert users(home) > 5 and query(home, "SELECT DISTINCT title FROM notes") == [("kept",)]


def count_groups(home, *command):
    """How many records each group has now, as that command says."""
    document = home.run(*command, "--json").expect().json
    if isinstance(document, dict):
        return {row["group"]: row["now"] for row in document["rows"] if row["collection"] is None and row["now"] is not None}
    return {group["group"]: group["rows"] for group in document if group["rows"] is not None}


@test
def plan_counts_what_is_there(home):
    """The same as the list of groups: also in databases and folders that the restore does not touch."""
    set_up(home)
    backup = home.back_up("Shop")
    part = home.back_up("Shop", "--group", "user")
    query(home, "CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1), (2);".split(";")[0], "app/new.db")
    query(home, "INSERT INTO users VALUES (1), (2)", "app/new.db")
    now = count_groups(home, "groups", "Shop")
    assert count_groups(home, "plan", "Shop", backup) == now
    assert count_groups(home, "plan", "Shop", backup, "--group", "user") == now
    assert count_groups(home, "plan", "Shop", part) == now
    rows = home.run("plan", "Shop", part, "--json").json["rows"]
    assert {row["action"] for row in rows if row["collection"] == "new.db/users"} == {"left-alone"}, rows


@test
def elsewhere_is_not_empty(home):
    """What would be replaced there is planned, agreed to and copied first, be it a folder of files alone."""
    set_up(home)
    backup = home.back_up("Shop")
    assert "empty" not in home.run("service", "kinds", "sqlite").out
    os.makedirs(home.file("files/uploads"))
    names = [os.path.relpath(os.path.join(at, name), home.file("app")) for at, _, all in os.walk(home.file("app/uploads")) for name in all]
    os.makedirs(os.path.dirname(home.file("files/" + names[0])), exist_ok=True)
    home.file("files/" + names[0], "precious")
    where = f"path={home.file('files')}"
    plan = home.run("plan", "Shop", backup, "--to", where, "--json").expect().json
    assert plan["overwrites"] and plan["safety_copy"], plan
    home.run("restore", "Shop", backup, "--to", where).fails(5, "consent")
    assert home.read("files/" + names[0]) == "precious"
    home.run("restore", "Shop", backup, "--to", where, "--yes").expect(out="reprise undo")
    home.run("undo", "Shop", "--yes").expect()
    assert home.read("files/" + names[0]) == "precious"


@test
def restore_that_was_killed(home):
    """What it had unpacked is removed by the next job, whatever that is."""
    set_up(home)
    subprocess.run([program("util/make-sample"), "--size=20000000", home.file("large")], check=True, stdout=subprocess.DEVNULL)
    home.run("service", "edit", "Shop", "--set", f"path={home.file('large')}").expect()
    backup = home.back_up("Shop")
    cache = os.path.join(home.env["XDG_CACHE_HOME"], "reprise")

    def scratch():
        return [name for name in os.listdir(cache) if name.startswith("scratch-")] if os.path.isdir(cache) else []

    for _ in range(10):
        process = home.start("restore", "Shop", backup, "--yes", "--progress=none")
        wait_until(lambda: scratch() or process.poll() is not None, "something unpacked")
        process.kill()
        process.wait()
        if scratch():
            break  # else it was just removed
    else:
        raise AssertionError("no restore could be killed while it had something unpacked")
    home.run("verify", "--quick", backup).expect()
    assert not scratch(), scratch()


@test
def damage_is_seen_early(home):
    """A file that is missing or cut short refuses the plan, and nothing more is read."""
    set_up(home)
    backup = home.back_up("Shop")
    vault = os.path.join(home.env["XDG_DATA_HOME"], "reprise", "vault")
    path = next(os.path.join(at, name) for at, _, names in os.walk(vault) for name in names if name.endswith(".zip"))
    before = fingerprint(home)
    with open(path, "rb") as file:
        whole = file.read()
    for text, words in ((whole[:-7], f"has {len(whole) - 7} bytes instead of {len(whole)}"), (None, "is missing")):
        os.remove(path)
        if text is not None:
            with open(path, "wb") as file:
                file.write(text)
            home.run("inspect", path).expect(7, err=words)
        done = home.run("plan", "Shop", backup, "--json").expect(7, err=words)
        checks = [check for check in done.json["checks"] if check["result"] == "refused"]
        assert len(checks) == 1 and words in checks[0]["text"], checks
        home.run("restore", "Shop", backup, "--yes").expect(7, err=words)
        home.run("rehearse", "Shop", backup).fails(7, words)
    with open(path, "wb") as file:
        file.write(whole)
    home.run("plan", "Shop", backup).expect()
    assert fingerprint(home) == before


@test
def elsewhere_and_from_a_file(home):
    set_up(home)
    backup = home.back_up("Shop")
    home.run("save", backup, home.file("shop.zip")).expect()
    home.run("inspect", home.file("shop.zip")).expect(out="SQLite")
    home.run("restore", "Shop", home.file("shop.zip"), "--to", f"path={home.file('new')}", "--yes").expect(out="new")
    assert users(home, "new") == users(home)
    home.run("rehearse", "Shop").expect(out="0 differences")


@test
def rules(home):
    set_up(home)
    home.run("rules", "Shop", "--set", "notes=custom", "--set", "fieldnotes.db/projects=custom", "--set", "uploads/=custom").expect()
    groups = {c["name"]: g["group"] for g in home.run("groups", "Shop", "--json").json for c in g["collections"]}
    assert groups["fieldnotes.db/notes"] == groups["fieldnotes.db/projects"] == groups["uploads/"] == "custom", groups
    home.run("rules", "Shop", "--set", "users=skipped").expect()
    groups = {c["name"]: g["group"] for g in home.run("groups", "Shop", "--json").json for c in g["collections"]}
    assert groups["fieldnotes.db/users"] == "skipped", groups


@test
def damaged_archive(home):
    set_up(home)
    backup = home.run("backup", "Shop", "--json").json
    home.run("save", backup["id"], home.file("shop.zip")).expect()
    with open(home.file("shop.zip"), "r+b") as stream:
        stream.truncate(os.path.getsize(home.file("shop.zip")) - 100)
    done = home.run("inspect", home.file("shop.zip"))
    assert done.code == 7, done
    before = query(home, "SELECT * FROM users")
    done = home.run("restore", "Shop", home.file("shop.zip"), "--yes")
    assert done.code == 7 and query(home, "SELECT * FROM users") == before, done


@test
def tampered_backup(home):
    """What was changed in the vault, with or without its sums, is found before a restore begins."""
    set_up(home)
    backup = home.back_up("Shop")
    query(home, "DELETE FROM users WHERE id > 5")
    top = os.path.join(home.env["XDG_DATA_HOME"], "reprise", "vault")
    folder = next(path for path, _, names in os.walk(top) if "SHA256SUMS" in names and backup in path)

    def change(name, old=None, new=None):
        path = os.path.join(folder, name)
        os.chmod(path, 0o600)
        with open(path, "rb") as stream:
            data = bytearray(stream.read())
        if old is None:
            data[len(data) // 2] ^= 1
        else:
            assert old in data, (name, old)
            data = data.replace(old, new)
        with open(path, "wb") as stream:
            stream.write(data)

    def digest(name):
        with open(os.path.join(folder, name), "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest().encode()

    def refused(what):
        done = home.run("restore", "Shop", backup, "--yes")
        assert done.code == 7 and users(home) == 5, (what, done)

    archive = next(name for name in os.listdir(folder) if name.endswith(".zip"))
    good = digest(archive)
    change(archive)
    bad = digest(archive)
    refused("archive")
    change("SHA256SUMS", good, bad)
    refused("archive and sums")
    change(archive)
    refused("sums")
    change("SHA256SUMS", bad, good)
    change("manifest.json", good, bad)
    refused("manifest")
    change("manifest.json", bad, good)
    home.run("verify", backup).expect()
    home.run("restore", "Shop", backup, "--yes").expect()
    assert users(home) > 5


@test
def what_the_kind_cannot_do(home):
    """The kind's own sentence, not a failure without words."""
    set_up(home)
    backup = home.back_up("Shop")
    home.run("backup", "Shop", "--on-service").fails(1, "in the vault")
    home.run("upload", "Shop", home.file("x.zip", "x")).fails(1, "restore the file instead")
    home.run("service", "sign-in", "Shop").fails(1, "no sign-in")
    home.run("service", "sign-out", "Shop").fails(1, "no sign-in")
    home.run("service", "renew", "Shop").fails(1, "nothing to renew")
    home.run("export", backup, home.path).fails(1, "no format of another program")
    home.run("import", "Shop", home.file("x.zip")).fails(1, "no format of another program")


@test
def application_is_gone(home):
    set_up(home)
    backup = home.back_up("Shop")
    shutil.rmtree(home.file("app"))
    home.run("service", "test", "Shop").fails(1, "app")
    home.run("backup", "Shop").fails(1, "app")
    home.run("restore", "Shop", backup, "--to", f"path={home.file('new')}", "--yes").expect()
    assert users(home, "new") == 20


@test
def another_computer(home):
    """A new home takes the vault over, and restores from it."""
    set_up(home)
    backup = home.back_up("Shop")
    vault = home.run("vault", "show", "--json").json["path"]
    shutil.move(vault, home.file("brought"))
    for kind in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME"):
        shutil.rmtree(home.env["XDG_" + kind])
        os.mkdir(home.env["XDG_" + kind], 0o700)
    home.run("vault", "adopt", home.file("brought")).expect(out="“Shop” is back")
    query(home, "DELETE FROM users")
    home.run("restore", "Shop", backup, "--yes").expect()
    assert users(home) == 20


@test
def under_a_writer(home):
    """A backup while the application writes is whole."""
    set_up(home)
    writer = subprocess.Popen(["python3", "-c", f"""
import sqlite3, time
c = sqlite3.connect({home.file('app/fieldnotes.db')!r}, timeout=30)
while True:
    with c:
        c.execute("UPDATE users SET email = email || 'x' WHERE id = 1")
    time.sleep(0.005)
"""])
    home.processes.append(writer)
    for _ in range(3):
        backup = home.back_up("Shop")
        home.run("verify", "--deep", backup).expect()


@test
def names_that_move_the_cursor(home):
    """A name of the service stands on its own line, and writes over nothing that was said."""
    set_up(home)
    query(home, 'CREATE TABLE "all is well\x1b[2J\r\nVerified \u202e" (id)')
    query(home, f'CREATE TABLE "{"x" * 300}" (id)')
    shown = home.run("groups", "Shop").expect(out=re.escape("all is well\\x1b[2J\\x0d\\nVerified \\u202e")).out
    assert not re.search("[\x1b\r\u202e]", shown), repr(shown)
    lines = shown.splitlines()
    assert [line for line in lines if "x" * 300 in line] and len([line for line in lines if len(line) > 200]) == 1, shown
    backup = home.back_up("Shop")
    for words in (("show", backup), ("plan", "Shop", backup)):
        shown = home.run(*words).expect().out
        assert not re.search("[\x1b\r\u202e]", shown), repr(shown)


def run_on_small(home, folder, size, *args):
    """Runs it with that folder, and what is in it, on a small file system of its own."""
    os.makedirs(folder, exist_ok=True)
    shutil.rmtree(home.file("seed"), ignore_errors=True)
    shutil.copytree(folder, home.file("seed"))
    script = 'mount -t tmpfs -o "size=$3" none "$1" && cp -a "$2/." "$1" && shift 3 && exec "$@"'
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", folder, home.file("seed"), size,
                           home.cli, *args], env=home.env, capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        raise Skip("nothing can be mounted here: " + done.stderr)
    return done


@test
def no_space(home):
    """What does not fit is said of the folder that people know."""
    home.cli = program("cli/reprise")
    del home.env["REPRISE_LIBEXEC_DIR"]
    os.mkdir(home.file("app"))
    query(home, "CREATE TABLE t (x)", "app/a.db")
    query(home, "INSERT INTO t SELECT randomblob(1000000)", "app/a.db")
    home.run("service", "add", "sqlite", "Shop", "--set", f"path={home.file('app')}").expect()
    home.back_up("Shop")
    cache = home.env["XDG_CACHE_HOME"] + "/reprise"
    done = run_on_small(home, cache, "700k", "rehearse", "Shop")
    assert done.returncode == 5 and f"no space left in “{cache}” for the rehearsal" in done.stderr, done


run_tests("cli/sqlite")
