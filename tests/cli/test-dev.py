#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The developer's entry, with stand-ins for what it calls: what it says, and what it has built."""

import os
import shutil
import subprocess

from reprise_test import run_tests, test

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

STAND_INS = {
    "dpkg-query": "echo installed",
    "meson": 'mkdir -p "$2" && : > "$2/build.ninja"',
    "ninja": 'echo "$@" > "$DEV_LOG"',
}


def program(home, name, text):
    """A script of that name."""
    path = home.file(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    home.file(name, f"#!/bin/sh\n{text}\n")
    os.chmod(path, 0o700)


def run(home, *args, **env):
    """./dev in a tree that has nothing but it; gives what it said, and what ninja was asked for."""
    os.makedirs(home.file("tree"), exist_ok=True)
    shutil.copy(os.path.join(TOP, "dev"), home.file("tree/dev"))
    for name, text in STAND_INS.items():
        program(home, f"bin/{name}", text)
    program(home, "tree/tests/util/run-sample", "echo the sample")
    done = subprocess.run([home.file("tree/dev"), *args], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
                          env={**home.env, "PATH": home.file("bin") + ":" + home.env["PATH"], "DEV_LOG": home.file("log"), **env})
    assert "the sample" in done.stdout, done
    return done.stderr.splitlines(), home.read("log").split()


@test
def run_builds_what_it_runs(home):
    """Each step is told in one line, and no test is built; what is built is what this build knows."""
    said, built = run(home, "run")
    assert [line.split()[1] for line in said] == ["setting", "building"], said
    assert "src/cli/reprise" in built and "src/ui/reprise-gtk" not in built, built
    said, more = run(home, "run", DISPLAY=":7")
    assert [line.split()[1] for line in said] == ["building"], said
    assert "src/ui/reprise-gtk" in more, more
    with open(os.path.join(os.environ["REPRISE_BUILD"], "build.ninja"), encoding="utf-8") as stream:
        known = {line.split()[1].rstrip(":") for line in stream if line.startswith("build ")}
    targets = [word for word in more if "/" in word and "tree" not in word]
    assert targets and set(targets) <= known, set(targets) - known


run_tests("cli/dev")
