#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong input: one sentence, the right code, nothing lost."""

import os
import subprocess

from reprise_test import run_tests, test


def usage(home, *args, err):
    """Wrong words: exit code 2, the sentence, and how it is used."""
    done = home.run(*args).fails(2, err)
    assert "Usage: reprise " in done.err and done.out == "", done


@test
def commands(home):
    home.run("bakup").fails(2, "Did you mean “backup”")
    home.run("lsit").fails(2, "Did you mean “list”")
    home.run("service", "lst").fails(2, "Did you mean “service list”")
    home.run("service", "frobnicate").fails(2, "comes one of add, list")
    home.run("service").fails(2, "comes one of add, list")
    home.run("vault", "--json").fails(2, "comes one of show, set")
    home.run("frobnicate").fails(2, "reprise --help")
    home.run("--frobnicate").fails(2, "no command")
    home.run("").fails(2, "no command")


@test
def options(home):
    usage(home, "list", "--frobnicate", err="--frobnicate")
    usage(home, "backup", "Orders", "--group", err="--group")
    usage(home, "backup", err="argument is missing")
    usage(home, "backup", "a", "b", err="too many")
    usage(home, "jobs", "a", err="no argument")
    usage(home, "list", "--progress=json", err="--progress")
    home.add()
    usage(home, "backup", "Orders", "--progress=fast", err="auto, json or none")
    usage(home, "backup", "Orders", "--secret-fd", "password", err="KEY=FD|secret")
    home.run("backup", "Orders", "--secret-fd=sas={}", secrets=["x"]).fails(2, "no secret “sas”")
    usage(home, "backup", "Orders", "--secret-fd", "password=0", err="no secret")
    usage(home, "backup", "Orders", "--secret-fd", "password=77", err="77")
    usage(home, "verify", err="Which backup")
    usage(home, "verify", "--quick", "--deep", "--all", err="Only one of")
    usage(home, "verify", "--all", "01J", err="no ID goes with it")
    usage(home, "history", "--limit", "many", err="many")


@test
def unknown_things(home):
    home.add()
    for command in (["backup"], ["list"], ["groups"], ["rules"], ["history"], ["undo"], ["rehearse"], ["service", "show"],
                    ["service", "test"], ["service", "remove"], ["service", "renew"], ["service", "sign-in"],
                    ["service", "sign-out"], ["service", "edit"]):
        home.run(*command, "Order").fails(1, "no service named “Order”.*“Orders”")
    for command in ("show", "verify", "download", "delete", "keep", "unkeep"):
        home.run(command, "01M7ZZZZ").fails(1, "no backup “01M7ZZZZ”")
    home.run("save", "01M7ZZZZ", home.file("x")).fails(1, "no backup")
    home.run("export", "01M7ZZZZ", home.file("x")).fails(1, "no backup")
    home.run("plan", "Orders", "01M7ZZZZ").fails(1, "no backup")
    home.run("restore", "Orders", "01M7ZZZZ", "--yes").fails(1, "no backup")
    home.run("restore", "Orders", home.file("nothing.toy"), "--yes").fails(1, "nothing.toy")
    usage(home, "restore", "Orders", home.file("nothing.toy"), "--yes", "--to", "path=", err="lacks a value")
    home.run("upload", "Orders", home.file("nothing.toy")).fails(1, "nothing.toy")
    home.run("inspect", home.file("nothing.toy")).fails(1, "nothing.toy")
    home.run("inspect", home.path).fails(2, home.path)
    home.run("inspect", home.file("text", "hello")).fails(2, "not an archive")
    home.run("stop", "01M7ZZZZ").fails(1, "no job")
    home.run("rollup", "Orders").fails(1, "whole by itself.*reprise prune")
    home.run("databases", "Orders").fails(1, "reprise groups")
    usage(home, "service", "kinds", "toi", err="Did you mean “toy”")
    for address in ("portal", "https://", "https:host"):
        home.run("hooks", "Orders", "--webhook", address).fails(2, "no address that can be told")
    home.run("vault", "adopt", home.path).fails(1, "no vault")


@test
def ambiguous_backup(home):
    home.add()
    home.back_up()
    home.back_up()
    home.run("show", "01").fails(2, "01")


@test
def service_add(home):
    path = home.file("data", "x")
    usage(home, "service", "add", "toi", "Orders", err="Did you mean “toy”")
    usage(home, "service", "add", "unheard-of", "Orders", err="There is toy")
    usage(home, "service", "add", "toy", "Orders", err="--set path=")
    usage(home, "service", "add", "toy", "Orders", "--set", "path", err="KEY=VALUE")
    usage(home, "service", "add", "toy", "Orders", "--set", f"pth={path}", err="Did you mean “path”")
    usage(home, "service", "add", "toy", "Orders", "--set", "zzzzzzzz=1", err="There is path, keep")
    usage(home, "service", "add", "toy", "Orders", "--set", f"path={path}", "--set", "password=x", err="--secret password")
    home.run("service", "add", "toy", "Orders", "--set", f"path={path}", "--set", "delay-ms=soon").fails(2, "whole number")
    home.run("service", "add", "toy", "Orders", "--set", f"path={path}", "--set", "ask=perhaps").fails(2, "true or false")
    home.run("service", "add", "toy", "", "--set", f"path={path}").fails(2, "name")
    home.run("service", "add", "toy", "Orders", "--set", f"path={path}", "--secret", "password").fails(2, "no terminal")
    usage(home, "service", "add", "toy", "Orders", "--set", f"path={path}", "--secret", "sas", err="no secret “sas”")
    assert home.run("service", "list", "--json").json == []
    home.add()
    home.run("service", "add", "toy", "Orders", "--set", f"path={path}").fails(1, "already")
    assert len(home.run("service", "list", "--json").json) == 1


@test
def service_edit(home):
    home.add()
    home.add("Sales")
    before = home.run("service", "list", "--json").out
    usage(home, "service", "edit", "Orders", err="nothing to change")
    usage(home, "service", "edit", "Orders", "--production", "--no-production", err="Only one of")
    usage(home, "service", "edit", "Orders", "--set", "colour=red", err="colour")
    home.run("service", "edit", "Orders", "--name", "Sales").fails(1, "already")
    home.run("service", "edit", "Orders", "--set", "path=").fails(2, "File")
    home.run("service", "edit", "Orders", "--set", "warn=true", "--set", "ask=perhaps").fails(2, "true or false")
    assert home.run("service", "list", "--json").out == before


@test
def secret_is_missing(home):
    """Nobody gave it, and nobody can be asked: added, with a warning."""
    path = home.file("data", "x")
    done = home.run("service", "add", "toy", "Orders", "--set", f"path={path}", "--set", "locked=true", "--json")
    assert done.expect(3, err="has no secret yet").json["needs_sign_in"]
    done = home.run("service", "add", "toy", "Sales", "--set", f"path={path}", "--set", "sign-in=person", "--set", "shelf=top")
    done.expect(3, out="“Sales” was added", err="has no secret yet.*sign-in Sales")


@test
def service_edit_is_tested(home):
    """What says where a service is: whether it is there is known at once, as it is of a new one."""
    home.add()
    nowhere, there = home.file("nowhere"), home.file("there", "text")
    done = home.run("service", "edit", "Orders", "--set", f"path={nowhere}")
    done.expect(3, out="was changed", err="cannot be backed up like this.*nowhere.*does not answer")
    assert nowhere in home.run("service", "show", "Orders").out
    home.run("service", "edit", "Orders", "--set", f"path={nowhere}", "--no-test").expect()
    home.run("service", "edit", "Orders", "--set", f"path={there}").expect()
    home.run("service", "edit", "Orders", "--set", "sign-in=person", "--no-test").fails(2, "“Shelf” is needed")
    assert home.run("service", "show", "Orders", "--json").json["settings"].get("sign-in") is None


@test
def save_onto_a_folder(home):
    """That nothing replaces, whatever is agreed to."""
    home.add()
    backup = home.back_up()
    for words in ([], ["--yes"]):
        done = home.run("save", backup, home.path, *words).fails(1, "is a folder: name the file")
        assert "replaced" not in done.err, done
    home.run("save", backup, home.file("saved")).expect()
    home.run("save", backup, home.file("saved")).fails(1, "replaced only with --yes")


@test
def nothing_to_rehearse(home):
    """Refused before anything, and no failure."""
    home.add()
    home.run("rehearse", "Orders").fails(5, "no backup of “Orders” to rehearse")
    assert home.run("history", "--json").json == []
    home.run("status").expect(3, out="Never backed up|Backup Never Run")


@test
def rules(home):
    home.add()
    usage(home, "rules", "Orders", "--set", "words", err="COLLECTION=GROUP")
    usage(home, "rules", "Orders", "--set", "words=nobody", err="no data group “nobody”")
    home.run("rules", "Orders", "--set", "words=user", "--set", "words=nobody").fails(2, "no data group")
    assert home.run("rules", "Orders", "--json").json == []
    home.run("rules", "Orders", "--set", "sentences=user").expect(3, out="sentences", err="no collection “sentences” now")
    home.run("rules", "Orders", "--set", "wor*=user").expect()


@test
def groups(home):
    home.add()
    home.run("backup", "Orders", "--group", "everything").fails(2, "no data group “everything”")
    backup = home.back_up()
    home.run("plan", "Orders", backup, "--group", "everything").fails(2, "no data group")
    home.run("restore", "Orders", backup, "--group", "everything", "--yes").fails(2, "no data group")


@test
def not_text(home):
    home.add()
    usage(home, "backup", b"\xff", err="UTF-8")
    usage(home, "backup", "Orders", "--note", b"\xff", err="UTF-8")
    usage(home, "show", b"\xff", err="UTF-8")
    usage(home, "service", "add", "toy", b"\xff", err="UTF-8")
    assert home.run("list", "--json").json == []


@test
def consent(home):
    home.add()
    backup = home.back_up()
    usage(home, "restore", "Orders", backup, "--no-safety-copy", err="needs --yes")
    for command in (["restore", "Orders", backup], ["delete", backup], ["service", "remove", "Orders"]):
        home.run(*command).fails(5, "nobody to ask")
        home.run(*command, "--json").fails(5, "nobody to ask")
    assert home.read("Orders.data") == "one two three\n" and len(home.run("list", "--json").json) == 1


@test
def question_unattended(home):
    """Where nobody can be asked, the safe answer is taken; --yes goes on."""
    home.add("Orders", "--set", "ask=true")
    home.run("backup", "Orders").fails(5, "The answer was no")
    home.run("backup", "Orders", "--yes").expect(out="verified")


@test
def service_is_away(home):
    home.add()
    os.remove(home.file("Orders.data"))
    home.run("service", "test", "Orders").fails(1, "does not answer")
    home.run("backup", "Orders").fails(1, "Orders.data")
    failed = home.run("backup", "Orders", "--json").expect(1).json
    assert failed["id"] is None and failed["job"]["state"] == "failed" and failed["job"]["error"], failed
    assert not [name for name in home.vault_files() if ".partial" in name or "data.toy" in name]
    home.run("history").expect(out="Orders.data")


@test
def list_is_partial(home):
    home.add()
    home.back_up()
    os.rmdir(home.file("Orders.keep"))
    home.run("list").expect(3, out="verified", err="are not listed")


@test
def vault_is_a_file(home):
    home.add()
    home.run("vault", "set", home.file("file", "x")).fails(1, "file")
    home.run("vault", "show").expect(out="Nothing is there yet")
    home.back_up()


@test
def full_disk(home):
    """A backup that cannot be written leaves nothing, and the service as it was."""
    home.add("Orders", text="x" * 200000)
    command = f"ulimit -f 50; exec {home.cli} backup Orders"
    done = subprocess.run(["bash", "-c", command], env=home.env, capture_output=True, check=False)
    assert done.returncode == 1 and b"reprise: " in done.stderr, done
    assert not [name for name in home.vault_files() if "data.toy" in name], home.vault_files()


@test
def broken_configuration(home):
    """A list of services that cannot be read is told, and stays as it is."""
    home.add()
    path = os.path.join(home.env["XDG_CONFIG_HOME"], "reprise", "services.conf")
    with open(path, encoding="utf-8") as stream:
        whole = stream.read()
    for broken in ("no key file [\n", "\0" * 100, whole[:20] + "\0" + whole[20:]):
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(broken)
        home.run("service", "list").fails(7, "services.conf")
        home.run("service", "add", "toy", "Sales", "--set", f"path={home.file('x')}").fails(7, "services.conf")
        with open(path, encoding="utf-8") as stream:
            assert stream.read() == broken


run_tests("cli/wrong")
