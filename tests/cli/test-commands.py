#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command does what it says."""

import http.server
import json
import os
import re
import shutil
import signal
import threading
import time

from reprise_test import program, run_tests, test, wait_until


@test
def version_and_help(home):
    home.run("--version").expect(out=r"^reprise \d+\.\d+\.\d+\n$")
    home.run("--help").expect(out="service add")
    home.run("service", "--help").expect(out="service add")
    home.run("vault", "--help").expect(out="vault adopt")
    home.run().expect(2, err="command is missing")


@test
def help_of_each_command(home):
    commands = re.findall(r"^  ([a-z][a-z -]*?)  ", home.run("--help").expect().out, re.M)
    assert len(commands) > 30, commands
    for command in commands:
        shown = home.run(*command.split(), "--help").expect(out=rf"reprise {command}")
        assert "--help" in shown.out and shown.err == "", shown


@test
def services(home):
    home.run("service", "list").expect(out="no services yet")
    home.add("Orders")
    home.add("Été")
    home.run("service", "list").expect(out="Orders .*Toy")
    home.run("service", "show", "Orders").expect(out=r"path\n")
    home.run("service", "test", "Orders").expect(out="“Orders” answers")
    uuid = home.run("service", "show", "Orders", "--json").expect().json["id"]
    home.run("service", "show", uuid).expect(out="Orders")
    home.run("service", "edit", "Orders", "--name", "Sales", "--production", "--set", "warn=true").expect(out="Sales")
    shown = home.run("service", "show", "Sales", "--json").expect().json
    assert shown["id"] == uuid and shown["production"] and shown["settings"]["warn"] == "true", shown
    home.run("service", "test", "Sales").expect(3, err="Warning: It is getting old")
    home.run("service", "edit", "Sales", "--set", "warn=", "--no-production").expect()
    shown = home.run("service", "show", "Sales", "--json").expect().json
    assert not shown["production"] and "warn" not in shown["settings"], shown
    home.run("service", "renew", "Sales").expect(out="renewed")
    home.run("service", "kinds").expect(out="toy")
    home.run("service", "kinds", "toy").expect(out="^toy – ")


@test
def relative_path(home):
    home.file("data", "x")
    os.chdir(home.path)
    home.run("service", "add", "toy", "Orders", "--set", "path=data").expect()
    assert home.run("service", "list", "--json").json[0]["settings"]["path"] == home.file("data")


@test
def add_tests_the_service(home):
    """What does not answer is added, for it may be off; but the user is told at once."""
    missing = os.path.join(home.path, "nowhere")
    home.run("service", "add", "toy", "Orders", "--set", f"path={missing}").fails(
        3, f"was added, but cannot be backed up yet .to change it: .* “{missing}” does not answer").expect(3, out="^“Orders” was added.$")
    home.run("service", "add", "toy", "Sales", "--set", f"path={missing}", "--no-test").expect()
    assert len(home.run("service", "list", "--json").json) == 2


@test
def remove_service(home):
    home.add("Orders")
    home.add("Sales")
    home.back_up("Orders")
    home.back_up("Sales")
    home.run("service", "remove", "Orders").fails(5, "consent")
    home.run("service", "remove", "Orders", "--yes").expect(out="removed")
    assert [s["name"] for s in home.run("service", "list", "--json").json] == ["Sales"]
    assert home.run("vault", "show", "--json").json["backups"] == 2
    home.run("service", "remove", "Sales", "--delete-backups", "--yes").expect(out="removed")
    assert home.run("vault", "show", "--json").json["backups"] == 1


@test
def groups_and_rules(home):
    home.add()
    home.run("groups", "Orders").expect(out="words")
    home.run("rules", "Orders").expect(out="No rules")
    home.run("rules", "Orders", "--set", "words=user").expect(out="words +user")
    assert home.run("groups", "Orders", "--json").json[0]["group"] == "user"
    home.run("rules", "Orders", "--reset").expect(out="No rules")
    assert home.run("groups", "Orders", "--json").json[0]["group"] == "custom"


@test
def backup_and_list(home):
    home.add()
    home.run("list").expect(out="no backups yet")
    done = home.run("backup", "Orders", "--note", "before Monday", "--group", "custom").expect(out="verified")
    backup = re.search("Its ID is (.*)", done.out).group(1)
    home.run("list").expect(out=f"{backup} .*Orders .*verified .*vault .*before Monday")
    home.run("list", "Orders").expect(out=backup)
    home.run("show", backup).expect(out="before Monday")
    home.run("show", backup[:14].lower()).expect(out=backup)
    home.run("history", "Orders").expect(out="Backup finished")
    home.run("status").expect(out="Orders")


@test
def backup_with_warnings(home):
    home.add("Orders", "--set", "warn=true")
    home.run("backup", "Orders").expect(3, out="verified", err="Warning: The toy creaked")


@test
def on_service(home):
    home.add()
    home.run("backup", "Orders", "--on-service").expect(out="keeps it")
    own = home.run("list", "--json").json[0]
    assert own["on_service"] and not own["in_vault"] and own["state"] == "complete", own
    home.run("show", own["id"]).expect(out="service")
    home.run("verify", own["id"]).fails(1, "only on its service")
    home.run("save", own["id"], home.file("saved")).fails(1, "only on its service")
    home.run("plan", "Orders", own["id"]).expect(out="Pre-checks")
    home.run("download", own["id"]).expect(out="downloaded and verified")
    home.run("delete", own["id"], "--where", "service", "--yes").expect(out="deleted")
    assert [b["in_vault"] for b in home.run("list", "--json").json] == [True]


@test
def verify(home):
    home.add()
    backup = home.back_up()
    home.back_up()
    for depth in ("--quick", "--full", "--deep"):
        home.run("verify", depth, backup).expect(out="no damage")
    home.run("verify", backup, backup[:20]).expect()
    home.run("verify", "--all").expect(out="2 backups read back")


@test
def verify_damage(home):
    home.add()
    backup = home.run("backup", "Orders", "--json").json
    whole = home.back_up()
    with open(os.path.join(backup["folder"], "data.toy"), "r+b") as stream:
        stream.seek(6)
        stream.write(b"X")
    home.run("verify", "--quick", backup["id"]).expect(0)
    done = home.run("verify", "--all", "--json").expect(7, err="damaged")
    states = {b["id"]: b["damage"] for b in done.json["backups"]}
    assert states[backup["id"]] and not states[whole], states
    home.run("list").expect(out=f"{backup['id']} .*damaged")
    home.run("restore", "Orders", backup["id"], "--yes").expect(7)
    assert home.read("Orders.data") == "one two three\n"


@test
def save_and_inspect(home):
    home.add()
    backup = home.back_up()
    home.run("save", backup, home.file("saved.toy")).expect(out="Saved as")
    assert home.read("saved.toy") == "TOY\none two three\n"
    assert os.stat(home.file("saved.toy")).st_mode & 0o777 == 0o600
    home.run("save", backup, home.file("saved.toy")).fails(1, "there already")
    home.run("save", backup, home.file("saved.toy"), "--yes").expect()
    home.run("inspect", home.file("saved.toy")).expect(out="Toy 1")
    assert not [name for name in os.listdir(home.path) if name.endswith(".part")]


@test
def inspect_damaged(home):
    home.run("inspect", home.file("broken.toy", "TOY\nBROKEN")).expect(7, out="A wheel is off", err="A wheel is off")
    assert home.run("inspect", home.file("broken.toy"), "--json").expect(7).json["damage"] == ["A wheel is off."]


@test
def inspect_locked(home):
    path = home.file("locked.toy", "TOY\nLOCKED")
    home.run("inspect", path).expect(out="with its password")
    home.run("inspect", path, "--secret-fd=archive-password={}", secrets=["open sesame\n"]).expect(out="Encrypted +yes")
    home.run("inspect", path, "--secret-fd=archive-password={}", secrets=["wrong"]).fails(4, "password is wrong")


@test
def keep_and_delete(home):
    home.add()
    backup = home.back_up()
    home.run("keep", backup).expect(out="is kept")
    home.run("keep", backup).expect()
    home.run("list").expect(out="kept")
    home.run("delete", backup, "--yes").fails(5, "kept")
    home.run("unkeep", backup).expect(out="not kept")
    home.run("delete", backup).fails(5, "consent")
    home.run("delete", backup, "--yes").expect(out="1 backup deleted")
    home.run("show", backup).fails(1, "no backup")


@test
def delete_where(home):
    home.add()
    home.back_up()
    home.run("backup", "Orders", "--on-service").expect()
    own = next(b["id"] for b in home.run("list", "--json").json if b["on_service"])
    home.run("delete", own, "--where", "vault", "--yes").fails(1, "not in the vault")
    home.run("delete", own, "--where", "moon", "--yes").fails(2, "--where")
    home.run("delete", own, "--where", "service", "--yes").expect()


@test
def delete_where_it_is_twice(home):
    """A backup of the service that was downloaded is one item in two places."""
    home.add()
    home.run("backup", "Orders", "--on-service").expect()
    own = next(b["id"] for b in home.run("list", "--json").json if b["on_service"])
    both = home.run("download", own, "--json").expect().json["id"]
    home.run("delete", both, "--where", "service", "--yes").expect()
    assert [(b["id"], b["on_service"]) for b in home.run("list", "--json").json] == [(both, False)]
    home.run("delete", both, "--where", "service", "--yes").fails(1, "not on its service")
    home.run("delete", both, "--where", "both", "--yes").expect()
    assert home.run("list", "--json").json == []


@test
def upload(home):
    home.add()
    home.run("upload", "Orders", home.file("saved.toy", "TOY\nfour\n")).expect(out="Uploaded as")
    assert home.run("list", "Orders", "--json").json[0]["on_service"]


@test
def plan_restore_undo(home):
    home.add()
    backup = home.back_up()
    home.file("Orders.data", "changed\n")
    before = home.vault_files()
    home.run("plan", "Orders", backup).expect(out="replaced \\(1 newer word is lost\\)")
    assert home.read("Orders.data") == "changed\n" and home.vault_files() == before
    home.run("restore", "Orders", backup).fails(5, "consent")
    assert home.read("Orders.data") == "changed\n"
    done = home.run("restore", "Orders", backup, "--yes").expect(out="3 written, 0 failed")
    assert "reprise undo Orders" in done.out and home.read("Orders.data") == "one two three\n"
    home.run("undo", "Orders").fails(5, "consent")
    home.run("undo", "Orders", "--yes").expect()
    assert home.read("Orders.data") == "changed\n"
    home.run("undo", "Orders", "--yes").fails(1, "no restore")


@test
def restore_file_and_elsewhere(home):
    home.add()
    path = home.file("saved.toy", "TOY\nfour\n")
    home.run("restore", "Orders", path, "--to", f"path={home.file('else')}", "--yes").expect()
    assert home.read("else") == "four\n" and home.read("Orders.data") == "one two three\n"
    done = home.run("restore", "Orders", path, "--no-safety-copy", "--yes", "--group", "custom").expect(out="there is no way back")
    assert "A safety copy is made" not in done.out, done
    assert home.read("Orders.data") == "four\n"
    home.run("undo", "Orders", "--yes").fails(1, "no restore")


@test
def restore_of_another_service(home):
    """A backup goes into another service of its kind: that one is changed, and has the way back."""
    home.add("Orders", text="ours\n")
    home.add("Stock", text="theirs\n")
    backup = home.back_up("Orders")
    home.file("Orders.data", "newer\n")
    home.run("restore", "Stock", backup, "--yes").expect(out="written, 0 failed")
    assert home.read("Stock.data") == "ours\n" and home.read("Orders.data") == "newer\n"
    home.run("undo", "Orders", "--yes").fails(1, "no restore")
    home.run("undo", "Stock", "--yes").expect()
    assert home.read("Stock.data") == "theirs\n"


@test
def refused_plan(home):
    home.add("Orders", "--set", "refuse=true")
    backup = home.back_up()
    home.run("plan", "Orders", backup).expect(5, out="bad mood")
    home.run("restore", "Orders", backup, "--yes").expect(5, err="bad mood")
    assert home.run("plan", "Orders", backup, "--json").expect(5).json["refused"]


@test
def rehearse(home):
    home.add()
    home.run("rehearse", "Orders").fails(5, "no backup")
    backup = home.back_up()
    home.run("rehearse", "Orders").expect(out="came back")
    home.run("rehearse", "Orders", backup).expect(out="came back")


@test
def vault(home):
    home.run("vault", "show").expect(out="Nothing is there yet")
    assert home.vault_files() == []
    home.add()
    home.back_up()
    home.run("vault", "show").expect(out="1 backup, ")
    home.run("vault", "set", home.file("other")).expect(err="former vault")
    home.run("vault", "show").expect(out="other\n0 backups")
    home.back_up()
    home.run("vault", "rebuild").expect(out="1 backup, ")


@test
def vault_adopt(home):
    home.add()
    home.add("Locked", "--set", "locked=true", code=3)
    backup = home.back_up()
    uuid = home.run("service", "show", "Orders", "--json").json["id"]
    home.run("vault", "set", home.file("moved")).expect()
    os.rmdir(home.file("moved")) if not os.listdir(home.file("moved")) else None
    old = os.path.join(home.env["XDG_DATA_HOME"], "reprise", "vault")
    os.rename(os.path.join(home.env["XDG_CONFIG_HOME"], "reprise"), home.file("former-config"))
    home.run("vault", "adopt", home.file("nothing")).fails(1, "no vault")
    assert home.run("service", "list", "--json").json == []
    home.run("vault", "adopt", old).expect(out="“Orders” is back")
    home.run("vault", "adopt", old).expect(out="configured already")
    assert home.run("service", "show", "Orders", "--json").json["id"] == uuid
    home.file("Orders.data", "lost\n")
    home.run("restore", "Orders", backup, "--yes").expect()
    assert home.read("Orders.data") == "one two three\n"


@test
def adopt_renames(home):
    home.add()
    home.back_up()
    old = os.path.join(home.env["XDG_DATA_HOME"], "reprise", "vault")
    os.rename(os.path.join(home.env["XDG_CONFIG_HOME"], "reprise"), home.file("former-config"))
    home.add()
    home.run("vault", "adopt", old).expect(out="“Orders 2” is back")


@test
def status(home):
    home.run("status").expect(out="no services yet")
    home.add()
    home.run("status").expect(3, out="Orders")
    home.back_up()
    assert home.run("status", "--json").expect(0).json[0]["state"] == "up-to-date"


@test
def jobs_and_stop(home):
    home.run("jobs").expect(out="No job runs")
    home.add("Orders", "--set", "delay-ms=200")
    process = home.start("backup", "Orders")
    jobs = []
    while not jobs:
        assert process.poll() is None
        jobs = home.run("jobs", "--json").expect().json
    assert jobs[0]["name"] == "Orders" and jobs[0]["state"] == "running" and jobs[0]["process"] == process.pid, jobs
    home.run("stop", jobs[0]["id"][:20]).expect(out="stops")
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and b"Stopped" in err, err
    home.run("jobs").expect(out="No job runs")
    home.run("history").expect(out="Backup stopped")
    assert not [name for name in home.vault_files() if ".partial" in name]


@test
def stop_now(home):
    home.add("Orders", "--set", "delay-ms=100", "--set", "safe=true")
    process = home.start("backup", "Orders")
    jobs = []
    while not jobs:
        jobs = home.run("jobs", "--json").expect().json
    home.run("stop", "--now", jobs[0]["id"]).expect()
    process.communicate(timeout=30)
    assert process.returncode == 130


@test
def export_and_import(home):
    home.add()
    backup = home.back_up()
    home.run("export", backup, home.path).fails(1, "no format of another program")
    home.run("import", "Orders", home.file("x.toy", "TOY\n")).fails(1, "no format of another program")


@test
def progress(home):
    home.add("Orders", "--set", "delay-ms=20")
    lines = home.run("backup", "Orders", "--progress=json").expect().err.splitlines()
    states = [json.loads(line) for line in lines]
    assert len(states) > 3 and states[-1]["state"] == "done" and states[-1]["fraction"] == 1, lines
    assert {state["phase"] for state in states} >= {"reading"}, lines
    fractions = [state["fraction"] for state in states if state["fraction"] is not None]
    assert fractions == sorted(fractions) and max(fractions[:-1]) < 1, fractions
    lines = home.run("backup", "Orders").expect().err.splitlines()
    assert "Reading data" in lines and len(lines) == len(set(lines)) and "\x1b" not in "".join(lines), lines
    assert home.run("backup", "Orders", "--progress=none").expect().err == ""


@test
def without_utf8(home):
    """A cron job in the C locale keeps every letter."""
    env = {"LC_ALL": "C", "LANG": "C"}
    home.file("dätä", "x")
    home.run("service", "add", "toy", "Été", "--set", f"path={home.file('dätä')}", env=env).expect()
    home.run("backup", "Été", "--note", "père", env=env).expect()
    assert home.run("list", "Été", "--json", env=env).json[0]["note"] == "père"
    assert home.run("list", "--json").json[0]["note"] == "père"


@test
def file_name_of_any_bytes(home):
    path = home.path.encode() + b"/caf\xe9.toy"
    with open(path, "wb") as stream:
        stream.write(b"TOY\nfour\n")
    home.add()
    home.run("inspect", path).expect(out="Toy 1")
    home.run("restore", "Orders", path, "--yes").expect()
    assert home.read("Orders.data") == "four\n"


@test
def closed_output(home):
    home.add()
    with open("/dev/full", "w", encoding="ascii") as full:
        import subprocess
        done = subprocess.run([home.cli, "list", "--json"], env=home.env, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1 and b"Could not write" in done.stderr, done


@test
def one_service_is_silent(home):
    """A backup that another one keeps is found all the same, in its time; where nobody has it, who has not answered is named."""
    home.add("Away", "--set", "silent=true")
    home.add()
    name = home.run("backup", "Orders", "--on-service", "--json").expect().json["id"]
    begun = time.monotonic()
    assert home.run("show", name, "--json").expect().json["id"] == name
    home.run("show", "nobody").fails(1, "no backup “nobody” in the vault, and these services have not answered: Away\\.")
    assert time.monotonic() - begun < 45
    kept = home.back_up()
    begun = time.monotonic()
    home.run("show", kept).expect()
    assert time.monotonic() - begun < 8  # of the vault: nobody is asked


@test
def same_identifier_on_several_services(home):
    """A backup is never guessed: an ID that two services have is refused, and the service can be named."""
    home.add()
    home.add("Other")
    name = home.run("backup", "Orders", "--on-service", "--json").expect().json["id"]
    twin = os.path.join(home.file("Other.keep"), name)
    shutil.copy(os.path.join(home.file("Orders.keep"), name), twin)
    for words in (["show", name], ["download", name], ["delete", name, "--yes"], ["keep", name], ["verify", name], ["show", name[:-1]]):
        home.run(*words).fails(2, "More than one service has a backup .*: Orders, Other. Say which is meant: --service NAME")
    assert os.path.exists(twin) and os.path.exists(os.path.join(home.file("Orders.keep"), name))
    assert home.run("show", name, "--service", "Other", "--json").expect().json["name"] == "Other"
    home.run("show", name, "--service", "Nobody").fails(1, "Nobody")
    made = home.run("download", name, "--service=Orders", "--json").expect().json
    assert made["name"] == "Orders" and made["in_vault"], made
    home.run("show", made["id"], "--service", "Other").fails(1, "no backup .* of “Other”")
    home.run("delete", made["id"], "--service", "Other", "--yes").fails(1, "no backup .* of “Other”")
    home.run("delete", name, "--service", "Other", "--yes").expect()
    assert not os.path.exists(twin) and os.path.exists(os.path.join(home.file("Orders.keep"), name))
    assert home.run("show", name, "--json").expect().json["name"] == "Orders"
    with open(os.path.join(home.file("Other.keep"), name + "9"), "w", encoding="ascii") as longer:
        longer.write("TOY\nx\n")
    assert home.run("show", name, "--json").expect().json["name"] == "Orders"


@test
def nothing_is_deleted_on_a_guess(home):
    """As long as a service that may have it too has not answered, its service must be named."""
    home.add("Away", "--set", "silent=true")
    home.add()
    name = home.run("backup", "Orders", "--on-service", "--json").expect().json["id"]
    home.run("delete", name, "--yes").fails(2, "“Orders” has a backup .* have not answered: Away. .*--service NAME")
    home.run("delete", name, "--yes", "--service", "Orders").expect()


@test
def hooks(home):
    """A command before and after each backup; what it says is in the log, and one that fails keeps the backup from beginning."""
    home.add()
    log = home.file("hooks.log")
    script = home.file("hook", f'#!/bin/sh\necho "$REPRISE_EVENT $REPRISE_SERVICE $REPRISE_STATE" >> {log}\necho said\nexit "$1"\n')
    os.chmod(script, 0o700)
    home.run("hooks", "Orders").expect(out="Before each backup: –")
    home.run("hooks", "Orders", "--before", "unfinished 'quote").fails(2, "is no command")
    home.run("hooks", "Orders", "--webhook", "not an address").fails(2, ".")
    home.run("hooks", "Orders", "--before", f"{script} 0", "--after", f"{script} 0").expect(out="After each backup: .*hook 0")
    home.run("backup", "Orders").expect(out="verified")
    assert home.read("hooks.log") == "before Orders \nafter Orders done\n", home.read("hooks.log")
    assert any("command before: said" in line for line in home.run("history", "--json").json[0]["log"])
    home.run("hooks", "Orders", "--before", f"{script} 4", "--after", f"{script} 5").expect()
    home.run("backup", "Orders").expect(5, err=r"No backup was made\. .*ended with 4\.").expect(5, err=r"ended with 5\. No backup was made\.")
    assert home.read("hooks.log").endswith("after Orders failed\n")
    home.run("hooks", "Orders", "--before", "", "--after", f"{script} 5").expect(out="Before each backup: –")
    home.run("backup", "Orders").expect(3, out="verified", err=r"ended with 5\. The backup itself was made\.")
    assert len(home.run("list", "Orders", "--json").json) == 2


@test
def hook_in_the_background(home):
    """What a command leaves in the background holds its output open, and nobody waits for it; a stop ends all of them."""
    home.add()
    home.file("hook", f"#!/bin/sh\nsleep 600 &\necho $! > {home.file('left')}\necho said\n")
    os.chmod(home.file("hook"), 0o700)
    home.run("hooks", "Orders", "--before", home.file("hook")).expect()
    home.run("backup", "Orders").expect(out="verified")
    os.kill(int(home.read("left")), signal.SIGKILL)
    home.file("hook", f"#!/bin/sh\nsleep 600 &\necho $! > {home.file('begun')}\nwait\n")
    process = home.start("backup", "Orders")
    wait_until(lambda: os.path.exists(home.file("begun")) and home.read("begun").endswith("\n"), "the command")
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130, process.returncode
    stat = f"/proc/{int(home.read('begun'))}/stat"
    wait_until(lambda: not os.path.exists(stat) or ") Z" in open(stat, encoding="ascii").read(), "its end")


@test
def webhook(home):
    """Who is told learns how it ended, and nothing that went wrong."""
    told = []

    class Handler(http.server.BaseHTTPRequestHandler):
        """Keeps what it is told."""

        def do_POST(self):  # pylint: disable=invalid-name
            """The one method that is used."""
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            """Says nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home.env["GIO_USE_PROXY_RESOLVER"] = "dummy"  # libproxy throws, which the sanitizers do not know in a C program
    home.add()
    address = f"http://127.0.0.1:{server.server_port}/told?x=1"
    done = home.run("hooks", "Orders", "--webhook", address).expect(3, out="Webhook: http://127[0-9.:]*\n", err="is not kept")
    assert "told?x" not in done.out, done
    home.run("backup", "Orders").expect(3, err="The webhook was not told")
    assert not told
    home.run("backup", "Orders", "--secret-fd=webhook={}", secrets=[address]).expect()
    os.remove(home.file("Orders.data"))
    home.run("backup", "Orders", "--secret-fd=webhook={}", secrets=[address]).expect(1)
    server.shutdown()
    assert [one["state"] for one in told] == ["done", "failed"] and told[0]["service"] == "Orders", told
    assert set(told[1]) == {"event", "service", "service_id", "state", "finished_at"}, told[1]
    home.file("Orders.data", "again\n")
    server.server_close()
    home.run("backup", "Orders", "--secret-fd=webhook={}", secrets=[address]).expect(3, err="The webhook was not told")
    home.run("hooks", "Orders", "--webhook", "").expect(out="Webhook: –")
    home.run("backup", "Orders").expect()


@test
def history_report(home):
    """Searched, and printed in full to be given to somebody else."""
    home.add("Orders")
    home.add("Sales")
    home.back_up("Orders")
    home.back_up("Sales")
    home.run("history", "--search", "sales").expect(out="Back Up Sales")
    assert [run["name"] for run in home.run("history", "--search", "sales", "--json").json] == ["Sales"]
    home.run("history", "--search", "no such thing").expect(out="Nothing was found")
    report = home.run("history", "--report").expect(out="(?s)Reprise .*Kind: backup\nService: Sales.*----.*Service: Orders")
    assert "State: done" in report.out, report


run_tests("cli/commands")
