#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether schedules are followed without the window: on, off, refused, and with nobody who could."""

import os
import shlex
import subprocess

from reprise_test import Skip, run_tests, test, wait_until

UNIT = "reprise-run-due.timer"
PYTHON = "/usr/bin/python3"
TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def start_systemd(home):
    """A user's systemd on a bus; gives its folder."""
    if subprocess.run([PYTHON, "-c", "import gi"], capture_output=True, check=False).returncode != 0:
        raise Skip("there is no python3-gi")
    folder = home.file("systemd")
    os.mkdir(folder)
    home.start_bus()
    home.env["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent"  # who is signed in here does not matter
    home.processes.append(subprocess.Popen([PYTHON, os.path.join(TESTS, "util", "fake-systemd"), folder], env=home.env,
                                           stderr=subprocess.DEVNULL))
    wait_until(lambda: home.has_name("org.freedesktop.systemd1"), "a systemd")
    return folder


@test
def on_and_off(home):
    folder = start_systemd(home)
    home.run("background").expect(out="^Schedules are followed only while the window is open, and by “reprise run-due”.$")
    home.run("background", "on").expect(out="^Schedules are followed without the window too.$")
    assert sorted(os.listdir(folder)) == ["active-" + UNIT, "enabled-" + UNIT], os.listdir(folder)
    assert home.run("background", "--json").expect().json == {"background": "on"}
    home.run("background", "off").expect(out="only while the window is open")
    assert not os.listdir(folder)
    assert home.run("background", "--json").expect().json == {"background": "off"}


@test
def refused(home):
    """Said with the reason, and what still works."""
    folder = start_systemd(home)
    home.file("systemd/refuse", "")
    home.run("background", "on").fails(1, "Not on this computer.*while the window is open, and by “reprise run-due”")
    assert os.listdir(folder) == ["refuse"]
    assert home.run("background", "--json").expect().json == {"background": "off"}


@test
def nobody_there(home):
    """Without a bus."""
    assert home.run("background", "--json").expect().json == {"background": "missing"}
    home.run("background").expect(out="Nothing on this computer can start the background service.*which cron can call")
    for done in (home.run("background"), home.run("background", "on").fails(1, "window is open, and by “reprise run-due”")):
        line = done.out.splitlines()[-1]
        assert line.startswith("*/5 * * * * "), done
        words = shlex.split(line)[5:]
        assert words == [home.cli, "run-due", "--progress=none"], words
        subprocess.run(words, env={**home.env, "PATH": "/usr/bin:/bin"}, check=True, stdout=subprocess.DEVNULL)
    assert "*/5" not in home.run("background", "off").fails(1, "window is open").out


@test
def wrong_words(home):
    home.run("background", "perhaps").fails(2, "“perhaps” is neither “on” nor “off”")
    home.run("background", "on", "off").fails(2, "")


@test
def schedule_says_who_follows_it(home):
    """Where it takes more than setting it."""
    home.add()
    home.run("schedule", "Orders", "daily 02:00").expect(out=r"next backup is due.*\nNothing on this computer can start(.*\n)+\*/5 ")
    start_systemd(home)
    home.run("schedule", "Orders", "daily 03:00").expect(out="only while the window is open.*\n“reprise background on” has them")
    for words in ([], ["--pause"]):
        assert "followed" not in home.run("schedule", "Orders", *words).expect().out
    home.run("background", "on").expect()
    assert "followed" not in home.run("schedule", "Orders", "--resume").expect().out
    assert home.run("schedule", "Orders", "daily 04:00", "--json").expect().json["next_at"]


run_tests("cli/background")
