#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""On a terminal: the bar, questions, consent, and Ctrl+C."""

import re

from reprise_test import Terminal, run_tests, test


def lines_of(text):
    """What was drawn one after the other, without control sequences."""
    return [line for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)) if line]


@test
def bar(home):
    home.add("Orders", "--set", "delay-ms=50", text="x" * 1000000)
    code, seen = Terminal(home, "backup", "Orders").end()
    assert code == 0, seen
    drawn = [line for line in lines_of(seen) if line.startswith("Reading data")]
    assert any("█" in line and "%" in line for line in drawn), seen
    assert 3 <= seen.count("\x1b[K") <= 25, seen.count("\x1b[K")
    assert all(len(line) <= 100 for line in drawn), drawn
    assert "backed up and verified" in lines_of(seen)[-2], seen


@test
def narrow_and_ascii(home):
    home.add("Orders", "--set", "delay-ms=50", text="x" * 1000000)
    code, seen = Terminal(home, "backup", "Orders", columns=30, env={"LC_ALL": "C"}).end()
    drawn = [line for line in lines_of(seen) if line.startswith("Reading")]
    assert code == 0 and drawn and all(len(line) < 30 for line in drawn), seen
    assert all(line.isascii() for line in drawn), drawn
    code, seen = Terminal(home, "backup", "Orders", columns=100, env={"LC_ALL": "C"}).end()
    assert code == 0 and "##" in seen and "█" not in seen, seen


@test
def dumb(home):
    home.add()
    code, seen = Terminal(home, "backup", "Orders", env={"TERM": "dumb"}).end()
    assert code == 0 and "\x1b" not in seen, seen


@test
def colours(home):
    home.add()
    home.back_up()
    _, plain = Terminal(home, "list").end()
    assert "\x1b[" not in plain, plain
    _, coloured = Terminal(home, "list", env={"NO_COLOR": ""}).end()
    assert "\x1b[32mverified\x1b[0m" in coloured, coloured
    assert "\x1b[" not in home.run("list", env={"NO_COLOR": ""}).out


@test
def restore_asks(home):
    home.add()
    backup = home.back_up()
    home.file("Orders.data", "changed\n")
    terminal = Terminal(home, "restore", "Orders", backup)
    assert "replaced (1 newer word is lost)" in terminal.wait_for(r"Replace data on “Orders”\? \[y/N\]")
    terminal.type("\n")
    code, seen = terminal.end()
    assert code == 130 and "nothing was changed" in seen and home.read("Orders.data") == "changed\n", seen
    terminal = Terminal(home, "restore", "Orders", backup)
    terminal.wait_for(r"\[y/N\]")
    terminal.type("y\n")
    code, seen = terminal.end()
    assert code == 0 and home.read("Orders.data") == "one two three\n", seen


@test
def production_asks_for_the_name(home):
    home.add("Orders", "--production")
    backup = home.back_up()
    home.file("Orders.data", "changed\n")
    for answer in ("y", "yes", "orders"):
        terminal = Terminal(home, "restore", "Orders", backup)
        terminal.wait_for("Type “Orders” to confirm:")
        terminal.type(answer + "\n")
        code, seen = terminal.end()
        assert code == 130 and home.read("Orders.data") == "changed\n", seen
    terminal = Terminal(home, "restore", "Orders", backup)
    terminal.wait_for("Type “Orders” to confirm:")
    terminal.type("Orders\n")
    code, seen = terminal.end()
    assert code == 0 and home.read("Orders.data") == "one two three\n", seen


@test
def consent_interrupted(home):
    home.add()
    backup = home.back_up()
    for key in ("\x03", "\x04"):
        terminal = Terminal(home, "delete", backup)
        terminal.wait_for(r"\[y/N\]")
        terminal.type(key)
        code, seen = terminal.end()
        assert code == 130 and "nothing was changed" in seen, seen
    assert len(home.run("list", "--json").json) == 1


@test
def question(home):
    home.add("Orders", "--set", "ask=true")
    for answer, wanted in (("2\n", 0), ("continue\n", 0), ("Go On\n", 0), ("1\n", 5), ("\n", 5), ("what\n9\n2\n", 0)):
        terminal = Terminal(home, "backup", "Orders")
        assert "The toy wants to know" in terminal.wait_for("Your choice:")
        terminal.type(answer)
        code, seen = terminal.end()
        assert code == wanted, (answer, seen)
    code, seen = Terminal(home, "backup", "Orders", "--yes").end()
    assert code == 0 and "Your choice" not in seen, seen


@test
def question_interrupted(home):
    home.add("Orders", "--set", "ask=true")
    terminal = Terminal(home, "backup", "Orders")
    terminal.wait_for("Your choice:")
    terminal.interrupt()
    code, seen = terminal.end()
    assert code == 130 and "Stopped" in seen, seen


@test
def stop_softly(home):
    """Once: it stops where it is safe, says what stays, and ends with 130."""
    home.add("Orders", "--set", "delay-ms=60", "--set", "safe=true")
    terminal = Terminal(home, "backup", "Orders")
    terminal.wait_for("Reading data.*%")
    terminal.interrupt()
    terminal.wait_for("Stopping.*Press Ctrl")
    code, seen = terminal.end()
    assert code == 130 and "Stopped. Nothing is kept of this backup" in seen, seen
    home.run("history").expect(out="Backup stopped +Nothing is kept of this backup")
    assert home.run("list", "--json").json == [] and not [f for f in home.vault_files() if "data.toy" in f]


@test
def stop_hard(home):
    home.add("Orders", "--set", "delay-ms=300", "--set", "safe=true")
    terminal = Terminal(home, "backup", "Orders")
    terminal.wait_for("Reading data")
    terminal.interrupt()
    terminal.wait_for("Stopping")
    terminal.interrupt()
    code, seen = terminal.end()
    assert code == 130, seen


@test
def stop_restore(home):
    """A restore that is stopped before it wrote leaves the data; the safety copy is told."""
    home.add("Orders", "--set", "delay-ms=80")
    backup = home.back_up()
    home.file("Orders.data", "changed\n")
    terminal = Terminal(home, "restore", "Orders", backup, "--yes")
    terminal.wait_for("Restoring data.*%")
    terminal.interrupt()
    code, seen = terminal.end()
    assert code == 130 and "The safety copy is kept" in seen, seen
    assert home.read("Orders.data") == "changed\n"


@test
def secret_is_not_shown(home):
    path = home.file("locked.toy", "TOY\nLOCKED")
    terminal = Terminal(home, "inspect", path, "--secret", "archive-password")
    terminal.wait_for("Password of the archive:")
    terminal.type("open sesame\n")
    code, seen = terminal.end()
    assert code == 0 and "sesame" not in seen and "Encrypted" in seen, seen


@test
def secret_is_asked_for(home):
    """What a service cannot be without is asked for, also without --secret; here no keyring is there to take it."""
    path = home.file("data", "x")
    terminal = Terminal(home, "service", "add", "toy", "Orders", "--set", f"path={path}", "--set", "locked=true")
    terminal.wait_for("Password:")
    terminal.type("open sesame\n")
    code, seen = terminal.end()
    assert code == 0 and "without its secret" in seen and "sesame" not in seen, seen
    assert home.run("service", "list", "--json").json[0]["name"] == "Orders"


@test
def json_does_not_ask(home):
    """A script has not seen what it would agree to."""
    home.add()
    backup = home.back_up()
    code, seen = Terminal(home, "delete", backup, "--json").end()
    assert code == 5 and "nobody to ask" in seen, seen


run_tests("cli/terminal")
