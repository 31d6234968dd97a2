#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The place of the vault: away, full, or not to be written."""

import os
import shutil
import subprocess

from reprise_test import Skip, run_tests, test


@test
def never_made(home):
    home.run("vault", "show").expect(out="Nothing is there yet")
    assert not home.run("vault", "show", "--json").expect().json["exists"]


@test
def away(home):
    """One that was there is not called one that is not there yet."""
    home.add()
    home.run("vault", "set", home.file("vault")).expect()
    home.back_up()
    os.rename(home.file("vault"), home.file("elsewhere"))
    for words in ([], ["--json"]):
        done = home.run("vault", "show", *words).fails(1, f"“{home.file('vault')}” is not there.*reprise vault set")
        assert "yet" not in done.out + done.err and done.out == "", done
    home.run("vault", "set", home.file("elsewhere")).expect(out="1 backup")
    home.run("vault", "show").expect(out="1 backup")


def lose(home, place):
    """What is said, and not done, without a vault that was there."""
    home.add()
    home.back_up()
    home.run("backup", "Orders", "--on-service").expect()
    os.rename(place, home.file("elsewhere"))
    missing = f"The vault “{place}” is not there"
    home.run("backup", "Orders").fails(5, missing)
    assert not os.path.exists(place)
    listed = home.run("list", "--json").expect(3, err=missing).json
    assert len(listed) == 1 and listed[0]["on_service"], listed
    told = home.run("status", "--json").expect(3).json[0]
    assert told["needs_attention"] and missing in told["subtitle"], told
    home.run("status").expect(3, out="Vault Is Not There")
    home.run("vault", "set", place).expect(out="0 backups")
    home.run("backup", "Orders").expect(out="verified")


@test
def chosen_vault_is_gone(home):
    home.run("vault", "set", home.file("vault")).expect()
    lose(home, home.file("vault"))


@test
def first_vault_is_gone(home):
    lose(home, os.path.join(home.env["XDG_DATA_HOME"], "reprise", "vault"))


@test
def disk_is_away(home):
    """A mount point without its disk."""
    disk = f"/dev/shm/reprise-test-{os.getpid()}"
    if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat(home.path).st_dev:
        raise Skip("there is no other disk")
    os.mkdir(disk, 0o700)
    try:
        os.symlink(disk, home.file("vault"))
        home.run("vault", "set", home.file("vault")).expect()
        os.remove(home.file("vault"))
        os.mkdir(home.file("vault"))
        home.run("vault", "show").fails(1, "is not there. Connect or mount its disk")
    finally:
        shutil.rmtree(disk)


def run_on(home, options, *args):
    """Runs it with a vault on a file system of its own, mounted with those options."""
    shutil.copytree(home.file("vault"), home.file("seed"))
    script = 'mount -t tmpfs -o size=400k none "$1" && cp -a "$2/." "$1" && mount -o "remount,$3" none "$1" && shift 3 && exec "$@"'
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", home.file("vault"),
                           home.file("seed"), options, home.cli, *args], env=home.env, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or "unshare" in done.stderr or "mount:" in done.stderr:
        raise Skip("nothing can be mounted here: " + done.stderr)
    return done


def holds_one_sentence(home, done, words):
    """It names the folder of the vault and what to do, and nothing of what is inside."""
    said = [line for line in done.stderr.splitlines() if line.startswith("reprise: ") and "Warning" not in line]
    assert done.returncode == 1 and len(said) == 1, done
    assert words in said[0] and f"“{home.file('vault')}”" in said[0] and "reprise vault set" in said[0], said
    assert not any(inner in said[0] for inner in (".partial", ".scratch", "data.toy", ".lease", ".json")), said


@test
def full(home):
    home.add("Orders", text="word " * 300000)
    home.run("vault", "set", home.file("vault")).expect()
    holds_one_sentence(home, run_on(home, "size=400k", "backup", "Orders"), "is full: make room there")


@test
def read_only(home):
    home.add()
    home.run("vault", "set", home.file("vault")).expect()
    home.back_up()
    holds_one_sentence(home, run_on(home, "ro", "backup", "Orders"), "cannot be written")


@test
def read_only_folder(home):
    if os.geteuid() == 0:
        raise Skip("root writes anywhere")
    home.add()
    home.run("vault", "set", home.file("vault")).expect()
    os.chmod(home.file("vault"), 0o500)
    done = subprocess.run([home.cli, "backup", "Orders"], env=home.env, capture_output=True, text=True, check=False)
    holds_one_sentence(home, done, "cannot be written")


run_tests("cli/vault")
