#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vault's README.txt, line by line, without a program of ours: it finds damage, and gets the data back."""

import filecmp
import glob
import json
import os
import sqlite3
import subprocess

from reprise_test import program, run_tests, test

def sample(home):
    """The sample application, backed up; gives its folder and the vault."""
    home.cli = program("cli/reprise")
    app = home.file("app")
    subprocess.run([program("util/make-sample"), app], check=True, capture_output=True, env=home.env)
    home.run("service", "add", "sqlite", "Field Notes", "--set", f"path={app}").expect()
    groups = ["required", "user", "log", "third-party", "custom", "unknown"]
    home.run("backup", "Field Notes", *[f"--group={group}" for group in groups]).expect()
    return app, os.path.join(home.env["XDG_DATA_HOME"], "reprise", "vault")


def readme_lines(vault):
    """What the text says to type: the lines that begin with four spaces."""
    with open(os.path.join(vault, "README.txt"), encoding="utf-8") as file:
        return [line[4:] for line in file.read().splitlines() if line.startswith("    ")]


def follow(vault):
    """Types them, in a shell that knows the system's programs only. Gives the output, and the folder that it made."""
    script = "\n".join(["set -o pipefail", *readme_lines(vault), 'printf "%s" "$OUT" >&3'])
    reading, writing = os.pipe()
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "TMPDIR": os.path.dirname(vault)}
    with subprocess.Popen(["bash", "-c", f"exec 3>&{writing}\n{script}"], cwd=vault, env=environment, pass_fds=[writing],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as shell:
        os.close(writing)
        output = shell.stdout.read().decode()
        out = os.fdopen(reading).read()
    assert shell.returncode == 0, output
    assert "rror" not in output, output
    return output, out


def content(path):
    """Every row of every table, and every definition but those of statistics."""
    with sqlite3.connect(path) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        found = {"schema": sorted(database.execute("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"))}
        for name in tables:
            if not name.startswith("sqlite_stat"):
                found[name] = sorted(database.execute(f'SELECT * FROM "{name}"'), key=repr)
    return found


def newest(vault):
    """The folder of the one backup."""
    (folder,) = [f for f in glob.glob(os.path.join(vault, "*", "*Z-*")) if not f.endswith(".events")]
    return folder


@test
def everything_comes_back(home):
    app, vault = sample(home)
    before = sorted(os.listdir(vault))
    output, out = follow(vault)
    assert "DAMAGED" not in output, output
    assert "Field Notes" in output and output.count("ok\n") == 2, output
    with open(os.path.join(newest(vault), "manifest.json"), encoding="utf-8") as file:
        skipped = {collection["name"] for collection in json.load(file)["skipped"]}
    assert skipped == {"fieldnotes.db/page_cache"}, skipped
    compared = 0
    for folder, _, names in os.walk(app):
        for name in names:
            path = os.path.join(folder, name)
            back = os.path.join(out, "application", os.path.relpath(path, app))
            if name.endswith(".db"):
                wanted, found = content(path), content(back)
                for table, rows in wanted.items():
                    expected = [] if f"{name}/{table}" in skipped else rows
                    assert found[table] == expected, f"{name}: {table}"
            else:
                assert filecmp.cmp(path, back, shallow=False), path
            compared += 1
    assert compared > 10, compared
    assert sorted(os.listdir(vault)) == before


@test
def damage_is_found(home):
    _, vault = sample(home)
    folder = newest(vault)
    path = os.path.join(folder, "application.zip")
    with open(path, "r+b") as file:
        file.seek(1000)
        byte = file.read(1)
        file.seek(1000)
        file.write(bytes([byte[0] ^ 1]))
    check = "\n".join(line for line in readme_lines(vault))
    check = check[check.index("for backup in"):check.index("BACKUP=")]

    def said():
        done = subprocess.run(["bash", "-c", check], cwd=vault, capture_output=True, text=True, check=False)
        return done.stdout

    assert f"DAMAGED: {os.path.relpath(folder, vault)}" in said()
    with open(path, "r+b") as file:
        file.seek(1000)
        file.write(byte)
    assert said() == ""
    os.rename(os.path.join(folder, "SHA256SUMS"), os.path.join(folder, "sums"))
    assert "DAMAGED" in said()


@test
def readme_of_an_older_version_is_renewed(home):
    _, vault = sample(home)
    readme = os.path.join(vault, "README.txt")
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    with open(readme, "w", encoding="utf-8") as file:
        file.write("an older text\n")
    home.run("backup", "Field Notes").expect()
    with open(readme, encoding="utf-8") as file:
        assert file.read() == text


class Couch:
    """A server that does what it is told; see tests/util/fake-couch.c."""

    def __init__(self, home):
        home.cli = program("cli/reprise")
        self.process = subprocess.Popen([program("util/fake-couch")], env=home.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        home.processes.append(self.process)
        self.address = self.process.stdout.readline().strip()
        home.run("service", "add", "couchdb", "Papers", "--set", f"address={self.address}", "--set", "sign-in=none").expect()

    def tell(self, *lines):
        """Each is a command."""
        for line in lines:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            assert self.process.stdout.readline() == "ok\n", line


def recovered(out, database):
    """Of a database that came out: id → the bodies of its revisions; ids that were deleted; what is attached to which document."""
    with open(os.path.join(out, "couchdb", database + ".json"), encoding="utf-8") as file:
        text = file.read()
    documents = {}
    for document in json.loads(text)["docs"]:
        documents.setdefault(document["_id"], []).append(document)
    with open(os.path.join(out, "couchdb", database + ".deleted"), encoding="utf-8") as file:
        deleted = file.read().split()
    attached = {}
    folder = os.path.join(out, "couchdb", database + ".attachments")
    with open(os.path.join(folder, "list"), encoding="utf-8") as file:
        for line in file.read().splitlines():
            identity, _, name, sha = line.split("\t")
            with open(os.path.join(folder, sha), "rb") as attachment:
                attached[identity, name] = attachment.read().decode()
    return documents, deleted, attached, text


def holds_the_newest(home, vault):
    """What the last backup of the test below has; its own numbers to the letter."""
    output, out = follow(vault)
    assert "DAMAGED" not in output and "INCOMPLETE" not in output, output
    documents, deleted, attached, text = recovered(out, "orders")
    assert sorted(documents) == ["a", "b", "c", "d"] and deleted == ["gone"], (documents, deleted)
    assert documents["a"][0]["n"] == 1 and documents["b"][0]["n"] == 22 and documents["c"][0]["n"] == 3, documents
    assert '"big":900719925474099312345' in text and "1.0" in text, text
    assert attached == {("a", "note.txt"): "some-text," * 9, ("d", "raw.bin"): "bytes"}, attached
    assert os.path.exists(os.path.join(out, "couchdb", "orders.security.json"))
    documents, deleted, _, _ = recovered(out, "shop%2Feu")
    assert sorted(documents) == ["x"] and deleted == [], (documents, deleted)


@test
def databases_come_back(home):
    server = Couch(home)
    vault = os.path.join(home.env["XDG_DATA_HOME"], "reprise", "vault")
    server.tell("make orders", 'put orders a "n":1,"big":900719925474099312345,"f":1.0', 'put orders b "n":2', 'put orders gone "n":0',
                "attach orders a note.txt text/plain " + "some-text," * 9, "make shop/eu", 'put shop/eu x "n":"é"')
    home.run("backup", "Papers").expect()
    server.tell('put orders b "n":22', 'put orders c "n":3')
    home.run("backup", "Papers").expect()
    server.tell("delete orders gone", 'put orders d "n":4', "attach orders d raw.bin application/octet-stream bytes")
    home.run("backup", "Papers").expect()
    holds_the_newest(home, vault)
    home.run("retention", "Papers", "daily=0", "clean-up-days=0").expect()
    home.run("rollup", "Papers").expect(out="made from others")
    holds_the_newest(home, vault)
    for folder in glob.glob(os.path.join(vault, "*", "*Z-*")):
        tiers = [subprocess.run(["sqlite3", "-readonly", segment, "SELECT value FROM segment WHERE name = 'tier'"],
                                capture_output=True, text=True, check=True).stdout for segment in glob.glob(os.path.join(folder, "*.sqlite"))]
        if "baseline\n" in tiers:
            os.rename(folder, home.file("away"))
            break
    output, _ = follow(vault)
    assert "INCOMPLETE: the backup of orders" in output, output


run_tests("recovery")
