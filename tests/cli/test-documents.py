#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page and the completion say what the program does: no word of it is missing, and none is made up."""

import os
import re
import shutil
import subprocess

from reprise_test import run_tests, test

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MANUAL = os.path.join(TOP, "data", "man", "reprise.1")
COMPLETION = os.path.join(TOP, "data", "completions", "reprise")
EXITS = {"0", "1", "2", "3", "4", "5", "6", "7", "130"}


def commands(home):
    """What the help lists."""
    return re.findall(r"^  ([a-z][a-z-]*(?: [a-z-]+)?)  +", home.run("--help").expect().out, re.MULTILINE)


def options(home, command):
    """The long options of a command."""
    return set(re.findall(r"^  (?:-[a-z], )?(--[a-z-]+)", home.run(*command.split(), "--help").expect().out, re.MULTILINE))


def manual():
    """The manual page as plain words."""
    with open(MANUAL, encoding="utf-8") as page:
        text = re.sub(r"^\.SH ", "# ", page.read(), flags=re.MULTILINE)
    text = re.sub(r"\\f.|\\[|&]|^\.(?:BI|BR|RB|IR|RI|B|I|TP|SS|PP|EX|EE|in|SY|YS)\b", "", text, flags=re.MULTILINE)
    return text.replace("\\-", "-").replace('"', "")


def section(text, title):
    """What stands under a heading."""
    return re.search(rf"^# {title}\n(.*?)(?=^# |\Z)", text, re.MULTILINE | re.DOTALL).group(1)


def words(text):
    """Its words."""
    return set(re.findall(r"[A-Za-z0-9_-]+", text))


def members(document):
    """All names of members in a document, but those of tables, whose keys are the user's."""
    if isinstance(document, list):
        return set().union(*[members(item) for item in document])
    if not isinstance(document, dict):
        return set()
    found = set(document)
    for name, value in document.items():
        if name not in ("settings", "secrets", "rules", "options") or isinstance(value, list):
            found |= members(value)
    return found


@test
def the_manual_is_well_formed(home):
    if shutil.which("man") is None:
        return
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", MANUAL], capture_output=True, check=False,
                          env={**home.env, "MANROFFSEQ": "", "MANWIDTH": "80"})
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    assert len(done.stdout) > 1000


@test
def the_manual_has_every_command_and_no_other(home):
    listed = section(manual(), "COMMANDS")
    shown = set()
    for line in re.findall(r"^\n *([a-z].*)$", listed, re.MULTILINE):
        two = " ".join(line.split()[:2])
        shown.add(two if two.startswith(("service ", "vault ")) else line.split()[0])
    assert shown == set(commands(home)), shown ^ set(commands(home))


@test
def the_manual_has_every_option_and_no_other(home):
    real = set().union(*[options(home, command) for command in commands(home)]) | {"--version"}
    shown = set(re.findall(r"--[a-z][a-z-]*", manual().replace("systemctl --user", "systemctl")))
    assert shown == real, shown ^ real


@test
def the_manual_has_every_exit_status(home):
    shown = set(re.findall(r"^\n ([0-9]+)$", section(manual(), "EXIT STATUS"), re.MULTILINE))
    assert shown == EXITS, shown ^ EXITS


@test
def the_manual_has_every_member(home):
    home.add()
    backup = home.back_up()
    data = home.file("Orders.data")
    shown = words(section(manual(), "JSON"))
    for line in ("service list", "service show Orders", "service kinds", "groups Orders", "rules Orders", "list", f"show {backup}",
                 f"verify {backup}", f"plan Orders {backup}", f"restore Orders {backup} --yes", "vault show", "status", "history",
                 "jobs", f"inspect {data}"):
        result = home.run(*line.split(), "--json")
        if result.out:
            missing = members(result.json) - shown
            assert not missing, f"{line}: the manual has no {missing}"


def complete(home, line):
    """What completion offers behind a line, as the shell splits it."""
    parts = [part for word in re.findall(r"(?:\\.|[^ \\])+", line) for part in re.split(r"(=)", word) if part]
    if line.endswith((" ", "=")):
        parts.append("")
    folder = home.file("bin")
    os.makedirs(folder, exist_ok=True)
    if not os.path.lexists(os.path.join(folder, "reprise")):
        os.symlink(home.cli, os.path.join(folder, "reprise"))
    script = f"""
        compopt() {{ :; }}
        source {COMPLETION}
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _reprise
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script, "bash", *parts], capture_output=True, text=True, check=True,
                          env={**home.env, "PATH": folder + ":" + os.environ["PATH"]})
    assert not done.stderr, done.stderr
    return [offer for offer in done.stdout.split("\n") if offer]


@test
def completion_offers_commands(home):
    first = {command.split()[0] for command in commands(home)}
    assert set(complete(home, "reprise ")) == first
    assert complete(home, "reprise reh") == ["rehearse"]
    assert set(complete(home, "reprise vault ")) == {c.split()[1] for c in commands(home) if c.startswith("vault ")}
    assert complete(home, "reprise service sign-i") == ["sign-in"]
    assert complete(home, "reprise nonsense ") == []


@test
def completion_offers_options(home):
    for command in commands(home):
        assert set(complete(home, f"reprise {command} --")) == options(home, command)
    assert complete(home, "reprise backup Orders --group=us") == ["user"]
    assert complete(home, "reprise backup Orders -g third") == ["third-party"]
    assert set(complete(home, "reprise backup Orders --progress ")) == {"auto", "json", "none"}
    assert complete(home, "reprise backup Orders --note ") == []
    assert complete(home, "reprise backup Orders --secret-fd pass") == ["password="]


@test
def completion_offers_names_and_identifiers(home):
    home.add()
    home.add("Field Notes")
    backup = home.back_up()
    assert complete(home, "reprise service add ") == ["toy"]
    assert complete(home, "reprise backup Fie") == ["Field\\ Notes"]
    assert complete(home, "reprise backup Field\\ N") == ["Field\\ Notes"]
    assert set(complete(home, "reprise backup --group user ")) == {"Orders", "Field\\ Notes"}
    assert complete(home, "reprise show ") == [backup]
    assert complete(home, f"reprise restore Orders {backup[:10]}") == [backup]
    assert complete(home, "reprise plan --group=user Orders ") == [backup]
    assert complete(home, "reprise restore Orders ./x") == []
    assert complete(home, f"reprise verify {backup} ") == [backup]
    assert complete(home, "reprise groups Orders ") == []


run_tests("documents")
