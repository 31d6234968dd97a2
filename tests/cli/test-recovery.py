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


run_tests("recovery")
