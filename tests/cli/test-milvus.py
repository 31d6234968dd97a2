#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups and restores of Milvus over the real command line, with a server of the tests."""

import os
import socket
import subprocess

import reprise_milvus
from reprise_test import program, run_tests, test, wait_until

FAILS, RESTARTS, LOSES_ROWS, NO_MILVUS = 2, 3, 9, 10


class Server:
    """Milvus and its backup server, which do what they are told, line by line."""

    def __init__(self, home, generation, folder=None):
        rest = "1" if generation == "A" else "2"
        self.process = subprocess.Popen([program("util/fake-milvus"), generation, rest, *([folder] if folder else [])], env=home.env,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        home.processes.append(self.process)
        self.address = self.process.stdout.readline().strip()
        home.cli = program("cli/reprise")

    def ask(self, line):
        """What it says to a command; see tests/util/fake-milvus.c."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def tell(self, *lines):
        """Commands without an answer."""
        for line in lines:
            assert self.ask(line) == "ok", line

    def rows(self, name):
        """Of a collection, or -1."""
        return int(self.ask("rows " + name))


def add(home, generation="B", storage=True, milvus=True):
    """A Milvus with three collections, added as a service."""
    folder = os.path.join(home.path, "storage")
    if storage:
        os.makedirs(folder, exist_ok=True)
    server = Server(home, generation, folder if storage else None)
    server.tell("make default.films 1000", "make default.notes 500", "make shop.items 1200")
    settings = {"address": server.address, "databases": "default shop"}
    if milvus:
        settings["milvus-address"] = server.address
    if storage:
        settings.update(storage="folder", path=folder)
    home.run("service", "add", "milvus", "Vectors",
             *[word for key, value in settings.items() for word in ("--set", f"{key}={value}")]).expect(3, err="no sign-in")
    return server


def the_way(home, generation):
    """Into the vault, drop, back; beside it by a suffix; in place, and undone."""
    server = add(home, generation)
    listed = home.run("service", "add", "milvus", "Another", "--set", f"address={server.address}", "--set", f"milvus-address={server.address}",
                      "--set", "databases=default shop", "--list", "collections").expect(out="shop.items")
    assert "films" in listed.out, listed
    groups = home.run("groups", "Vectors", "--json").expect().json
    text = str(groups)
    assert "films" in text and "shop.items" in text and "1200" in text, groups
    made = home.run("backup", "Vectors", "--json").expect().json["id"]
    shown = home.run("show", made, "--json").expect().json
    assert shown["state"] == "verified", shown
    assert len(home.run("list", "Vectors", "--json").expect().json) == 1
    home.run("verify", "--deep", made).expect()

    server.tell("drop default.films")
    home.run("restore", "Vectors", made, "--to", "collections=films", "--yes").expect(out="1 collection restored")
    assert server.rows("default.films") == 1000

    home.run("restore", "Vectors", made, "--to", "collections=films shop.items", "--to", "suffix=_recover", "--yes").expect(
        out="2 collections restored")
    assert server.rows("default.films_recover") == 1000 and server.rows("shop.items_recover") == 1200

    server.tell("make default.notes 3")
    home.run("restore", "Vectors", made, "--to", "collections=notes", "--yes").fails(5, "exist already: notes")
    plan = home.run("plan", "Vectors", made, "--to", "collections=notes", "--to", "existing=replace", "--json").expect().json
    assert "3" in str(plan) and "replaced" in str(plan), plan
    home.run("restore", "Vectors", made, "--to", "collections=notes", "--to", "existing=replace", "--yes").expect()
    assert server.rows("default.notes") == 500
    home.run("undo", "Vectors", "--yes").expect()
    assert server.rows("default.notes") == 3


@test
def the_first_generation(home):
    the_way(home, "A")


@test
def the_second_generation(home):
    the_way(home, "B")


@test
def rehearsal(home):
    """Beside what exists, counted, dropped; what differs needs attention until it is well again, and what a kill left goes."""
    server = add(home)
    home.run("backup", "Vectors").expect()
    home.run("rehearse", "Vectors").expect(out="3 collections, 2700 rows, 0 differences")
    assert home.run("status", "--json").expect().json[0]["rehearsal_ok"]
    home.run("schedule", "Vectors", "--rehearsal", "weekly sun 04:00").expect(out="The next rehearsal is due on")

    server.tell(f"trap {LOSES_ROWS}")
    home.run("rehearse", "Vectors").expect(7, err="3 different from the backup")
    server.tell("trap 0")
    home.run("backup", "Vectors").expect()
    status = home.run("status", "--json").expect(3).json[0]
    assert status["needs_attention"] and not status["rehearsal_ok"], status
    home.run("rehearse", "Vectors").expect(out="0 differences")
    home.run("status").expect()

    server.tell("make default.films_rehearsal_1 5", "make default.films_rehearsal_2 5")
    record = home.leave_rehearsal("Vectors", "collection default.films_rehearsal_1", "collection default.gone")
    home.run("backup", "Vectors").expect()
    assert server.rows("default.films_rehearsal_1") == -1 and server.rows("default.films_rehearsal_2") == 5
    assert not os.path.exists(record) and server.rows("default.films") == 1000


@test
def no_rehearsal(home):
    """Without Milvus itself nothing could be dropped again: nothing is begun, and the reason is said."""
    add(home, milvus=False)
    home.run("backup", "Vectors").expect()
    said = home.run("rehearse", "Vectors", "--json").expect(3, err="neither counted nor dropped").json
    assert said["can_rehearse"] is False and "Milvus itself" in said["reason"], said
    home.run("schedule", "Vectors", "--rehearsal", "weekly sun 04:00").fails(5, "cannot be rehearsed")


@test
def rehearsal_of_what_the_service_keeps(home):
    """The newest backup, also where only the service has it."""
    add(home, storage=False)
    home.run("backup", "Vectors", "--on-service").expect()
    home.run("rehearse", "Vectors").expect(out="3 collections")


@test
def a_folder_in_the_original_layout(home):
    """Is looked into without a server, taken into the vault, and written again."""
    add(home)
    source = os.path.join(home.path, "stored")
    reprise_milvus.lay_recorded("layout-v0.5.16", source)
    folder = os.path.join(source, "small_B")
    found = home.run("inspect", folder, "--json").expect().json
    assert found["kind"] == "milvus" and found["contents"][0]["rows"] == 2000, found
    home.run("inspect", source).fails(2, "not an archive that Reprise knows")
    made = home.run("import", "Vectors", folder, "--json").expect().json["id"]
    home.run("verify", "--deep", made).expect()
    home.run("export", made, os.path.join(home.path, "out")).expect(out="Zilliz Cloud")
    home.run("export", made, os.path.join(home.path, "out")).fails(1, "exists already")
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            with open(path, "rb") as one, open(os.path.join(os.path.join(home.path, "out"), os.path.relpath(path, source)), "rb") as other:
                assert one.read() == other.read(), path
    home.run("export", made, os.path.join(home.path, "out"), "--collection", "films").fails(1, "as a whole")
    bucket = ["--to", "storage=s3", "--to", "storage-address=http://127.0.0.1:9/", "--to", "account=key"]
    home.run("export", made).fails(2, "which file or folder")
    home.run("export", made, home.path, *bucket, "--to", "bucket=there").fails(2, "not into both")
    home.run("export", made, *bucket).fails(2, "--to bucket=")
    home.run("export", made, *bucket, "--to", "bucket=there").fails(2, "--secret access-key")
    os.remove(os.path.join(folder, "meta", "full_meta.json"))
    home.run("inspect", folder).expect()
    os.remove(next(os.path.join(at, names[0]) for at, _, names in os.walk(os.path.join(folder, "binlogs")) if names))
    home.run("inspect", folder).fails(7, "is missing")


@test
def what_the_probe_says(home):
    server = add(home)
    said = home.run("service", "test", "Vectors", "--json").expect(3).json
    assert said["version"].startswith("0.5.10"), said
    assert any("no sign-in" in warning for warning in said["warnings"]), said
    server.tell(f"trap {NO_MILVUS}")
    home.run("service", "test", "Vectors").fails(1, "cannot reach Milvus")


@test
def backups_that_stay_on_the_service(home):
    add(home, storage=False)
    home.run("backup", "Vectors").fails(5, "hands out no files")
    home.run("backup", "Vectors", "--on-service").expect(out="keeps it")
    (backup,) = home.run("list", "Vectors", "--json").expect().json
    assert backup["on_service"] and backup["state"] == "complete", backup
    home.run("show", backup["id"]).expect(out="Collections +3\n(.*\n)*Indexes of films +vec: FLAT")
    home.run("download", backup["id"]).fails(5, "hands out no files")
    home.run("restore", "Vectors", backup["id"], "--to", "suffix=_recover", "--yes").expect(out="3 collections restored")
    home.run("delete", backup["id"], "--yes").expect()
    assert home.run("list", "Vectors", "--json").expect().json == []


@test
def without_the_address_of_milvus_nothing_is_called_equal(home):
    server = add(home, storage=False, milvus=False)
    home.run("backup", "Vectors", "--on-service").expect()
    (backup,) = home.run("list", "Vectors", "--json").expect().json
    result = home.run("restore", "Vectors", backup["id"], "--to", "suffix=_recover", "--yes").expect(out="not reported")
    assert "equal" not in result.out and server.rows("default.films_recover") == 1000


LOCAL = """#!/usr/bin/env python3
import http.server, sys
if sys.argv[1:] == ["--version"]:
    print("milvus-backup version 0.5.16")
    sys.exit()
ANSWERS = {"hello": b"Hello, This is backup service", "list": b'{"data":[]}', "check": b"Milvus version: v2.3.5\\nSuccess!\\n",
           "doc.json": b'{"paths":{"/create":{},"/get_restore":{},"/restore_secondary":{}},"definitions":{}}'}
class Caller(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain" if "check" in self.path else "application/json")
        self.end_headers()
        self.wfile.write(ANSWERS[self.path.rsplit("/", 1)[-1]])
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[3])), Caller).serve_forever()
"""


def answers(port):
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@test
def a_server_of_its_own(home):
    """Started by the command, and stopped with it, each time; the program and the consent are asked for."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home.cli = program("cli/reprise")
    path = home.file("milvus-backup", LOCAL)
    os.chmod(path, 0o700)
    home.run("service", "add", "milvus", "Own", "--no-test", "--set", f"address=http://localhost:{port}/", "--set", "local-server=form",
             "--set", f"program={path}.not", "--set", "storage=folder", "--set", f"path={home.path}", "--set", f"data-path={home.path}").expect()
    home.run("service", "test", "Own").fails(1, "github.com/zilliztech/milvus-backup/releases")
    home.run("service", "edit", "Own", "--set", f"program={path}").expect()
    home.run("service", "test", "Own").fails(5, "agree to that")
    home.run("service", "edit", "Own", "--set", "write-keys=true").expect()
    for _ in range(3):
        home.run("service", "test", "Own").expect(3, out="milvus-backup version 0.5.16\n(.*\n)*.*Reprise; it is stopped")
        home.run("list", "Own").expect()
    wait_until(lambda: not answers(port), "the end of the server")


@test
def what_goes_wrong_is_said(home):
    server = add(home)
    server.tell(f"trap {FAILS}")
    home.run("backup", "Vectors").fails(1, "bucket does not exist")
    server.tell(f"trap {RESTARTS}")
    home.run("backup", "Vectors").fails(1, "was started again")
    server.tell("trap 0")
    partial = [backup for backup in home.run("list", "Vectors", "--json").expect().json if backup["state"] == "partial"]
    assert partial, "what was left half made is shown"
    for backup in partial:
        home.run("delete", backup["id"], "--yes").expect()
    assert home.run("list", "Vectors", "--json").expect().json == []


@test
def wrong_settings_are_refused(home):
    add(home)
    home.run("service", "edit", "Vectors", "--set", "collections=a-b").fails(2, "“a-b” is no name")
    made = home.run("backup", "Vectors", "--json").expect().json["id"]
    home.run("plan", "Vectors", made, "--to", "suffix=-recover").fails(2, "suffix")


if __name__ == "__main__":
    run_tests("cli-milvus")
