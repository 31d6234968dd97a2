#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line over a server that speaks CouchDB's protocol: pouchdb-server with the shim that mends what it lacks, or, with
REPRISE_COUCHDB_URL=http://NAME:PASSWORD@HOST:PORT, any CouchDB. Only databases whose names begin with “reprise-test-” are touched.
"""

import base64
import json
import os
import random
import re
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from peer import Proxy, Suite, free_port, run_suites, say
from reprise_test import Home, program

PEER = os.environ["REPRISE_PEER"]
PREFIX = "reprise-test-"
DAYS = int(os.environ.get("REPRISE_TEST_DAYS", "10"))
SEED = int(os.environ.get("REPRISE_TEST_SEED", "20261121"))


class Server:
    """The server's own API, as an administrator."""

    def __init__(self):
        url = os.environ.get("REPRISE_COUCHDB_URL")
        self.port = None
        if url is None:
            self.port = free_port()
            env = {**os.environ, "REPRISE_PEER_COMPAT": "1"}
            done = subprocess.run([os.path.join(PEER, "up"), str(self.port), "admin", "secret"], env=env, check=False,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            assert done.returncode == 0, f"the server did not start: {done.stderr}"
            url = done.stdout.strip().splitlines()[-1]
        parts = urllib.parse.urlsplit(url)
        self.account, self.password = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password)
        self.host, self.number = parts.hostname, parts.port
        pair = base64.b64encode(f"{self.account}:{self.password}".encode()).decode()
        self.headers = {"Authorization": f"Basic {pair}", "Accept": "application/json", "Content-Type": "application/json"}
        self.drop_all()

    def close(self):
        self.drop_all()
        if self.port is not None:
            subprocess.run([os.path.join(PEER, "down"), str(self.port), "--wipe"], check=False, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def call(self, method, path, body=None, ok=(200, 201, 202)):
        """One request; the parsed answer."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://{self.host}:{self.number}/{path}", data, self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            if error.code in ok:
                return None
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:300]}") from error

    def databases(self):
        return [name for name in self.call("GET", "_all_dbs") if name.startswith(PREFIX)]

    def drop_all(self):
        for name in self.databases():
            self.call("DELETE", urllib.parse.quote(name, safe=""))

    def make(self, name):
        self.call("PUT", urllib.parse.quote(name, safe=""))

    def bulk(self, name, docs, **options):
        rows = self.call("POST", f"{name}/_bulk_docs", {"docs": docs, **options})
        assert not [row for row in rows if "error" in row], rows
        return rows

    def state(self, name):
        """Every leaf of every document with its ancestors, and of attachments digest and length."""
        feed = self.call("GET", f"{name}/_changes?style=all_docs")
        leaves = {}
        for row in feed["results"]:
            for change in row["changes"]:
                doc = self.call("GET", f"{name}/{quote(row['id'])}?revs=true&rev={change['rev']}")
                for stub in doc.get("_attachments", {}).values():
                    stub.pop("revpos", None)
                leaves[row["id"], change["rev"]] = doc
        return leaves

    def live(self, name):
        """What people see: live documents, without their revisions."""
        rows = self.call("GET", f"{name}/_all_docs?include_docs=true")["rows"]
        for row in rows:
            for stub in row["doc"].get("_attachments", {}).values():
                stub.pop("revpos", None)
        return {row["id"]: {key: value for key, value in row["doc"].items() if key != "_rev"} for row in rows}


def quote(document):
    for prefix in ("_design/", "_local/"):
        if document.startswith(prefix):
            return prefix + urllib.parse.quote(document[len(prefix):], safe="")
    return urllib.parse.quote(document, safe="")


class Place:
    """A home with one service over the server, through a proxy that sees each request."""

    def __init__(self):
        self.server = Server()
        self.proxy = Proxy(self.server.number)
        self.home = Home()
        self.home.cli = program("cli/reprise")
        self.number = 0
        self.home.run("service", "add", "couchdb", "Shop", "--no-test", "--set", f"address={self.proxy.address}", "--set",
                      f"account={self.server.account}", "--set", f"databases={PREFIX}*").expect(0)

    def recover(self):
        self.proxy.forget()
        self.server.drop_all()

    def close(self):
        self.home.remove()
        self.proxy.close()
        self.server.close()

    def run(self, *args):
        return self.home.run(*args, "--secret-fd=password={}", secrets=[self.server.password])

    def new(self, n=0):
        """A database with so many documents."""
        self.number += 1
        name = f"{PREFIX}{self.number}"
        self.server.make(name)
        self.server.bulk(name, [{"_id": f"doc-{i:05}", "n": i, "text": "x" * 200} for i in range(n)])
        return name

    def back_up(self):
        return self.run("backup", "Shop", "--json", "--progress=none").expect(0).json["id"]

    def restore(self, backup, database, *args, code=0):
        return self.run("restore", "Shop", backup, "--yes", "--json", "--progress=none", "--to", f"databases={database}",
                        *args).expect(code)

    def assert_restores(self, backup, database, state):
        """Into a scratch database, compared document by document, tree and digests included."""
        scratch = f"{PREFIX}scratch"
        self.restore(backup, database, "--to", f"target={scratch}")
        found = self.server.state(scratch)
        self.server.call("DELETE", scratch)
        assert found.keys() == state.keys(), sorted(found.keys() ^ state.keys())[:5]
        for key, doc in state.items():
            assert found[key] == doc, (key, doc, found[key])


SUITE = Suite("couchdb", Place)


def attachment(text):
    return {"a.txt": {"content_type": "text/plain", "data": base64.b64encode(text.encode()).decode()}}


def change(server, name, day, rng):
    """A day's work: new documents, edits, deletions, conflicts, attachments, design documents."""
    rows = {row["id"]: row["value"]["rev"] for row in server.call("GET", f"{name}/_all_docs")["rows"]}
    docs = [{"_id": f"day-{day}-{i}", "day": day, "é": [1, {"x": None}]} for i in range(5)]
    docs.append({"_id": f"att-{day}", "_attachments": attachment(f"day {day} " * 50)})
    for document in rng.sample(sorted(rows), min(6, len(rows))):
        if document.startswith("_design/"):
            continue
        edit = {"_id": document, "_rev": rows[document], "edited": day}
        if rng.random() < 0.3:
            edit["_deleted"] = True
        docs.append(edit)
    docs.append({"_id": "_design/app", "views": {}, "day": day, **({"_rev": rows["_design/app"]} if "_design/app" in rows else {})})
    server.bulk(name, docs)
    server.bulk(name, [{"_id": f"day-{day}-0", "_rev": f"1-{day:032x}", "conflict": day,
                        "_revisions": {"start": 1, "ids": [f"{day:032x}"]}}], new_edits=False)


@SUITE.test
def baseline_and_days(place):
    """Every point in time can be restored exactly."""
    say(f"# seed {SEED}, {DAYS} days")
    rng, name, points = random.Random(SEED), place.new(300), []
    place.server.call("PUT", f"{name}/_security", {"admins": {"names": ["ada"], "roles": []}, "members": {"names": [], "roles": ["r"]}})
    for day in range(DAYS):
        change(place.server, name, day, rng)
        points.append((place.server.state(name), place.back_up()))
    shown = place.home.run("list", "Shop", "--json").expect(0).json
    assert len(shown) >= DAYS and all(entry["state"] == "verified" for entry in shown), shown
    for state, backup in points:
        place.home.run("verify", "--deep", backup).expect(0)
        place.assert_restores(backup, name, state)
    sizes = [entry["size_bytes"] for entry in shown]
    assert min(sizes) < max(sizes), sizes  # increments are smaller
    place.server.drop_all()


@SUITE.test
def same_database_and_undo(place):
    """Saved versions win in the database itself, and Undo brings back what was there."""
    name = place.new(50)
    backup = place.back_up()
    saved = place.server.live(name)
    rows = {row["id"]: row["value"]["rev"] for row in place.server.call("GET", f"{name}/_all_docs")["rows"]}
    place.server.bulk(name, [{"_id": "doc-00001", "_rev": rows["doc-00001"], "wrong": True},
                             {"_id": "doc-00002", "_rev": rows["doc-00002"], "_deleted": True}, {"_id": "later"}])
    before = place.server.live(name)
    place.proxy.forget()
    place.run("plan", "Shop", backup, "--to", "into=same").expect(0, out="1 new, 1 replaced")
    assert not place.proxy.seen(r"^(PUT|DELETE) |_bulk_docs"), place.proxy.requests
    place.restore(backup, name, "--to", "into=same")
    assert place.server.live(name) == {**saved, "later": {"_id": "later"}}
    place.run("undo", "Shop", "--yes").expect(0)
    assert place.server.live(name) == before
    place.server.drop_all()


@SUITE.test
def cut_connections(place):
    """The connection is cut in the middle of feeds, documents and writes, again and again."""
    name = place.new(800)
    state_of = place.server.state(name)
    for path in ("_changes", "_bulk_get"):
        for after in (400, 3000, 20000):
            place.proxy.at(path, "answer", lambda head: True, after=after, times=2)
    backup = place.back_up()
    place.proxy.forget()
    for path in ("_bulk_docs", "_revs_diff"):
        place.proxy.at(path, "request", lambda head: True, times=1)
        place.proxy.at(path, "body", lambda head: True, after=3000, times=1)
    place.assert_restores(backup, name, state_of)
    place.proxy.forget()
    place.server.drop_all()


@SUITE.test
def killed(place):
    """Killed at any instant: the next backup goes on, and nothing is lost or stored twice."""
    rng, name = random.Random(SEED), place.new(2000)
    state_of = place.server.state(name)
    kills = int(os.environ.get("REPRISE_TEST_KILLS", "8"))
    for _ in range(kills):
        reading, writing = os.pipe()
        os.write(writing, place.server.password.encode())
        os.close(writing)
        process = place.home.start("backup", "Shop", f"--secret-fd=password={reading}", pass_fds=[reading])
        os.close(reading)
        time.sleep(rng.uniform(0.05, 1.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
    backup = place.back_up()
    place.home.run("verify", "--deep", backup).expect(0)
    scratch = f"{PREFIX}scratch"
    place.restore(backup, name, "--to", f"target={scratch}")
    assert place.server.state(scratch) == state_of
    partial = [file for file in place.home.vault_files() if ".partial" in file]
    assert not partial, partial
    place.server.drop_all()


@SUITE.test
def wrong_password(place):
    """One sentence, exit code 4, and no second try."""
    place.proxy.forget()
    place.home.run("backup", "Shop", "--secret-fd=password={}", secrets=["wrong"]).expect(4)
    assert len(place.proxy.seen("POST /_session")) == 1, place.proxy.requests
    found = subprocess.run(["grep", "-rl", place.server.password, place.home.path], capture_output=True, check=False).stdout
    assert not re.sub(rb"\S*secret-test\S*", b"", found), found


if __name__ == "__main__":
    run_suites([SUITE])
