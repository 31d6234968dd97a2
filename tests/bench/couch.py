# SPDX-License-Identifier: GPL-3.0-or-later
"""What ./dev bench measures over CouchDB, beside couchbackup and couchrestore on the same server. The server is the one of
REPRISE_COUCHDB_URL=http://NAME:PASSWORD@HOST:PORT (only databases whose names begin with “reprise-bench-” are touched), else pouchdb-server
from ../shared/peers with the shim that mends what it lacks. REPRISE_BENCH_DOCUMENTS=N takes N documents in place of 100,000, and ten times
as many where there would be a million.
"""
import base64
import contextlib
import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import time
import urllib.parse

DOCUMENTS = int(os.environ.get("REPRISE_BENCH_DOCUMENTS", "100000"))
MANY = 10 * DOCUMENTS
WORDS = "invoice customer Montréal delivered pending warehouse quantity Chloé of the order with north payment refund street".split()
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PEER = os.path.join(os.environ.get("REPRISE_SHARED", os.path.join(TOP, "..", "shared")), "peers", "couchdb")


class Server:
    """One CouchDB, ours for as long as the part runs or the one that is given."""

    def __init__(self):
        url, self.port = os.environ.get("REPRISE_COUCHDB_URL"), None
        if url is None:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            done = subprocess.run([os.path.join(PEER, "up"), str(self.port)], env={**os.environ, "REPRISE_PEER_COMPAT": "1"}, check=True,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            url = done.stdout.strip().splitlines()[-1]
        self.url = url.rstrip("/")
        parts = urllib.parse.urlsplit(url)
        self.account, self.password = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password)
        self.address = f"{parts.scheme}://{parts.hostname}:{parts.port}/"
        self.host = f"{parts.hostname}:{parts.port}"
        self.secure = parts.scheme == "https"
        about = self.call("GET", "")
        self.name = f"CouchDB {about['version']}" if "couchdb" in about and "express-pouchdb" not in about else "pouchdb-server with its shim"

    def call(self, method, path, body=None, content_type="application/json"):
        connection = (http.client.HTTPSConnection if self.secure else http.client.HTTPConnection)(self.host, timeout=3600)
        pair = base64.b64encode(f"{self.account}:{self.password}".encode()).decode()
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, "/" + path, data, {"Authorization": "Basic " + pair, "Accept": "application/json", "Content-Type": content_type})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 400:
            raise ValueError(f"{method} {path}: {answer.status} {text[:200]}")
        return json.loads(text)

    def drop(self, name):
        with contextlib.suppress(ValueError):
            self.call("DELETE", name)

    def make(self, name):
        self.drop(name)
        self.call("PUT", name)

    def rest(self):
        """Until it builds no index and compacts nothing: it does both by itself after many writes, for as long as a run takes."""
        quiet = 0
        while quiet < 3:
            tasks = [] if self.port is not None else self.call("GET", "_active_tasks")
            quiet = 0 if any(task["type"] != "replication" for task in tasks) else quiet + 1
            time.sleep(0.5)

    def close(self):
        for name in self.call("GET", "_all_dbs"):
            if name.startswith("reprise-bench-"):
                self.drop(name)
        if self.port is not None:
            subprocess.run([os.path.join(PEER, "down"), str(self.port), "--wipe"], check=False, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_document(rng, number):
    """1.1 kB as an application keeps it, with its revisions."""
    lines = [{"sku": f"{rng.getrandbits(32):08x}", "n": rng.randrange(1, 99), "text": " ".join(rng.choices(WORDS, k=3))} for _ in range(13)]
    return {"_id": f"order:{(number * 0x9e3779b97f4a7c15) & (2**64 - 1):016x}", "n": number, "large": 9007199254740993 + number,
            "total": round(rng.random() * 9999, 2), "at": f"2026-11-21T10:{rng.randrange(60):02d}:17.{rng.randrange(1000):03d}Z", "lines": lines}


def fill(server, name, count):
    """The test set: with conflicts, deletions, documents with several edits, attachments, design documents."""
    rng, revs, ids = random.Random(1), {}, []

    def put(docs, **options):
        for first in range(0, len(docs), 1000):
            for row in server.call("POST", f"{name}/_bulk_docs", {"docs": docs[first:first + 1000], **options}):
                revs[row["id"]] = row.get("rev")

    server.make(name)
    for first in range(0, count, 10000):
        docs = [make_document(rng, number) for number in range(first, min(first + 10000, count))]
        for number, doc in enumerate(docs[:count // 500] if first == 0 else []):
            data = rng.randbytes(rng.randrange(3900, 65536))
            data = data.hex().encode()[:len(data)] if number % 2 else data
            doc["_attachments"] = {"file": {"content_type": "text/plain" if number % 2 else "image/png", "data": base64.b64encode(data).decode()}}
        ids += [doc["_id"] for doc in docs]
        put(docs)
    put([{"_id": one, "_rev": revs[one], "_deleted": True, **({"why": "closed"} if number % 20 == 0 else {})}
         for number, one in enumerate(ids[count // 500:count // 500 + count // 50])])
    for edit in range(3):
        put([{**make_document(rng, edit), "_id": one, "_rev": revs[one]} for one in ids[-(count // 333):]])
    put([{**make_document(rng, 0), "_id": one, "_rev": f"1-{rng.getrandbits(128):032x}"} for one in ids[count // 2:count // 2 + count // 200]], new_edits=False)
    put([{"_id": f"_design/d{number}", "views": {"v": {"map": "function (d) { emit(d.n) }"}}} for number in range(3)])


def change(server, name, count):
    """So many edits."""
    rows = server.call("GET", f"{name}/_all_docs?include_docs=true&limit={count}&startkey=%22order%22")["rows"]
    server.call("POST", f"{name}/_bulk_docs", {"docs": [{**row["doc"], "edited": time.time()} for row in rows]})


class Run:
    """What a command took: seconds, seconds of the processor, MiB at most. By a small program between, for a child of this one begins with
    the memory of this one."""

    def __init__(self, tools, command, environment, secret=None, stdin=None, stdout=subprocess.DEVNULL):
        given, result = [], tools.work + "/time"
        if secret is not None:
            reading, writing = os.pipe()
            os.write(writing, secret.encode())
            os.close(writing)
            given, command = [reading], [*command, f"--secret-fd=password={reading}"]
        started = time.monotonic()
        subprocess.run(["/usr/bin/time", "-o", result, "-f", "%U %S %M", *command], env=environment, stdin=stdin or subprocess.DEVNULL, stdout=stdout,
                       stderr=subprocess.DEVNULL, pass_fds=given, check=True)
        self.wall = time.monotonic() - started
        for one in given:
            os.close(one)
        with open(result, encoding="utf-8") as file:
            user, system, kib = file.read().split()
        self.cpu, self.mib = float(user) + float(system), int(kib) / 1024


class Bench:
    def __init__(self, tools, server, programs):
        self.tools, self.server, self.programs = tools, server, programs
        self.home, self.number = None, 0

    def new_home(self, databases):
        """A service without a backup."""
        if self.home is not None:
            shutil.rmtree(self.home)
        self.number += 1
        self.home = f"{self.tools.work}/couch-{self.number}"
        self.environment = dict(self.tools.environment, HOME=self.home, **{f"XDG_{kind.upper()}_HOME": f"{self.home}/{kind}" for kind in ("config", "data", "state", "cache")},
                                XDG_RUNTIME_DIR=self.home + "/run")
        os.makedirs(self.home + "/run", mode=0o700)
        Run(self.tools, [self.tools.reprise, "service", "add", "couchdb", "Bench", "--no-test", "--set", f"address={self.server.address}", "--set",
             f"account={self.server.account}", "--set", f"databases={databases}"], self.environment, self.server.password)

    def back_up(self):
        return Run(self.tools, [self.tools.reprise, "backup", "Bench", "--progress", "none"], self.environment, self.server.password)

    def list(self):
        out = subprocess.run([self.tools.reprise, "list", "Bench", "--json"], check=True, capture_output=True, text=True, env=self.environment).stdout
        return json.loads(out)

    def restore(self, database, target):
        self.server.drop(target)
        run = Run(self.tools, [self.tools.reprise, "restore", "Bench", self.list()[0]["id"], "--yes", "--progress", "none", "--to", f"databases={database}", "--to",
                   f"target={target}"], self.environment, self.server.password)
        self.server.drop(target)
        return run

    def theirs(self, program, *arguments, **more):
        return Run(self.tools, [self.programs[program], "--url", self.server.url, "--attachments", "--quiet", *arguments],
                   dict(os.environ, TMPDIR=self.tools.work), **more)

    def beside(self, what, ours, theirs, wall, note):
        """Of the same pairs of runs: time, time of the processor, memory."""
        runs = []

        def keep(run):
            runs.append(run)
            return run.wall

        pairs = self.tools.paired(lambda: keep(ours()), lambda: keep(theirs()), 3)
        mine, others = [], []
        for i in range(len(pairs)):
            first, second = runs[2 * i:2 * i + 2]
            mine.append(first if i % 2 == 0 else second)
            others.append(second if i % 2 == 0 else first)
        self.tools.row(what, pairs, wall, f"{note}, {self.server.name}")
        self.tools.row("  time of the processor", [(a.cpu, b.cpu) for a, b in zip(mine, others)], 0.5, note)
        self.tools.limit("  memory", max(run.mib for run in mine), 64, "MiB", f"{note}: {max(run.mib for run in others):.0f} MiB")

    def whole(self):
        name, target = "reprise-bench-set", "reprise-bench-target"
        file = self.tools.work + "/couchbackup.out"
        fill(self.server, name, DOCUMENTS)
        self.server.rest()

        def back_up():
            self.new_home(name)
            return self.back_up()

        def couchbackup():
            with open(file, "wb") as out:
                return self.theirs("couchbackup", "--db", name, "--log", f"{self.tools.work}/couchbackup-{time.monotonic_ns()}.log", stdout=out)

        def couchrestore():
            self.server.make(target)
            with open(file, "rb") as saved:
                run = self.theirs("couchrestore", "--db", target, stdin=saved)
            self.server.drop(target)
            return run

        self.beside(f"baseline of {DOCUMENTS:,} documents, verified", back_up, couchbackup, 0.9, "beside couchbackup")
        self.beside("restore into a new database, compared", lambda: self.restore(name, target), couchrestore, 0.85, "beside couchrestore")
        self.server.drop(name)
        os.remove(file)

    def many(self):
        name, target = "reprise-bench-many", "reprise-bench-target"
        rng = random.Random(2)
        self.server.make(name)
        for first in range(0, MANY, 2000):
            self.server.call("POST", f"{name}/_bulk_docs", {"docs": [make_document(rng, number) for number in range(first, min(first + 2000, MANY))]})
        self.new_home(name)
        self.server.rest()
        self.tools.limit(f"memory, {MANY:,} documents: backup", self.back_up().mib, 64, "MiB", self.server.name)
        seconds = []
        for _ in range(3):
            change(self.server, name, 100)
            seconds.append(self.back_up().wall)
        newest = self.list()[0]
        self.tools.limit(f"increment of 100 changes in {MANY:,} documents", min(seconds), 1, "s", f"longest {max(seconds):.2f} s, {self.server.name}")
        self.tools.limit("  stored", newest["size_bytes"] / 1000, 100, "kB")
        self.tools.limit(f"memory, {MANY:,} documents: restore", self.restore(name, target).mib, 64, "MiB", self.server.name)
        self.server.drop(name)

    def large(self):
        name, target = "reprise-bench-large", "reprise-bench-target"
        self.server.make(name)
        rev = self.server.call("PUT", f"{name}/one", {"n": 1})["rev"]
        rev = self.server.call("PUT", f"{name}/one/noise?rev={rev}", os.urandom(64 << 20), "application/octet-stream")["rev"]
        self.server.call("PUT", f"{name}/one/text?rev={rev}", b"so it goes on\n" * (1 << 20), "text/plain")
        before = self.server.call("GET", f"{name}/one")["_attachments"]
        self.new_home(name)
        self.tools.limit("memory, a document with 64 MiB attached: backup", self.back_up().mib, 64, "MiB", self.server.name)
        self.tools.limit("memory, a document with 64 MiB attached: restore", self.restore(name, target).mib, 64, "MiB", f"{len(before)} attachments")
        self.server.drop(name)


def store(tools):
    """Without a server: what one core takes in, and the history of one document."""
    tools.bench_program("bench-couch")
    folder = tools.work + "/couch-store"
    os.mkdir(folder)
    out = subprocess.run([tools.build + "/tests/bench/bench-couch", folder, str(MANY)], check=True, capture_output=True, text=True).stdout
    shutil.rmtree(folder)
    rate, size, kib = map(float, re.search(r"^store (\S+) \S+ (\d+) (\d+)$", out, re.M).groups())
    history = [float(ms) for ms in re.findall(r"^history \d+ (\S+)$", out, re.M)]
    tools.limit("canned documents of 1.1 kB: hashed, packed, stored", rate / 1000, 60, "thousand a second of one core",
                f"{MANY:,} of them, {size / MANY:.0f} bytes each", least=True)
    tools.limit(f"  memory, {MANY:,} documents", kib / 1024, 64, "MiB")
    tools.limit(f"history of one document among {10 * MANY:,} revisions", max(history), 50, "ms", f"the longest of {len(history)}")


def find_programs():
    """couchbackup and couchrestore, or none."""
    folder = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "reprise-peers", "couchdb", "bin")
    found = {name: shutil.which(name, path=folder + os.pathsep + os.environ.get("PATH", "")) for name in ("couchbackup", "couchrestore")}
    return found if all(found.values()) else None


def run(tools):
    store(tools)
    if "REPRISE_COUCHDB_URL" not in os.environ and not os.path.exists(PEER + "/up"):
        tools.say("couch: left out: what needs a server (no REPRISE_COUCHDB_URL, no ../shared/peers/couchdb)")
        return
    server = Server()
    try:
        programs = find_programs()
        bench = Bench(tools, server, programs)
        if programs is None:
            tools.say("couch: left out: what is measured beside couchbackup, which is not here")
        else:
            bench.whole()
        bench.large()
        bench.many()
    finally:
        server.close()
