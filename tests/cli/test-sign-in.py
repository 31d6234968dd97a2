#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services at which a person signs in: the code, the lists to choose from, and jobs that wait for the sign-in."""

import os
import re

from reprise_canary import hits, scan, scan_files
from reprise_test import Skip, Terminal, run_tests, test

TOKEN = "toy-refresh-token-8d1f"


def decide(home, decision, name="Orders"):
    """What the person does elsewhere, with the code."""
    home.file(name + ".data.decision", decision)


def add(home, name="Orders"):
    if not home.start_bus(keyring=True):
        raise Skip("there is no gnome-keyring-daemon")
    return home.add(name, "--set", "sign-in=person", "--set", "shelf=top", code=3)


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)


@test
def with_a_code(home):
    """The code is shown, and what comes of it serves every later process."""
    added = add(home)
    assert "needs a sign-in: reprise service sign-in Orders" in added.err, added
    home.run("backup", "Orders").fails(4, "not in the keyring")
    process = home.start("service", "sign-in", "Orders", "--json")
    line = process.stderr.readline().decode()
    assert "https://toys.example/device" in line and "ABCD-1234" in line, line
    decide(home, "yes")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0 and b'"version"' in out, (out, err)
    assert not hits(line.encode() + out + err, TOKEN)
    home.run("backup", "Orders").expect(out="verified")
    home.run("service", "sign-out", "Orders").expect(out="deleted from the keyring")
    home.run("backup", "Orders").fails(4, "not in the keyring")


@test
def secret_beside_the_sign_in(home):
    """What is given is kept, and nobody is asked to sign in for it who did already, or who is not there."""
    add(home)
    given = ("service", "sign-in", "Orders", "--secret-fd=password={}")
    done = home.run(*given, secrets=["top"]).fails(4, "not in the keyring")
    assert "ABCD-1234" not in done.err, done
    terminal = Terminal(home, "service", "sign-in", "Orders", "--secret", "password")
    terminal.wait_for("Password")
    terminal.type("top\n")
    terminal.wait_for("ABCD-1234")
    decide(home, "yes")
    code, seen = terminal.end()
    assert code == 0 and "answers" in seen, (code, seen)
    os.remove(home.file("Orders.data.decision"))
    done = home.run(*given, secrets=["newer"]).expect(out="answers")
    assert "ABCD-1234" not in done.err, done


@test
def declined(home):
    add(home)
    decide(home, "no")
    home.run("service", "sign-in", "Orders").fails(4, "The sign-in was declined")
    home.run("backup", "Orders").fails(4, "not in the keyring")


@test
def with_the_browser(home):
    """Where none can be started, the address is there to be opened by hand."""
    add(home)
    decide(home, "yes")
    done = home.run("service", "sign-in", "Orders", "--browser").expect(err="toys.example/device")
    assert "ABCD-1234" not in done.err, done
    home.run("service", "edit", "Orders", "--set", "sign-in=password").expect()
    home.run("service", "sign-in", "Orders", "--browser").fails(2, "not signed in to with the browser")


@test
def stopped(home):
    """Ctrl+C ends the waiting; the time that is left is counted down."""
    add(home)
    terminal = Terminal(home, "service", "sign-in", "Orders")
    terminal.wait_for("ABCD-1234")
    terminal.wait_for(r"good for 1[45]:\d\d")
    terminal.interrupt()
    code, seen = terminal.end()
    assert code == 130, (code, seen)


@test
def job_waits(home):
    """A job in front of somebody asks for the sign-in and goes on; with nobody there it fails at once."""
    add(home)
    terminal = Terminal(home, "backup", "Orders")
    seen = plain(terminal.wait_for("ABCD-1234"))
    assert "goes on after the sign-in" in seen, seen
    decide(home, "yes")
    code, seen = terminal.end()
    assert code == 0 and "verified" in seen, (code, seen)
    home.run("service", "sign-out", "Orders").expect()
    decide(home, "no")
    code, seen = Terminal(home, "backup", "Orders", "--yes").end()
    assert code == 4 and "declined" in seen, (code, seen)
    home.run("backup", "Orders", "--yes").fails(4, "not in the keyring")


@test
def lists(home):
    """What a setting may be is asked of the service, and nothing changes by it."""
    add(home)
    home.run("service", "edit", "Orders", "--list", "shelf").fails(4, "not in the keyring")
    decide(home, "yes")
    home.run("service", "sign-in", "Orders").expect()
    shown = home.run("service", "edit", "Orders", "--list", "shelf", "--json").expect().json
    assert shown == [{"value": name, "title": f"The {name} shelf", "detail": "in the hall", "settings": {"room": "hall"}}
                     for name in ("top", "low")], shown
    home.run("service", "edit", "Orders", "--list", "shelf").expect(out="low +The low shelf +in the hall")
    home.run("service", "edit", "Orders", "--list", "path").fails(2, "does not list what “path” may be, but: shelf")
    home.file("New.data", "x")
    decide(home, "yes", "New")
    done = home.run("service", "add", "toy", "New", "--set", f"path={home.file('New.data')}", "--set", "sign-in=person",
                    "--list", "shelf", "--json").expect(err="ABCD-1234")
    assert [choice["value"] for choice in done.json] == ["top", "low"], done
    assert [service["name"] for service in home.run("service", "list", "--json").json] == ["Orders"]


@test
def chosen_on_a_terminal(home):
    """What is missing is chosen after the sign-in, whose outcome is kept with the new service."""
    if not home.start_bus(keyring=True):
        raise Skip("there is no gnome-keyring-daemon")
    path = home.file("Orders.data", "one two three\n")
    args = ["service", "add", "toy", "Orders", "--set", f"path={path}", "--set", "sign-in=person"]
    home.run(*args).fails(2, "--list shelf shows what there is")
    terminal = Terminal(home, *args)
    terminal.wait_for("ABCD-1234")
    decide(home, "yes")
    seen = plain(terminal.wait_for("Your choice"))
    assert "2) The low shelf  in the hall" in seen, seen
    terminal.type("2\n")
    code, seen = terminal.end()
    assert code == 0 and "was added" in seen and "sign-in" not in seen, (code, seen)
    settings = home.run("service", "show", "Orders", "--json").json["settings"]
    assert settings["shelf"] == "low" and settings["room"] == "hall", settings
    home.run("backup", "Orders").expect(out="verified")


@test
def impossible_choice(home):
    """What this computer does not have cannot be chosen, and it is said why."""
    path = home.file("data", "x")
    home.run("service", "add", "toy", "Orders", "--set", f"path={path}", "--set", "sign-in=robot").fails(
        2, "no robot on this computer")


@test
def nothing_is_shown(home):
    """The token is in no file, no output and no log of ours."""
    add(home)
    decide(home, "yes")
    for args in (["service", "sign-in", "Orders"], ["service", "test", "Orders"], ["service", "show", "Orders", "--json"],
                 ["backup", "Orders"], ["history", "--json"]):
        scan(home.run(*args, env={"G_MESSAGES_DEBUG": "all"}).expect(), TOKEN)
    scan_files(home, TOKEN)


run_tests("cli/sign-in")
