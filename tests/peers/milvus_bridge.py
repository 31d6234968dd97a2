# SPDX-License-Identifier: GPL-3.0-or-later
"""The command against a real Milvus, by its own REST interface, and a real S3 server, with a stand-in of the backup server before them.

Milvus Backup itself does not install by name. What it would do to Milvus and to the storage is done here, when the stand-in says that it is
done: a backup lays one into the bucket, a restore makes collections of that many rows. All that our side asks is asked of the real ones."""

import http.server
import json
import os
import shutil
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

import reprise_milvus
from milvus_storage import same
from peer import Suite
from reprise_test import Home, program

PEER = os.environ.get("REPRISE_PEER", "")
PORT = int(os.environ.get("REPRISE_MILVUS_PORT", "26500")) + 50
S3, MILVUS = PORT, PORT + 1
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "reprise-peers", "milvus")
ROWS = 2000

# What our side must not need, for the interface cannot load before 2.4: Milvus's own library.
HANDS = """
import json, sys
from pymilvus import Collection, CollectionSchema, DataType, FieldSchema, connections, db, utility
connections.connect(host="127.0.0.1", port=sys.argv[1])
for line in sys.stdin:
    order = json.loads(line)
    database, name = order["name"].split(".")
    if database not in db.list_database():
        db.create_database(database)
    db.using_database(database)
    if order["do"] in ("make", "drop") and utility.has_collection(name):
        utility.drop_collection(name)
    if order["do"] == "make":
        made = Collection(name, CollectionSchema([FieldSchema("id", DataType.INT64, is_primary=True),
                                                  FieldSchema("vec", DataType.FLOAT_VECTOR, dim=4)]))
        if order["rows"]:
            made.insert([[i - 3 for i in range(order["rows"])], [[i * 0.5, 1, 2, 3] for i in range(order["rows"])]])
        made.flush()
        made.create_index("vec", {"index_type": "FLAT", "metric_type": "L2", "params": {}})
    elif order["do"] == "load":
        Collection(name).load()
    elif order["do"] == "release":
        Collection(name).release()
    print("done", flush=True)
"""


def is_installed():
    """Whether the real servers are."""
    return os.path.exists(os.path.join(CACHE, "venv", ".complete")) and reprise_milvus.find_gateway() is not None


class Hands:
    """Changes the real Milvus."""

    def __init__(self):
        self.lock = threading.Lock()
        self.process = subprocess.Popen([os.path.join(CACHE, "venv", "bin", "python"), "-W", "ignore", "-c", HANDS, str(MILVUS)], text=True,
                                        env=reprise_milvus.bare_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def do(self, what, name, **more):
        """One thing: make (with rows), drop, load, release."""
        with self.lock:
            self.process.stdin.write(json.dumps({"do": what, "name": name, **more}) + "\n")
            self.process.stdin.flush()
            assert self.process.stdout.readline() == "done\n", (what, name)

    def close(self):
        """It ends at the end of its input."""
        self.process.stdin.close()
        self.process.wait()


class Bridge(http.server.ThreadingHTTPServer):
    """Before a stand-in: what that only says is done to the real Milvus and the real bucket."""

    daemon_threads = True

    def __init__(self, port, hands, root):
        self.port, self.hands, self.root = port, hands, root
        self.upstream = self.start_anew()
        self.replay = self.upstream.replace("/api/v1", "/__replay")
        self.done, self.load, self.lost = set(), True, 0
        super().__init__(("127.0.0.1", 0), Caller)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def start_anew(self):
        """The stand-in, with the collections that it always has; its address."""
        subprocess.run([f"{PEER}/down", str(self.port), "--wipe"], check=False, capture_output=True)
        done = subprocess.run([f"{PEER}/up", str(self.port), "--generation", "B", "--seconds", "1"], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    @staticmethod
    def send(method, url, body=None):
        """The JSON of an answer."""
        data = json.dumps(body).encode() if body is not None else None
        with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def close(self):
        """With the stand-in."""
        self.shutdown()
        subprocess.run([f"{PEER}/down", str(self.port)], check=False, capture_output=True)

    def before(self, method, path, body):
        """A restore: of Milvus the stand-in knows what the real one has, of the storage what lies in the bucket."""
        if (method, path) != ("POST", "/api/v1/restore"):
            return
        name = body["backup_name"]
        if name in os.listdir(self.root) and name not in str(self.send("GET", self.replay)["storage"]):
            self.send("POST", f"{self.upstream}/create", {"backup_name": name, "collection_names": ["films"]})
        for name in self.send("GET", self.replay)["collections"]:
            if name not in listed():
                self.send("POST", self.replay, {"drop": name})

    def after(self, path, query, answer):
        """The end of a backup or a restore, when it is first seen."""
        data = (answer or {}).get("data") or {}
        if path == "/api/v1/delete" and not answer.get("code"):
            shutil.rmtree(os.path.join(self.root, query["backup_name"]), ignore_errors=True)
        if not isinstance(data, dict) or data.get("state_code") != 2 or data["id"] in self.done:
            return
        self.done.add(data["id"])
        if path == "/api/v1/get_backup" and data["name"] not in os.listdir(self.root):
            reprise_milvus.lay_generated(self.root, data["name"], total=1 << 16, objects=ROWS // 100, id=data["id"], size=data["size"],
                                         milvus_version=data["milvus_version"])
        for task in data.get("collection_restore_tasks", []):
            name = f'{task["target_db_name"]}.{task["target_collection_name"]}'
            self.hands.do("make", name, rows=ROWS - self.lost)
            if self.load:
                self.hands.do("load", name)


class Caller(http.server.BaseHTTPRequestHandler):
    """One request to it."""

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def pass_on(self):
        """To the stand-in, and back."""
        parts = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        self.server.before(self.command, parts.path, json.loads(body) if body else None)
        request = urllib.request.Request(self.server.upstream.removesuffix("/api/v1") + self.path, body, dict(self.headers), method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, kind, text = answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            status, kind, text = error.code, error.headers["Content-Type"], error.read()
        if kind and "json" in kind:
            self.server.after(parts.path, dict(urllib.parse.parse_qsl(parts.query)), json.loads(text))
        self.send_response(status)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = pass_on  # pylint: disable=invalid-name


def ask(path, body=None):
    """The real Milvus, by its REST interface."""
    answer = Bridge.send("POST" if body is not None else "GET", f"http://127.0.0.1:{MILVUS}/v1/vector/{path}", body)
    assert answer["code"] == 200, answer
    return answer.get("data")


def listed():
    """All collections of the real Milvus."""
    names = []
    for database in ("default", "shop"):
        names += [f"{database}.{name}" for name in ask(f"collections?dbName={database}")]
    return names


def count(name):
    """Rows of a loaded collection."""
    database, collection = name.split(".")
    return int(ask("query", {"dbName": database, "collectionName": collection, "filter": "id > -100", "outputFields": ["count(*)"],
                             "limit": 0})[0]["count(*)"])


class Place:
    """The real servers, a stand-in before them, and a home with a service."""

    def __init__(self):
        self.hands = self.bridge = self.home = None
        try:
            self.begin()
        except BaseException:
            self.close()
            raise

    def begin(self):
        """What can go wrong."""
        reprise_milvus.run_real(PEER, "up", S3, MILVUS, "--seed")
        self.buckets = os.path.join(CACHE, f"real-{S3}-{MILVUS}", "s3")
        self.root = os.path.join(self.buckets, "a-bucket", "backup")
        shutil.rmtree(self.root, ignore_errors=True)
        os.makedirs(self.root)
        self.hands = Hands()
        self.bridge = Bridge(PORT + 2, self.hands, self.root)
        self.home = Home()
        self.home.cli = program("cli/reprise")
        self.run("service", "add", "milvus", "Vectors", *self.settings(self.bridge, "a-bucket", "backup"))

    @staticmethod
    def settings(bridge, bucket, root):
        """Of a service with all three sides."""
        settings = {"address": bridge.url, "milvus-address": f"http://127.0.0.1:{MILVUS}/", "databases": "default shop", "storage": "s3",
                    "storage-address": f"http://127.0.0.1:{S3}/", "account": reprise_milvus.KEY, "bucket": bucket, "root-path": root}
        return [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]

    def run(self, *args):
        """The command, with the key of the storage where it takes one."""
        if args[0] in ("show", "verify", "inspect", "export") or args[:2] == ("service", "edit"):
            return self.home.run(*args)
        return self.home.run(*args, "--secret-fd=access-key={}", secrets=[reprise_milvus.SECRET])

    def recover(self):
        """What a test that failed left is the next one's only as far as it cannot do harm."""
        self.bridge.load, self.bridge.lost = True, 0
        self.run("service", "edit", "Vectors", "--set", f"milvus-address=http://127.0.0.1:{MILVUS}/")

    def close(self):
        """Everything ends, and what was stored goes away."""
        for each in (self.bridge, self.hands):
            if each is not None:
                each.close()
        if self.home is not None:
            self.home.remove()
        reprise_milvus.run_real(PEER, "down", S3, MILVUS, "--wipe")

    def back_up(self, *args):
        """A new backup of one collection, in the vault."""
        self.bridge.start_anew()
        self.run("service", "edit", "Vectors", "--set", "collections=films")
        return self.run("backup", "Vectors", "--json", *args).expect().json["id"]

    def a_log(self, *folder):
        """One of its files."""
        return next(os.path.join(at, names[0]) for at, _, names in os.walk(os.path.join(*folder, "binlogs")) if names)


suite = Suite("real-milvus", Place)


@suite.test
def connection(place):
    """All three sides are looked at; what answers at a wrong port is told."""
    place.run("service", "test", "Vectors").expect(3, out="Version 1; it cannot load collections")
    place.run("service", "edit", "Vectors", "--set", f"milvus-address=http://127.0.0.1:{S3}/")
    shown = place.run("service", "test", "Vectors").expect(3)
    assert "not the REST interface of Milvus" in shown.out + shown.err, shown
    place.run("service", "edit", "Vectors", "--set", f"milvus-address=http://127.0.0.1:{MILVUS}/")


@suite.test
def counted(place):
    """Collections of two databases with their rows; one that is not loaded is counted once it is."""
    def rows():
        found = place.run("groups", "Vectors", "--json").expect().json
        return {each["name"]: each for group in found for each in group.get("collections", [])}
    place.run("service", "edit", "Vectors", "--set", "collections=")
    before = rows()
    assert before["films"]["rows"] == 1000 and before["shop.items"]["rows"] == 1200, before
    assert before["notes"].get("rows") is None and "counted once" in before["notes"]["reason"], before
    place.hands.do("load", "default.notes")
    assert rows()["notes"]["rows"] == 500
    place.hands.do("release", "default.notes")


@suite.test
def whole_way(place):
    """Backed up into the vault, dropped by Milvus itself, restored, counted and compared."""
    place.hands.do("make", "default.films", rows=ROWS)
    made = place.back_up()
    place.run("verify", made, "--deep").expect()
    ask("collections/drop", {"dbName": "default", "collectionName": "films"})
    place.run("restore", "Vectors", made, "--yes").expect(out="1 collection restored; 1 counted and equal to the backup")
    assert count("default.films") == ROWS


@suite.test
def replaced(place):
    """Refused where it exists; dropped and replaced with a safety copy; undone."""
    made = place.back_up()
    place.hands.do("make", "default.films", rows=7)
    place.hands.do("load", "default.films")
    place.run("restore", "Vectors", made, "--yes").fails(5, "exist already: films")
    plan = place.run("plan", "Vectors", made, "--to", "existing=replace", "--json").expect().json
    assert '"now": 7' in json.dumps(plan), plan
    place.run("restore", "Vectors", made, "--to", "existing=replace", "--yes").expect(out="1 collection restored; 1 counted and equal")
    assert count("default.films") == ROWS
    place.run("undo", "Vectors", "--yes").expect(out="1 collection restored")


@suite.test
def told_when_it_differs(place):
    """Fewer rows than the backup holds are told, and nothing is called equal; neither is what is not loaded."""
    made = place.back_up()
    place.bridge.lost = 1
    result = place.run("restore", "Vectors", made, "--to", "suffix=_less", "--yes").expect(3)
    assert "has 1999 rows, and the backup holds 2000" in result.out + result.err and "equal" not in result.out, result
    place.bridge.lost, place.bridge.load = 0, False
    result = place.run("restore", "Vectors", made, "--to", "suffix=_cold", "--yes").expect(
        out="the rows of 1 are not reported: this Milvus is older than 2.4")
    assert "equal" not in result.out and "erified" not in result.out, result
    place.bridge.load = True


@suite.test
def storage(place):
    """A backup that stays, its details from the metadata in the bucket, what a failed one left, and bringing it home later."""
    name = place.back_up("--on-service")
    left = os.path.join(place.root, "failed_1", "binlogs", "insert_log", "1", "2", "3")
    os.makedirs(os.path.dirname(left))
    with open(left, "wb") as f:
        f.write(b"x")
    found = {each["id"]: each for each in place.run("list", "Vectors", "--json").expect().json}
    assert found[name]["state"] == "complete" and found["failed_1"]["state"] == "partial", found
    place.run("download", "failed_1").fails(5, "not complete")
    place.run("delete", "failed_1", "--yes").expect()
    assert "failed_1" not in os.listdir(place.root) and name in os.listdir(place.root)
    made = place.run("download", name, "--json").expect().json["id"]
    place.run("verify", made, "--deep").expect()


@suite.test
def damaged(place):
    """In the bucket: not brought. In the vault: found out, and not restored."""
    name = place.back_up("--on-service")
    with open(place.a_log(place.root, name), "ab") as f:
        f.write(b"x")
    place.run("download", name).fails(7, "instead of")
    made = place.back_up()
    folder = place.run("show", made, "--json").expect().json["folder"]
    log = place.a_log(folder, "backup")
    with open(log, "r+b") as f:
        f.seek(100)
        f.write(b"damage")
    place.run("verify", made).fails(7, os.path.basename(log))


@suite.test
def another_server(place):
    """Saved in the original layout; uploaded to the storage of another server, and restored there."""
    made = place.back_up()
    folder = place.run("show", made, "--json").expect().json["folder"]
    saved = place.home.file("saved")
    place.run("export", made, saved).expect(out="milvus-backup migrate")
    name = os.listdir(saved)[0]
    root = os.path.join(place.buckets, "milvus-bucket", "elsewhere")
    os.makedirs(root)
    same(os.path.join(place.root, name), os.path.join(saved, name))
    os.makedirs(os.path.join(place.buckets, "for-zilliz"))
    to = [word for key, value in {"storage": "s3", "storage-address": f"http://127.0.0.1:{S3}/", "bucket": "for-zilliz", "root-path": "up/load",
                                  "account": reprise_milvus.KEY}.items() for word in ("--to", f"{key}={value}")]
    place.home.run("export", made, *to, "--secret-fd=access-key={}", secrets=[reprise_milvus.SECRET]).expect(out="milvus-backup migrate")
    same(os.path.join(place.root, name), os.path.join(place.buckets, "for-zilliz", "up", "load", name))
    place.home.run("export", made, *to, "--secret-fd=access-key={}", secrets=[reprise_milvus.SECRET]).fails(1, "already")
    other = Bridge(PORT + 3, place.hands, root)
    try:
        place.run("service", "add", "milvus", "Other", *place.settings(other, "milvus-bucket", "elsewhere"))
        place.run("upload", "Other", os.path.join(saved, name)).expect()
        same(os.path.join(folder, "backup"), os.path.join(root, name))
        shutil.rmtree(os.path.join(root, name))
        place.run("restore", "Other", made, "--to", "suffix=_other", "--yes").expect(
            out="1 collection restored; 1 counted and equal to the backup")
        same(os.path.join(folder, "backup"), os.path.join(root, name))
        assert count("default.films_other") == ROWS
    finally:
        other.close()
