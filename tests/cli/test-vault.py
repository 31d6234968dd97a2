#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The place of the vault."""

import os
import shutil

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
        home.run("vault", "show").fails(1, "lies on a disk that is not there. Connect or mount")
    finally:
        shutil.rmtree(disk)


run_tests("cli/vault")
