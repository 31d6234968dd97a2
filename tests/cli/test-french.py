#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""LANGUAGE=fr: French from the first line to the last error, from the build tree, and nothing else changes."""

import os
import re
import shutil
import sqlite3
import subprocess

from reprise_test import Skip, Terminal, program, run_tests, test

# Words that a French sentence of ours does not hold.
ENGLISH = re.compile(r"\b(the|and|with|from|was|were|are|has|have|this|that|which|backup|backups|restore|failed|there|of|to)\b")
# What stays as it is in any language: words to type, names, paths.
KEPT = re.compile(r"--[a-z0-9-]+|\breprise(-[a-z]+)?( [a-z-]+)*|“[^”]*”|« ?[^»]*»|\bMilvus\b|/\S+|[A-Z0-9]{26}")


def heeds_language(home):
    """Whether the C library heeds LANGUAGE in C.UTF-8: that of Debian 13 does not."""
    return home.run("--help", env={"LC_ALL": "C.UTF-8", "LANGUAGE": "fr"}).out.startswith("Utilisation")


def speak_french(home):
    """LANGUAGE=fr, in a locale that heeds it."""
    home.cli = program("cli/reprise")
    home.env["LANGUAGE"] = "fr"
    if heeds_language(home):
        return
    folder = home.file("locales")
    os.makedirs(folder)
    if shutil.which("localedef") is None or subprocess.run(
            ["localedef", "-i", "en_US", "-f", "UTF-8", os.path.join(folder, "en_US.UTF-8")], capture_output=True, check=False).returncode:
        raise Skip("there is no locale that heeds LANGUAGE")
    home.env.update(LOCPATH=folder, LC_ALL="en_US.UTF-8")


def set_up(home):
    """The sample application as a service, and French."""
    speak_french(home)
    del home.env["REPRISE_LIBEXEC_DIR"]  # it finds its helper in its build
    subprocess.run([program("util/make-sample"), "--uploads=3", home.file("app")], check=True, stdout=subprocess.DEVNULL)
    home.run("service", "add", "sqlite", "Carnet", "--set", f"path={home.file('app')}").expect()


def is_french(text):
    """No English word in what is ours. A list's first column, indented, is names."""
    for line in text.splitlines():
        found = ENGLISH.search(KEPT.sub("", re.sub(r"^  \S.*?(  |$)", "", line)))
        assert found is None, f"“{found.group()}” in: {line}"


@test
def main_job(home):
    set_up(home)
    seen = [home.run("groups", "Carnet").expect(out="requis")]
    seen.append(home.run("backup", "Carnet").expect(out="sauvegard.* et vérifi"))
    seen.append(home.run("list", "Carnet").expect(out="vérifié|aucun dommage"))
    backup = home.run("list", "Carnet", "--json").expect().json[0]["id"]
    connection = sqlite3.connect(home.file("app/fieldnotes.db"))
    connection.execute("DELETE FROM users WHERE id > 5")
    connection.commit()
    connection.close()
    seen.append(home.run("show", backup).expect(out="[Vv]érifié"))
    seen.append(home.run("plan", "Carnet", backup, "--group", "user").expect(out="Actuel +Sauvegarde +Résultat"))
    seen.append(home.run("restore", "Carnet", backup, "--group", "user", "--yes").expect(out="[Rr]estaur"))
    seen.append(home.run("undo", "Carnet", "--yes").expect())
    seen.append(home.run("verify", "--deep", backup).expect(out="vérifié|aucun dommage"))
    seen.append(home.run("history", "Carnet").expect(out="Sauvegarde"))
    seen.append(home.run("status").expect(out="Carnet"))
    seen.append(home.run("vault", "show").expect(out="[Cc]offre"))
    for result in seen:
        is_french(result.out + result.err)


@test
def help_texts(home):
    speak_french(home)
    text = home.run("--help").expect(out=r"^Utilisation\s: reprise COMMANDE").out
    is_french(text)
    commands = re.findall(r"^  ([a-z][a-z -]*?)  ", text, re.MULTILINE)
    assert len(commands) > 30, commands
    for words in commands:
        is_french(home.run(*words.split(), "--help").expect(out=r"^Utilisation\s:\s+reprise ").out)


@test
def errors(home):
    set_up(home)
    for code, words in ((2, ["bakup"]), (1, ["backup", "Carnets"]), (1, ["show", "01M7ZZZZ"]), (2, ["backup", "Carnet", "--group", "users"]),
                        (2, ["list", "--frobnicate"]), (1, ["inspect", home.file("rien.zip")]), (2, ["inspect", home.file("app")]),
                        (2, ["service", "add", "sqlite", "Autre"])):
        said = home.run(*words).expect(code).err
        assert re.search("[éèàùç«»]| un| pas |manque", said), said
        is_french(said)


@test
def json_stays(home):
    """Keys and words of the interface for scripts are no language's."""
    set_up(home)
    services = home.run("service", "list", "--json").expect().json
    backup = home.run("backup", "Carnet", "--json").expect().json
    assert backup["state"] == "verified" and "user" in backup["groups"], backup
    assert services[0]["kind"] == "sqlite", services


@test
def on_a_terminal(home):
    set_up(home)
    code, seen = Terminal(home, "backup", "Carnet").end()
    assert code == 0 and "sauvegardés et vérifiés" in seen, seen
    is_french(re.sub(r"(\x1b\[[0-9;]*[A-Za-z]|\r)+", "\n", seen))


@test
def without_a_locale(home):
    """On a bare system LANG is not set, or names a locale that is not there; who asks for C gets it."""
    home.cli = program("cli/reprise")
    if not heeds_language(home):
        raise Skip("this C library heeds LANGUAGE only in a locale of a language")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        home.env.pop(name, None)
    home.env["LANGUAGE"] = "fr"
    home.run("--help").expect(out=r"^Utilisation\s:")
    home.run("--help", env={"LANG": "xx_XX.UTF-8"}).expect(out=r"^Utilisation\s:")
    home.run("--help", env={"LC_ALL": "C"}).expect(out="^Usage:")
    home.run("--help", env={"LANG": "POSIX"}).expect(out="^Usage:")
    home.run("--help", env={"LANGUAGE": ""}).expect(out="^Usage:")


@test
def said_anew(home):
    """What was done in one language is told in that of who asks; what an earlier version kept is shown as it is."""
    set_up(home)
    english = {"LANGUAGE": "C"}
    home.run("backup", "Carnet", env=english).expect(out="backed up and verified")
    home.run("history", env=english).expect(out=r"[0-9]\s[kM]B backed up and verified")
    home.run("history").expect(out=r"[0-9]\s[kKM]o sauvegardés et vérifiés")
    backup = home.run("list", "Carnet", "--json").json[0]["id"]
    home.run("delete", backup, "--yes").expect()
    home.run("history", env=english).expect(out=r"1 backup deleted, [0-9.]+\s[kM]B freed")
    database = sqlite3.connect(os.path.join(home.env["XDG_STATE_HOME"], "reprise", "history.db"))
    with database:
        database.execute("UPDATE run SET said = NULL, language = NULL, summary = 'as it was kept'")
    database.close()
    home.run("history").expect(out="as it was kept")


@test
def said_anew_of_faults(home):
    """The warnings and the reason of a run, likewise; names in them stay as they are."""
    set_up(home)
    english = {"LANGUAGE": "C"}
    home.run("hooks", "Carnet", "--after", "false 'the books'", "--webhook", "http://127.0.0.1:1").expect(3)  # no keyring
    done = home.run("backup", "Carnet", env=english).expect(3, err="The command “false 'the books'” ended with 1")
    assert "The webhook was not told: “Webhook address” (webhook) is needed. No keyring answers" in done.err, done
    run = home.run("history", "Carnet", "--json").expect().json[0]
    assert re.match(r"La commande «\sfalse 'the books'\s» s’est terminée avec 1\. ", run["warnings"][0]), run
    for warning in run["warnings"]:
        is_french(warning)
    again = home.run("history", "Carnet", "--json", env=english).expect().json[0]
    assert len(again["warnings"]) == 2 and all(warning in done.err for warning in again["warnings"]), (again, done)

    os.rename(home.file("app"), home.file("away"))
    failed = home.run("backup", "Carnet", env=english)
    assert failed.code != 0, failed
    run = home.run("history", "Carnet", "--json").expect().json[0]
    assert home.file("app") in run["error"], run
    is_french(run["error"])
    assert home.run("history", "Carnet", "--json", env=english).json[0]["error"] in failed.err, failed

    database = sqlite3.connect(os.path.join(home.env["XDG_STATE_HOME"], "reprise", "history.db"))
    with database:
        database.execute("UPDATE run SET error_said = NULL, warnings_said = NULL, language = NULL")
    database.close()
    kept = home.run("history", "Carnet", "--json").expect().json
    assert kept[1]["warnings"] == again["warnings"] and kept[0]["error"] in failed.err, kept


run_tests("cli/french")
