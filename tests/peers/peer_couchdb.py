# SPDX-License-Identifier: GPL-3.0-or-later
"""What the suites over CouchDB share: the server's own API, a home with a service over it, and what a day's work there looks like."""

import base64
import datetime
import glob
import json
import os
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from peer import Proxy, free_port
from reprise_test import Home, program

PEER = os.environ.get("REPRISE_PEER")
PREFIX = "reprise-test-"
SEED = int(os.environ.get("REPRISE_TEST_SEED", "20261121"))
SLICE = 500
FAKE_TIME = sorted(glob.glob("/usr/lib/*/faketime/libfaketime.so.1"))


class Server:
    """The server's own API, as an administrator. Where no URL is given, pouchdb-server is started, and ended by close()."""

    def __init__(self, url=None):
        self.port = None
        if url is None:
            self.port = free_port()
            env = {**os.environ, "REPRISE_PEER_COMPAT": "1"}
            done = subprocess.run([os.path.join(PEER, "up"), str(self.port), "admin", "secret"], env=env, check=False,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            assert done.returncode == 0, f"the server did not start: {done.stderr}"
            url = done.stdout.strip().splitlines()[-1]
        parts = urllib.parse.urlsplit(url)
        self.account, self.password = urllib.parse.unquote(parts.username or ""), urllib.parse.unquote(parts.password or "")
        self.host, self.number = parts.hostname, parts.port
        self.headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self.account:
            pair = base64.b64encode(f"{self.account}:{self.password}".encode()).decode()
            self.headers["Authorization"] = f"Basic {pair}"
        # what pouchdb-server cannot do: it has no local documents to list, keeps numbers as doubles, and knows no purges
        self.is_couchdb = "git_sha" in self.call("GET", "")
        self.drop_all()

    def close(self):
        self.drop_all()
        if self.port is not None:
            subprocess.run([os.path.join(PEER, "down"), str(self.port), "--wipe"], check=False, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def call(self, method, path, body=None):
        """One request; the parsed answer, in which a number with a point stays what it was."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://{self.host}:{self.number}/{path}", data, self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.loads(answer.read() or b"null", parse_float=lambda text: ("float", text))
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:300]}") from error

    def databases(self):
        return [name for name in self.call("GET", "_all_dbs") if name.startswith(PREFIX)]

    def drop(self, name):
        self.call("DELETE", quote(name))

    def drop_all(self):
        for name in self.databases():
            self.drop(name)

    def make(self, name):
        self.call("PUT", quote(name))

    def bulk(self, name, docs, **options):
        rows = self.call("POST", f"{quote(name)}/_bulk_docs", {"docs": docs, **options})
        assert not [row for row in rows if "error" in row], rows
        return rows

    def winners(self, name):
        """The current revision of each live document."""
        return {row["id"]: row["value"]["rev"] for row in self.call("GET", f"{quote(name)}/_all_docs")["rows"]}

    def read(self, name, wanted):
        """Revisions with their ancestors, by (id, rev); of attachments digest and length."""
        found = {}
        for at in range(0, len(wanted), SLICE):
            docs = [{"id": document, "rev": rev} for document, rev in wanted[at:at + SLICE]]
            for result in self.call("POST", f"{quote(name)}/_bulk_get?revs=true", {"docs": docs})["results"]:
                for part in result["docs"]:
                    doc = part["ok"]
                    if not self.is_couchdb:  # it counts an attachment's generation anew
                        for stub in doc.get("_attachments", {}).values():
                            stub.pop("revpos", None)
                    found[doc["_id"], doc["_rev"]] = doc
        return found

    def state(self, name):
        """Every leaf of every document, and who may use the database."""
        feed = self.call("GET", f"{quote(name)}/_changes?style=all_docs")
        wanted = [(row["id"], change["rev"]) for row in feed["results"] for change in row["changes"]]
        leaves = self.read(name, wanted)
        assert set(leaves) == set(wanted), sorted(set(wanted) ^ set(leaves))[:5]
        return {**leaves, "_security": self.call("GET", f"{quote(name)}/_security")}

    def live(self, name):
        """What people see: live documents, without their revisions."""
        found = {}
        for (document, _), doc in self.read(name, list(self.winners(name).items())).items():
            for stub in doc.get("_attachments", {}).values():
                stub.pop("revpos", None)
            found[document] = {key: value for key, value in doc.items() if key not in ("_rev", "_revisions")}
        return found


def quote(name):
    """Of a database or a document, for a path."""
    for prefix in ("_design/", "_local/"):
        if name.startswith(prefix):
            return prefix + urllib.parse.quote(name[len(prefix):], safe="")
    return urllib.parse.quote(name, safe="")


class Place:
    """A home with the service “Shop” over all databases of the tests, through a proxy that sees each request."""

    def __init__(self, url=os.environ.get("REPRISE_COUCHDB_URL")):
        self.server = Server(url)
        self.proxy = Proxy(self.server.number)
        self.home = Home()
        self.home.cli = program("cli/reprise")
        self.number = 0
        self.now = None
        self.add("Shop", f"{PREFIX}*")

    def add(self, name, databases, *settings, proxy=None, server=None):
        """A service. @settings: as KEY=VALUE"""
        account = (server or self.server).account
        args = ["--no-test", "--set", f"address={(proxy or self.proxy).address}", "--set", f"databases={databases}", "--set",
                f"account={account}" if account else "sign-in=none"]
        for setting in settings:
            args += ["--set", setting]
        self.home.run("service", "add", "couchdb", name, *args).expect(3 if account else 0)

    def recover(self):
        self.now = None
        self.proxy.forget()
        self.server.drop_all()

    def close(self):
        self.home.remove()
        self.proxy.close()
        self.server.close()

    @property
    def clock(self):
        """What makes a program believe that it is another time."""
        if self.now is None:
            return {}
        return {"LD_PRELOAD": FAKE_TIME[0], "FAKETIME": self.now.strftime("@%Y-%m-%d %H:%M:%S"), "DONT_FAKE_MONOTONIC": "1",
                "NO_FAKE_STAT": "1"}

    def go_to(self, day):
        """It is one o'clock in the night of that day of the simulation from now on."""
        assert FAKE_TIME, "libfaketime is missing"
        self.now = datetime.datetime(2026, 1, 1, 1) + datetime.timedelta(days=day)

    def run(self, *args):
        return self.home.run(*args, "--secret-fd=password={}", secrets=[self.server.password or "-"], env=self.clock)

    def start(self, *args):
        """As run(), but left running."""
        reading, writing = os.pipe()
        os.write(writing, (self.server.password or "-").encode())
        os.close(writing)
        before = dict(self.home.env)
        self.home.env.update(self.clock)
        try:
            return self.home.start(*args, f"--secret-fd=password={reading}", pass_fds=[reading])
        finally:
            self.home.env = before
            os.close(reading)

    def kill(self, after, *args):
        """As run(), but killed after so many seconds. Whether it was still running."""
        process = self.start(*args)
        time.sleep(after)
        alive = process.poll() is None
        process.kill()
        process.communicate()
        self.home.processes.remove(process)
        return alive

    def new(self, n=0):
        """A database with so many documents."""
        self.number += 1
        name = f"{PREFIX}{self.number}"
        self.server.make(name)
        self.server.bulk(name, [{"_id": f"doc-{i:05}", "n": i, "text": "x" * 200} for i in range(n)])
        return name

    def back_up(self, service="Shop"):
        return self.run("backup", service, "--json", "--progress=none").expect(0).json["id"]

    def list(self, service="Shop"):
        return self.home.run("list", service, "--json").expect(0).json

    def restore(self, backup, database, *args, code=0, service="Shop"):
        return self.run("restore", service, backup, "--yes", "--json", "--progress=none", "--to", f"databases={database}",
                        *args).expect(code)

    def assert_restores(self, backup, database, state, *args, service="Shop"):
        """Into a scratch database, compared document by document, tree and digests included."""
        scratch = f"{PREFIX}scratch"
        self.restore(backup, database, "--to", f"target={scratch}", *args, service=service)
        found = self.server.state(scratch)
        self.server.drop(scratch)
        assert_same(state, found)


def assert_same(state, found):
    """Two states of a database"""
    assert found.keys() == state.keys(), (sorted(map(str, found.keys() - state.keys()))[:5], sorted(map(str, state.keys() - found.keys()))[:5])
    for key, doc in state.items():
        assert found[key] == doc, (key, doc, found[key])


def attach(data, kind="text/plain"):
    """An attachment, as it is written."""
    return {"content_type": kind, "data": base64.b64encode(data).decode()}


class Work:
    """What people do in a database, day by day, by a seed."""

    def __init__(self, server, name, rng, numbers=(9007199254740993, 1.0)):
        self.server, self.name, self.rng, self.numbers = server, name, rng, numbers
        self.deleted = set()

    def begin(self, n):
        """What is there before the first day."""
        self.server.make(self.name)
        self.server.bulk(self.name, [{"_id": f"doc-{i:05}", "n": i, "text": "x" * 200} for i in range(n)])
        self.server.call("PUT", f"{quote(self.name)}/_security",
                         {"admins": {"names": ["ada"], "roles": []}, "members": {"names": [], "roles": ["readers"]}})

    def do(self, day):
        """A day of it."""
        self._add(day)
        self._edit(day)
        self._attach(day)
        self._design(day)
        self._conflict(day)
        if day % 7 == 3:
            self.server.call("PUT", f"{quote(self.name)}/_security",
                             {"admins": {"names": ["ada", f"day-{day}"], "roles": []}, "members": {"names": [], "roles": []}})
        if day % 11 == 5:
            self._revive(day)

    def _add(self, day):
        docs = [{"_id": f"day-{day}-{i}", "day": day, "é": [1, {"x": None}], "numbers": self.numbers} for i in range(5)]
        docs.append({"_id": f"odd/{day}+ü \"%2F\u2028", "nested": {"a": [[[{}]], [], ""]}, "control": "\x01\t\n\u2029"})
        self.server.bulk(self.name, docs)

    def _edit(self, day):
        winners = self.server.winners(self.name)
        docs = []
        for document in self.rng.sample(sorted(winners), min(8, len(winners))):
            if document.startswith("_design/"):
                continue
            edit = {"_id": document, "_rev": winners[document], "edited": day}
            if self.rng.random() < 0.3:
                edit["_deleted"] = True
            docs.append(edit)
        self.server.bulk(self.name, docs)
        self.deleted |= {doc["_id"] for doc in docs if "_deleted" in doc}

    def _attach(self, day):
        """Text is stored compressed by the server, other things are not. Each is kept for a day, and changed on the next."""
        random = self.rng.randbytes(1000 + 7000 * (day % 3))
        files = {"a.txt": attach(f"day {day} ".encode() * 500), "b.bin": attach(random, "application/octet-stream"),
                 "ü %/+.json": attach(b'{"day": %d}' % day, "application/json"), "empty": attach(b"", "image/png")}
        docs = [{"_id": f"att-{day}", "_attachments": files}]
        document = f"att-{max(day - 2, 0)}"
        winners = self.server.winners(self.name)
        if document in winners:  # one is kept, one is new, the others go
            there = self.server.call("GET", f"{quote(self.name)}/{document}").get("_attachments", {})
            docs.append({"_id": document, "_rev": winners[document],
                         "_attachments": {**dict(sorted(there.items())[:1]), "new.txt": files["a.txt"]}})
        self.server.bulk(self.name, docs)

    def _design(self, day):
        winners = self.server.winners(self.name)
        docs = [{"_id": "_design/app", "views": {}, "day": day}, {"_id": f"_design/day-{day % 4}", "language": "javascript", "day": day}]
        for doc in docs:
            if doc["_id"] in winners:
                doc["_rev"] = winners[doc["_id"]]
        if day % 5 == 4:
            docs[1]["_deleted"] = True
        self.server.bulk(self.name, docs)

    def _conflict(self, day):
        """Written elsewhere, and replicated to here: each day one more, one with an attachment; now and then one is resolved."""
        name = f"{day:032x}"
        docs = [{"_id": f"day-{day}-0", "_rev": f"1-{name}", "conflict": day, "_revisions": {"start": 1, "ids": [name]}},
                {"_id": f"att-{day}", "_rev": f"{day % 2 + 1}-{name}", "_revisions": {"start": day % 2 + 1, "ids": [name, "b" * 32][:day % 2 + 1]},
                 "_attachments": {"c.txt": attach(f"conflict {day}".encode() * 100)}}]
        self.server.bulk(self.name, docs, new_edits=False)
        if day % 3 == 2:
            self.server.bulk(self.name, [{"_id": f"day-{day - 1}-0", "_rev": f"1-{day - 1:032x}", "_deleted": True}])

    def _revive(self, day):
        gone = sorted(self.deleted - self.server.winners(self.name).keys())[:2]
        self.server.bulk(self.name, [{"_id": document, "revived": day} for document in gone])


__all__ = ["PEER", "PREFIX", "SEED", "Place", "Server", "Work", "assert_same", "attach", "quote"]
