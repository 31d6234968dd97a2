# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way against real servers, where the environment names them:

  REPRISE_MILVUS_BACKUP_URL  the server of Milvus Backup: http://localhost:8080/, with USER:PASSWORD@ and a path where a proxy wants them; with or
                             without /api/v1 at its end
  REPRISE_MILVUS_URL         Milvus itself: http://localhost:19530/, with USER:PASSWORD@ where it asks for a sign-in (root:Milvus)
  REPRISE_S3_URL             the storage of the backups: http://KEY:SECRET@localhost:9000/BUCKET/PATH, or
                             s3://KEY:SECRET@localhost:9000/BUCKET; also file:///FOLDER for backups in a folder

What an address does not say is taken from REPRISE_S3_KEY and REPRISE_S3_SECRET, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or, at last,
minioadmin; from REPRISE_S3_BUCKET or a-bucket; from REPRISE_S3_ROOT or backup; from REPRISE_MILVUS_USER and REPRISE_MILVUS_PASSWORD. What is
special in a name or a password is written %XX. Without REPRISE_S3_URL the backups stay on the service.

The suite makes collections of its own by the REST interface of Milvus, the second one or, before Milvus 2.4, the first; touches no
others; and removes what it made. Before 2.4 nothing but Milvus's own library can load what was restored: REPRISE_MILVUS_PYTHON is a Python that
has pymilvus (else the one of the peers, or that of the system)."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from peer import Suite, say
from reprise_test import Home, program

DIMENSION = 8
BATCH = 200
WAIT = 180  # seconds until Milvus has what it was given
ROWS = {"films": 1000, "notes": 500, "items": 1200}

LOAD = """
import sys
from pymilvus import Collection, connections, db
connections.connect(host=sys.argv[1], port=sys.argv[2], user=sys.argv[5], password=sys.argv[6], secure=sys.argv[7] == "https")
if sys.argv[3] != "default":
    db.using_database(sys.argv[3])
Collection(sys.argv[4]).load(timeout=120)
"""


def unquote(text):
    """Of a part of an address, which may be None."""
    return urllib.parse.unquote(text) if text else None


def find_python():
    """One that can load collections of a Milvus before 2.4."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for python in (os.environ.get("REPRISE_MILVUS_PYTHON"), os.path.join(cache, "reprise-peers/milvus/venv/bin/python"), sys.executable):
        if python and subprocess.run([python, "-W", "ignore", "-c", "import pymilvus"], check=False, capture_output=True).returncode == 0:
            return python
    raise AssertionError("To load what was restored, a Milvus before 2.4 needs pymilvus: name a Python that has it in REPRISE_MILVUS_PYTHON.")


class Milvus:
    """The REST interface of a real Milvus."""

    def __init__(self, address):
        parts = urllib.parse.urlsplit(address)
        self.scheme, self.host, self.port = parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
        self.url = f"{parts.scheme}://{parts.hostname}:{self.port}"
        self.user = unquote(parts.username) or os.environ.get("REPRISE_MILVUS_USER", "")
        self.password = unquote(parts.password) or os.environ.get("REPRISE_MILVUS_PASSWORD", "")
        self.version = 2 if self.has_second() else 1
        self.python = None

    def call(self, path, body=None):
        """What it answers; its refusals raise."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.user:
            headers["Authorization"] = f"Bearer {self.user}:{self.password}"
        request = urllib.request.Request(self.url + path, json.dumps(body).encode() if body is not None else None, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            reply = json.loads(answer.read())
        assert reply.get("code") == (0 if path.startswith("/v2/") else 200), f"{path} {body if len(str(body)) < 500 else ''}: {reply}"
        return reply.get("data")

    def has_second(self):
        """Since Milvus 2.4"""
        try:
            self.call("/v2/vectordb/collections/list", {"dbName": "default"})
            return True
        except urllib.error.HTTPError:
            return False

    def ask(self, what, name, **more):
        """Of one collection: drop, describe, load and so on."""
        database, collection = name.split(".")
        body = {"dbName": database, "collectionName": collection, **more}
        if self.version == 2:
            return self.call(f"/v2/vectordb/collections/{what}", body)
        if what == "describe":
            return self.call(f"/v1/vector/collections/describe?{urllib.parse.urlencode(body)}")
        return self.call(f"/v1/vector/collections/{what}", body)

    def names(self, database):
        """Of the collections of a database."""
        if self.version == 2:
            return self.call("/v2/vectordb/collections/list", {"dbName": database})
        return self.call(f"/v1/vector/collections?dbName={database}")

    def find_database(self):
        """Another one than “default”, if there is one or can be: made by the second interface of late versions only."""
        for make in (False, True):
            try:
                if make and self.version == 2:
                    self.call("/v2/vectordb/databases/create", {"dbName": "shop"})
                self.names("shop")
                return "shop"
            except (urllib.error.HTTPError, AssertionError):
                pass
        return "default"

    def make(self, name, rows):
        """A collection with so many rows, each with a key, a number and a vector that tell which it is."""
        if self.version == 2:
            self.ask("create", name, schema={"autoId": False, "enabledDynamicField": True, "fields": [
                {"fieldName": "id", "dataType": "Int64", "isPrimary": True},
                {"fieldName": "vector", "dataType": "FloatVector", "elementTypeParams": {"dim": str(DIMENSION)}}]},
                     indexParams=[{"fieldName": "vector", "indexName": "vector", "metricType": "L2", "indexType": "AUTOINDEX"}])
        else:
            self.ask("create", name, dimension=DIMENSION, metricType="L2", primaryField="id", vectorField="vector")
        given = not self.gives_keys(name)
        database, collection = name.split(".")
        for begin in range(0, rows, BATCH):
            data = [{**({"id": (1 << 53) + 1 + number} if given else {}), "n": number, "title": f"Row {number} é", "vector": vector(number)}
                    for number in range(begin, min(rows, begin + BATCH))]
            self.call("/v2/vectordb/entities/insert" if self.version == 2 else "/v1/vector/insert",
                      {"dbName": database, "collectionName": collection, "data": data})
        self.load(name)
        deadline = time.monotonic() + WAIT
        while self.count(name) != rows:
            assert time.monotonic() < deadline, f"{name} has {self.count(name)} rows, not {rows}"
            time.sleep(1)

    def gives_keys(self, name):
        """Whether Milvus makes the keys of the rows, as it does where the first interface made the collection: then they need not come back."""
        return bool(next(field for field in self.ask("describe", name)["fields"] if field.get("primaryKey")).get("autoId"))

    def load(self, name):
        """The first interface cannot: then Milvus’s own library does."""
        if self.version == 1:
            if self.ask("describe", name).get("load") == "LoadStateLoaded":
                return
            self.load_old(name)
            return
        self.ask("load", name)
        deadline = time.monotonic() + WAIT
        while self.ask("get_load_state", name)["loadState"] != "LoadStateLoaded":
            assert time.monotonic() < deadline, f"{name} is not loaded"
            time.sleep(0.5)

    def load_old(self, name):
        """With pymilvus"""
        self.python = self.python or find_python()
        subprocess.run([self.python, "-W", "ignore", "-c", LOAD, self.host, str(self.port), *name.split("."), self.user, self.password,
                        self.scheme], check=True, timeout=WAIT)

    def query(self, name, what, **more):
        """Rows by a filter, or by a vector."""
        database, collection = name.split(".")
        path = f"/v2/vectordb/entities/{what}" if self.version == 2 else f"/v1/vector/{what}"
        return self.call(path, {"dbName": database, "collectionName": collection, **more})

    def count(self, name):
        """The rows that are there."""
        more = {} if self.version == 2 else {"limit": 0}
        return int(self.query(name, "query", filter="id > -9223372036854775807", outputFields=["count(*)"], **more)[0]["count(*)"])

    def look(self, name):
        """The number of rows, all of them, some by a filter, and those that are nearest to two vectors."""
        self.load(name)
        rows = self.query(name, "query", filter="id > -9223372036854775807", outputFields=["id", "n", "title"], limit=16384)
        some = self.query(name, "query", filter="n >= 100 && n < 110", outputFields=["n"], limit=100)
        near = []
        for number in (7, 77):
            found = self.query(name, "search", **({"data": [vector(number)]} if self.version == 2 else {"vector": vector(number)}), limit=3,
                               **({"annsField": "vector"} if self.version == 2 else {}), outputFields=["n"])
            near.append(sorted(int(row["n"]) for row in found))
        assert 7 in near[0] and 77 in near[1], near
        keys = not self.gives_keys(name)
        return (self.count(name), sorted((int(row["n"]), row["title"], str(row["id"]) if keys else "") for row in rows),
                sorted(int(row["n"]) for row in some), near)

    def drop(self, name):
        """If it is there."""
        database, collection = name.split(".")
        if collection in self.names(database):
            self.ask("drop", name)


def vector(number):
    """One that no other number has."""
    return [round(((number * (place * 2 + 3)) % 997) / 997 + number / 1e4, 6) for place in range(DIMENSION)]


class Storage:
    """What REPRISE_S3_URL and its neighbours say, as settings of a service."""

    def __init__(self, address):
        parts = urllib.parse.urlsplit(address)
        get = os.environ.get
        self.secret, self.settings = None, {}
        if parts.scheme == "file":
            self.settings = {"storage": "folder", "path": urllib.parse.unquote(parts.path)}
            return
        bucket, _, root = urllib.parse.unquote(parts.path).strip("/").partition("/")
        scheme = "https" if parts.scheme == "https" else "http"
        port = f":{parts.port}" if parts.port else ""
        self.secret = unquote(parts.password) or get("REPRISE_S3_SECRET") or get("AWS_SECRET_ACCESS_KEY") or "minioadmin"
        self.settings = {"storage": "s3", "storage-address": f"{scheme}://{parts.hostname}{port}/",
                         "account": unquote(parts.username) or get("REPRISE_S3_KEY") or get("AWS_ACCESS_KEY_ID") or "minioadmin",
                         "bucket": bucket or get("REPRISE_S3_BUCKET") or "a-bucket", "root-path": root or get("REPRISE_S3_ROOT") or "backup"}
        region = dict(urllib.parse.parse_qsl(parts.query)).get("region") or get("AWS_REGION")
        if region:
            self.settings["region"] = region


class Real:
    """The servers that the environment names, a service for them in a home of its own, and three collections."""

    def __init__(self):
        self.milvus = Milvus(os.environ["REPRISE_MILVUS_URL"])
        self.prepare()
        storage = os.environ.get("REPRISE_S3_URL")
        self.storage = Storage(storage) if storage else None
        self.home = Home()
        self.home.cli = program("cli/reprise")
        self.secrets, settings = {}, {"milvus-address": self.milvus.url + "/"}
        parts = urllib.parse.urlsplit(os.environ["REPRISE_MILVUS_BACKUP_URL"])
        path = parts.path.rstrip("/").removesuffix("/api/v1").strip("/")
        settings["address"] = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}/"
        if path:
            settings["path-prefix"] = "/" + path
        if parts.username:
            settings.update({"sign-in": "basic", "user": unquote(parts.username)})
            self.secrets["password"] = unquote(parts.password) or ""
        if self.milvus.user:
            settings["milvus-user"] = self.milvus.user
            self.secrets["milvus-password"] = self.milvus.password
        if self.storage:
            settings.update(self.storage.settings)
        if self.storage and self.storage.secret:
            self.secrets["access-key"] = self.storage.secret
        self.stamp = f"reprise{int(time.time())}"
        self.other = self.milvus.find_database()
        settings["databases"] = " ".join(dict.fromkeys(["default", self.other]))
        self.names = [f"default.{self.stamp}_films", f"default.{self.stamp}_notes", f"{self.other}.{self.stamp}_items"]
        self.made = list(self.names)
        added = self.run("service", "add", "milvus", "Vectors", "--no-test", *[word for key, value in settings.items() for word in ("--set", f"{key}={value}")])
        assert added.code in (0, 3), added
        try:
            for name in self.names:
                self.milvus.make(name, ROWS[name.rsplit("_", 1)[-1]])
        except BaseException:
            self.close()
            raise
        say(f"# Milvus’s REST interface {self.milvus.version}; {', '.join(self.names)}; "
            + (f"storage {self.storage.settings['storage']}" if self.storage else "no storage"))

    def prepare(self):
        """Said before anything is dropped."""
        if self.milvus.version == 1:
            self.milvus.python = find_python()

    def run(self, *args):
        """The command, with the secrets where it takes them."""
        if args[:2] == ("service", "edit") or args[0] in ("verify", "inspect"):
            return self.home.run(*args)
        return self.home.run(*args, *[f"--secret-fd={key}={{}}" for key in self.secrets], secrets=list(self.secrets.values()))

    def do(self, *args, out=None):
        """Well, though it may warn."""
        result = self.run(*args)
        if result.code == 3:
            say("# " + result.err.strip().replace("\n", "\n# "))
        return result.expect(3 if result.code == 3 else 0, out=out)

    def backups(self):
        """Those of this run: by their name, or because the vault of this home has them too, as it has the safety copies."""
        listed = self.do("list", "Vectors", "--json").json
        return [each for each in listed if str(each.get("own_name", "")).startswith(f"{self.stamp}_") or each["in_vault"]]

    def close(self):
        """What was made goes; the servers are somebody else's."""
        for name in self.made:
            try:
                self.milvus.drop(name)
            except (OSError, AssertionError) as error:
                say(f"# {name} could not be dropped: {error}")
        try:
            for each in self.backups():
                if each["on_service"]:
                    self.run("delete", each["id"], "--where", "service", "--yes")
        except (AssertionError, ValueError) as error:
            say(f"# backups of this run could not be deleted: {error}")
        self.home.remove()

    def recover(self):
        """Nothing: what is there is the next test's."""


def shown(place, names):
    """As the command writes them."""
    return " ".join(name.removeprefix("default.") for name in names)


def the_whole_way(place):
    """Three collections: backed up, looked into, dropped, restored, beside, in place and undone; counts and queries are equal."""
    milvus, names = place.milvus, place.names
    before = {name: milvus.look(name) for name in names}
    assert [before[name][0] for name in names] == list(ROWS.values()), {name: each[0] for name, each in before.items()}
    place.do("service", "test", "Vectors")
    place.do("service", "edit", "Vectors", "--set", f"collections={shown(place, names)}", "--set", f"backup-name={place.stamp}")
    groups = str(place.do("groups", "Vectors", "--json").json)
    assert all(str(rows) in groups for rows in ROWS.values()), groups

    made = place.do("backup", "Vectors", "--json", *([] if place.storage else ["--on-service"])).json["id"]
    found = str(place.do("show", made, "--json").json)
    assert all(name.split(".")[1] in found for name in names), found
    if place.storage:
        place.do("verify", "--deep", made)
        assert all(str(rows) in found for rows in ROWS.values()), found
    assert [each for each in place.backups() if each["on_service"]], place.backups()

    for name in names:
        milvus.ask("drop", name)
    assert not set(names) & {f"{name.split('.')[0]}.{each}" for name in names for each in milvus.names(name.split(".")[0])}
    restored(place, place.do("restore", "Vectors", made, "--yes", out="3 collections restored"))
    for name in names:
        assert milvus.look(name) == before[name], name

    place.made += [name + "_again" for name in names]
    restored(place, place.do("restore", "Vectors", made, "--to", "suffix=_again", "--yes", out="3 collections restored"))
    for name in names:
        assert milvus.look(name + "_again") == before[name], name
        milvus.ask("drop", name + "_again")

    refused = place.run("restore", "Vectors", made, "--yes")
    refused.fails(5, "exist already")
    place.do("restore", "Vectors", made, "--to", f"collections={shown(place, names[1:2])}", "--to", "existing=replace", "--yes",
             out="1 collection restored")
    for name in names:
        assert milvus.look(name) == before[name], name
    place.do("undo", "Vectors", "--yes")
    assert milvus.look(names[1]) == before[names[1]]


def restored(place, result):
    """Where the program can load, it has counted, and says so; else it says that it has not."""
    if place.milvus.version == 2:
        assert "3 counted" in result.out, result
    else:
        assert "not reported" in result.out and "equal" not in result.out, result


def out_of_the_vault(place):
    """Deleted on the service, a backup comes back out of the vault: uploaded, restored under other names, and equal."""
    if not place.storage:
        return
    milvus, name = place.milvus, place.names[0]
    before = milvus.look(name)
    made = place.do("backup", "Vectors", "--json").json["id"]
    place.do("delete", made, "--where", "service", "--yes")
    assert not [each for each in place.backups() if each["id"] == made and each["on_service"]]
    target = f"{name.split('.')[0]}.{place.stamp}_back"
    place.made.append(target)
    place.do("restore", "Vectors", made, "--to", f"collections={shown(place, [name])}", "--to", f"rename={shown(place, [name])}:{shown(place, [target])}",
             "--yes", out="1 collection restored")
    assert milvus.look(target) == before


def make_suite(name, place):
    """Against the servers of a place."""
    suite = Suite(name, place)
    suite.test(the_whole_way)
    suite.test(out_of_the_vault)
    return suite
