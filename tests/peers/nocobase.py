#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line over a real NocoBase server: with the old plugin (legacy), with the new one (stock), and with both.

Between the two stands a proxy that sees each request. Servers are started and stopped by the peer's own up and down.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

from peer import Proxy, Suite, free_port, run_suites, say
from reprise_test import Home, Terminal, program, wait_until

PEER = os.environ["REPRISE_PEER"]
DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "nocobase")
PASSWORD = "admin123"
MEMBER_PASSWORD = "user-pass-1"
ALLOW = ("--to", "old-restore=allow")
WRITING = re.compile(r"^\S+ \S*:(?!signIn\b)(create|restore|upload|destroy|update|enable|disable|remove|add|set)\b")
# What the server writes by itself when it starts, or because somebody signs in.
VOLATILE = {"issuedTokens", "tokenBlacklist", "asyncTasks", "executions", "jobs", "migrations", "localizationTexts",
            "lcCheckpoints", "lcCheckpointBlobs", "lcCheckpointWrites", "userWorkflowTasks", "aiSkills"}
PENDING = []


class Server:
    """One real server on a port of its own, and its API."""

    def __init__(self, flavor, top):
        self.flavor, self.port, self.pid, self.state = flavor, free_port(), None, None
        self.env = {**os.environ, "TMPDIR": top}
        self.tokens = {}
        self.up()

    def up(self, *options):
        """Starts it, and takes what it says of itself."""
        done = subprocess.run([os.path.join(PEER, "up"), str(self.port), "--flavor", self.flavor, *options], env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"the server did not start: {done.stderr}"
        facts = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        self.pid, self.state = int(facts["pid"]), facts["state"]
        self.tokens.clear()

    def down(self, *options):
        """Stops it; without “--keep” its data goes too."""
        subprocess.run([os.path.join(PEER, "down"), str(self.port), *options], env=self.env, check=False,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = None

    def kill(self):
        """Ends its process at once, as a crash does. Its database goes on."""
        if self.pid is not None:
            os.kill(self.pid, 9)
            self.pid = None

    def restart(self):
        """As its administrator would."""
        self.down("--keep")
        self.up("--keep")

    def request(self, method, action, body=None, app=None, token=None, raw=False):
        """One request to its API, signed in as the root account."""
        headers = {"X-Locale": "en-US", "Authorization": f"Bearer {token or self.token(app)}"}
        if app:
            headers["X-App"] = app
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        return self._send(method, action, data, headers, raw)

    def _send(self, method, action, data, headers, raw=False):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/{action}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            text = answer.read()
        if raw:
            return text
        return json.loads(text) if text else {}

    def token(self, app=None):
        """A token of the root account, for the main application or another."""
        if app not in self.tokens:
            headers = {"X-Authenticator": "basic", "Content-Type": "application/json", **({"X-App": app} if app else {})}
            body = json.dumps({"account": "nocobase", "password": PASSWORD}).encode()
            self.tokens[app] = self._send("POST", "auth:signIn", body, headers)["data"]["token"]
        return self.tokens[app]

    def post(self, action, body=None, **options):
        return self.request("POST", action, body, **options)

    def get(self, action, **options):
        return self.request("GET", action, **options)

    def healthy(self, app=None):
        """Whether it serves."""
        path = "__health_check" if app is None else f"app:getInfo?__appName={app}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/{path}", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def rows(self, collection, app=None):
        """All rows of a collection, each as a text, in order; %None where the server does not list it."""
        found, page = [], 1
        while True:
            try:
                answer = self.get(f"{urllib.parse.quote(collection)}:list?page={page}&pageSize=500", app=app)
            except urllib.error.HTTPError as error:
                assert error.code in (400, 403, 404, 500), error
                return None
            data = answer.get("data")
            if not isinstance(data, list):
                return None
            found += [json.dumps(row, sort_keys=True, ensure_ascii=False) for row in data]
            if len(data) < 500:
                return sorted(found)
            page += 1

    def snapshot(self, names, app=None):
        """The rows of many collections."""
        return {name: self.rows(name, app) for name in names if name not in VOLATILE}

    def files(self, folder="backups"):
        """What lies in a folder of its storage."""
        found = []
        for path, _, names in os.walk(os.path.join(self.state, "storage", folder)):
            found += [os.path.join(path, name) for name in names]
        return sorted(found)

    def seed(self):
        """Users, two collections that are related, and an attachment."""
        def field(name, kind, interface, component, titled):
            return {"name": name, "type": kind, "interface": interface,
                    "uiSchema": {"type": "string", "title": titled, "x-component": component}}
        number = {"name": "id", "type": "bigInt", "autoIncrement": True, "primaryKey": True, "allowNull": False,
                  "interface": "id", "uiSchema": {"type": "number", "title": "ID", "x-component": "InputNumber"}}

        def collection(name, titled, fields):
            self.post("collections:create", {"name": name, "title": titled, "template": "general", "view": False,
                                             "autoGenId": False, "fields": [number, *fields]})
        collection("customers", "Customers", [
            field("name", "string", "input", "Input", "Name"), field("vip", "boolean", "checkbox", "Checkbox", "VIP"),
            field("balance", "double", "number", "InputNumber", "Balance"),
            field("profile", "json", "json", "Input.JSON", "Profile"),
            field("notes", "text", "textarea", "Input.TextArea", "Notes"),
            {"name": "files", "type": "belongsToMany", "interface": "attachment", "target": "attachments",
             "uiSchema": {"type": "array", "title": "Files", "x-component": "Upload.Attachment"}}])
        collection("orders", "Orders", [
            field("title", "string", "input", "Input", "Title"), field("qty", "integer", "integer", "InputNumber", "Qty"),
            {"name": "customer", "type": "belongsTo", "interface": "m2o", "target": "customers",
             "foreignKey": "customerId", "uiSchema": {"type": "object", "title": "Customer",
                                                      "x-component": "AssociationField"}}])
        self.post("customers:create", [
            {"name": ["Ada", "Börje", "Дарья", "江", "Eve “Q”"][i % 5] + f" {i}", "vip": i % 7 == 0, "balance": i * 7.19 - 50,
             "profile": {"tags": ["a"], "n": i} if i % 3 else None, "notes": "one\ntwo, \"quoted\"\ttab" if i % 4 else None}
            for i in range(60)])
        self.post("orders:create", [{"title": f"Order {i}", "qty": i % 40, "customer": 1 + i % 60} for i in range(90)])
        for i in range(3):
            self.post("users:create", {"nickname": f"User {i}", "username": f"user{i}", "email": f"user{i}@example.org",
                                       "password": MEMBER_PASSWORD, "roles": ["member"]})
        boundary, content = "boundary0123456789", "attachment\n" * 300
        body = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"note.txt\"\r\n"
                f"Content-Type: text/plain\r\n\r\n{content}\r\n--{boundary}--\r\n").encode()
        answer = self._send("POST", "attachments:create", body, {
            "Authorization": f"Bearer {self.token()}", "Content-Type": f"multipart/form-data; boundary={boundary}"})
        self.post("customers/1/files:add", [answer["data"]["id"]])


class Place:
    """A server of one flavour with data, a proxy before it, and a private home with the service “Site” in it."""

    flavor = None

    def __init__(self):
        assert shutil.which("gnome-keyring-daemon"), "gnome-keyring is missing"
        self.home, self.server, self.proxy = Home(), None, None
        self.top = tempfile.mkdtemp(prefix="reprise-peer-")
        os.chmod(self.top, 0o755)  # the database runs under another account
        self.others = []
        try:
            self.server = Server(self.flavor, self.top)
            self.proxy = Proxy(self.server.port)
            self.server.seed()
            self.home.cli = program("cli/reprise")
            assert self.home.start_bus(keyring=True)
            self.add("Site")
        except BaseException:
            self.close()
            raise

    def close(self):
        for server in [self.server, *self.others]:
            if server is not None:
                server.down()
        if self.proxy is not None:
            self.proxy.close()
        if not any(home is self.home for _, home, _ in PENDING):
            self.home.remove()
        shutil.rmtree(self.top, ignore_errors=True)

    def recover(self):
        """After a test that failed: a server that serves, so that the others can tell something."""
        self.proxy.forget()
        self.server.tokens.clear()
        if self.server.pid is None or not self.server.healthy():
            self.server.restart()
        self.proxy.listen()

    def add(self, name, *settings, secret="password", text=PASSWORD, address=None):
        """A service, with its secret in the keyring."""
        extra = () if any(setting.startswith(("account=", "sign-in=")) for setting in settings) else ("account=nocobase",)
        pairs = [f"address={address or self.proxy.address}", *extra, *settings]
        result = self.run("service", "add", "nocobase", name, *(part for pair in pairs for part in ("--set", pair)),
                          f"--secret-fd={secret}={{}}", secrets=[text])
        assert result.code in (0, 3) and "was added" in result.out, result  # it tries the service, and may warn

    def remove(self, *names):
        """An id of a backup on the server must lead to one service only."""
        for name in names:
            self.run("service", "remove", name, "--yes").expect(0)

    def run(self, *args, **options):
        """The command line; the proxy sees only this run's requests."""
        self.proxy.requests.clear()
        return self.home.run(*args, **options)

    def json(self, *args, code=0, **options):
        """The document of a run that ended with that code."""
        return self.run(*args, "--json", **options).expect(code).json

    def writes(self):
        """The requests of the last run that change something."""
        return [request for request in self.proxy.requests if WRITING.search(request)]

    def refused(self, *args, err, code=5, **options):
        """Held back beforehand, with a reason: nothing was sent that changes anything."""
        result = self.run(*args, **options).expect(code, err=err)
        assert self.writes() == [], self.writes()
        return result

    def back_up(self, *options, service="Site", code=0):
        """A backup in the vault; what the command line says of it."""
        backup = self.json("backup", service, *options, code=code)
        assert backup["state"] == "verified" and backup["in_vault"], backup
        return backup

    def archive(self, backup):
        """The server's own archive of a backup in the vault."""
        names = [name for name in os.listdir(backup["folder"]) if name.startswith("backup.")]
        assert len(names) == 1, names
        return os.path.join(backup["folder"], names[0])

    def leftovers(self):
        """Work that was begun in the vault and is not finished."""
        return [name for name in self.home.vault_files() if ".partial-" in name]

    def groups(self, service="Site"):
        """The names of the collections of each group."""
        return {group["group"]: [collection["name"] for collection in group["collections"]]
                for group in self.json("groups", service)}

    def crash(self, head=None, back=None):
        """The server's process ends, now. @back: seconds until its administrator has started it again"""
        self.proxy.close()
        self.server.kill()
        if back is not None:
            threading.Thread(target=self.bring_back, args=(back,), daemon=True).start()
        return True

    def bring_back(self, after=0):
        time.sleep(after)
        self.server.restart()
        self.proxy.listen()

    def calm(self):
        """Until a server that was made to reload serves again."""
        wait_until(self.server.healthy, "a server that serves")


def change(server):
    """What users do after a backup."""
    server.post("customers:destroy?filter=" + urllib.parse.quote(json.dumps({"id": {"$lte": 10}})))
    server.post("orders:update?filter=" + urllib.parse.quote(json.dumps({"id": {"$lte": 20}})), {"title": "changed later"})
    server.post("customers:create", {"name": "new since the backup"})
    server.post("users:update?filterByTk=2", {"nickname": f"renamed {time.monotonic():.3f}"})


def own_groups(place, names):
    """The collections of some groups."""
    groups = place.groups()
    return [collection for name in names for collection in groups.get(name, [])]


def rewrite(source, target, change_entry):
    """A copy of an archive with other entries: change_entry(name, bytes) gives bytes, or %None to leave it out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = change_entry(info.filename, old.read(info))
            if data is not None:
                new.writestr(info.filename, data)
    return target


def with_meta(source, target, **members):
    """A copy of a .nbdump that says something else of itself."""
    def entry(name, data):
        return json.dumps({**json.loads(data), **members}).encode() if name == "meta" else data
    return rewrite(source, target, entry)


def difference(before, after):
    """Which collections differ."""
    return [name for name in before if before[name] != after.get(name)]


def assert_same(before, after):
    """Row by row; what differs is told."""
    for name in difference(before, after):
        was, now = before[name] or [], after.get(name) or []
        raise AssertionError(f"“{name}” had {len(was)} rows and has {len(now)}: gone {[r for r in was if r not in now][:2]}, "
                             f"new {[r for r in now if r not in was][:2]}")


def check_sums(folder):
    """By coreutils alone."""
    subprocess.run(["sha256sum", "--quiet", "--check", "SHA256SUMS"], cwd=folder, check=True)


# --- sign-in, the same for all flavours -----------------------------------------------------------------------------

def check_wrong_password(place):
    """Exit 4, the server's words, one attempt, nothing written."""
    place.run("groups", "Site", "--secret-fd=password={}", secrets=["wrong"]).fails(4, "did not accept the sign-in")
    assert len(place.proxy.seen("auth:signIn")) == 1 and place.writes() == []
    place.run("backup", "Site", "--secret-fd=password={}", secrets=["wrong"]).fails(4, "did not accept the sign-in")
    assert place.writes() == [] and not place.leftovers()
    place.run("groups", "Site").expect(0)


def check_expired_tokens(place):
    """Tokens that live for a second are renewed on the way; one that is taken back in the middle is replaced."""
    policy = {"tokenExpirationTime": "1s", "sessionExpirationTime": "7d", "expiredTokenRenewLimit": "1d"}
    place.server.post("tokenControlConfig:update?filterByTk=token-policy-config", {"config": policy})
    try:
        place.proxy.at(r":download\?", "request", lambda head: time.sleep(2.5))
        place.back_up()
        assert len(place.proxy.seen("auth:signIn")) == 1, place.proxy.requests
        # The whole session ends: only another sign-in helps.
        place.server.tokens.clear()
        place.server.post("tokenControlConfig:update?filterByTk=token-policy-config",
                          {"config": {**policy, "sessionExpirationTime": "2s", "expiredTokenRenewLimit": "1s"}})
        place.proxy.at(r":download\?", "request", lambda head: time.sleep(5))
        place.back_up()
        assert len(place.proxy.seen("auth:signIn")) >= 2, place.proxy.requests
    finally:
        place.server.tokens.clear()
        place.server.post("tokenControlConfig:update?filterByTk=token-policy-config", {
            "config": {**policy, "tokenExpirationTime": "1d"}})
        place.server.tokens.clear()
        place.proxy.forget()

    def take_back(head):
        token = re.search(r"(?i)\r\nauthorization: bearer (\S+)", head).group(1)
        place.server.post("auth:signOut", token=token)
    rule = place.proxy.at(r":download\?", "request", take_back)
    place.back_up()
    assert rule.done.is_set() and len(place.proxy.seen("auth:signIn")) == 2, place.proxy.requests
    place.proxy.forget()


def check_api_key(place):
    """A key does the work; one that has expired needs a sign-in, and says so."""
    key = place.server.post("apiKeys:create", {"name": "good", "expiresIn": "30d", "role": {"name": "root"}})["data"]["token"]
    short = place.server.post("apiKeys:create", {"name": "short", "expiresIn": "1s", "role": {"name": "root"}})["data"]["token"]
    place.add("By key", "sign-in=api-key", secret="api-key", text=key)
    place.back_up(service="By key")
    assert place.proxy.seen("auth:signIn") == []
    time.sleep(2)
    place.add("By old key", "sign-in=api-key", secret="api-key", text=short)
    place.run("backup", "By old key").fails(4, "does not accept the API key")
    assert place.writes() == []
    place.remove("By key", "By old key")


def check_no_permission(place):
    """A plugin that is on and not for this account is told from one that is off."""
    place.add("Member", "account=user1", text=MEMBER_PASSWORD)
    place.run("service", "test", "Member").expect(3, out="not for this account", err="role with the right")
    result = place.refused("backup", "Member", code=1, err="role with the right")
    assert "neither" not in result.err
    place.add("Wrong role", "role=nobody")
    place.refused("groups", "Wrong role", code=1, err="does not have the role “nobody”")
    place.remove("Member", "Wrong role")


def check_nowhere(place):
    """A sub-application that is not there."""
    place.add("Nowhere", "app=nowhere")
    place.refused("groups", "Nowhere", code=1, err="no sub-application “nowhere”")
    place.remove("Nowhere")


def check_on_service(place, extension, *options):
    """A backup that stays on the server: listed, shown, downloaded, verified, saved, deleted."""
    made = place.json("backup", "Site", "--on-service", *options)
    name = made["own_name"]
    assert name.endswith(extension) and made["on_service"] and not made["in_vault"], made
    listed = {backup["own_name"]: backup for backup in place.json("list", "Site")}
    assert listed[name]["on_service"] and listed[name]["state"] == "complete" and not listed[name]["in_progress"], listed
    place.run("show", listed[name]["id"]).expect(0)
    got = place.json("download", listed[name]["id"])
    resource = "backupFiles" if extension == ".nbdump" else "backups"
    theirs = place.server.get(f"{resource}:download?filterByTk={name}", raw=True)
    with open(place.archive(got), "rb") as stream:
        assert hashlib.sha256(stream.read()).digest() == hashlib.sha256(theirs).digest()
    check_sums(got["folder"])
    place.run("verify", "--deep", got["id"]).expect(0)
    saved = place.home.file(f"saved{extension}")
    place.run("save", got["id"], saved).expect(0)
    place.run("inspect", saved).expect(0, out="2.2.15")
    merged = [b for b in place.json("list", "Site") if b["own_name"] == name]
    assert len(merged) == 1 and merged[0]["on_service"] and merged[0]["in_vault"], merged
    place.run("delete", merged[0]["id"], "--where", "service", "--yes").expect(0)
    assert not any(name in path for path in place.server.files()), place.server.files()
    place.run("verify", "--full", got["id"]).expect(0)
    return saved


def check_outage_of_list(place):
    """The server goes while it is asked: one sentence, and no waiting for ever."""
    place.proxy.at(r"(backups|backupFiles):list", "request", place.crash)
    started = time.monotonic()
    place.run("groups", "Site").fails(1, ".")
    assert time.monotonic() - started < 120
    place.bring_back()
    place.proxy.forget()
    place.run("groups", "Site").expect(0)


def check_outage_of_download(place, action, *options):
    """Cut once it goes on by itself; with the server gone it ends cleanly, and works when the server is back."""
    cut = place.proxy.at(action, "answer", lambda head: True, after=20000)
    backup = place.back_up(*options)
    assert cut.done.is_set() and len(place.proxy.seen(action)) == 2, place.proxy.requests
    place.proxy.forget()
    made = place.json("backup", "Site", "--on-service", *options)
    listed = next(b for b in place.json("list", "Site") if b["own_name"] == made["own_name"])
    place.proxy.at(action, "answer", place.crash, after=20000)
    place.run("download", listed["id"]).fails(1, ".")
    assert not place.leftovers(), place.leftovers()
    place.bring_back()
    place.proxy.forget()
    place.json("download", listed["id"])
    place.run("verify", "--full", backup["id"]).expect(0)


def check_answers_again(place):
    """After it was brought back: no word of a broken server."""
    result = place.run("service", "test", "Site")
    assert result.code in (0, 3) and "restarted by its administrator" not in result.err, result


# --- legacy ---------------------------------------------------------------------------------------------------------

class Legacy(Place):
    flavor = "legacy"


legacy = Suite("legacy", Legacy)


@legacy.test
def probe_and_groups(place):
    """What is there, and which group each collection is in. Nothing is written."""
    result = place.run("service", "test", "Site").expect(3, out=r"2\.2\.15", err="does not work on NocoBase 2")
    assert re.search(r"Backup & Restore\s+enabled", result.out) and re.search(r"Backup manager\s+not enabled", result.out)
    assert re.search(r"Signed in as\s+Root", result.out) and place.writes() == []
    groups = {group["group"]: group for group in place.json("groups", "Site")}
    assert {"required", "user", "custom", "log", "third-party", "unknown"} <= set(groups), groups.keys()
    counts = {collection["name"]: collection["rows"] for collection in groups["custom"]["collections"]}
    assert counts["customers"] == 60 and counts["orders"] == 90, counts
    assert all(group["locked_reason"] is None for group in groups.values()) and place.writes() == []


@legacy.test
def wrong_password(place):
    check_wrong_password(place)


@legacy.test
def expired_tokens(place):
    check_expired_tokens(place)


@legacy.test
def api_key(place):
    check_api_key(place)


@legacy.test
def no_permission(place):
    check_no_permission(place)


@legacy.test
def back_up_by_groups(place):
    """Only the chosen groups, and required with them; proven row by row; no copy stays on the server."""
    backup = place.back_up("--group", "custom")
    assert backup["groups"] == ["required", "custom"], backup
    check_sums(backup["folder"])
    with zipfile.ZipFile(place.archive(backup)) as archive:
        meta = json.loads(archive.read("meta"))
        lines = archive.read("collections/customers/data").split(b"\n")
        names = archive.namelist()
    assert set(meta["dumpedGroups"]) == {"required", "custom"} and len([line for line in lines if line]) == 60, meta
    assert not any(name.startswith("collections/users/") for name in names)
    place.run("verify", "--deep", backup["id"]).expect(0)
    assert place.server.files() == [], place.server.files()
    place.run("backup", "Site", "--group", "nonsense").expect(2)


@legacy.test
def on_service_list_download_verify_delete(place):
    check_on_service(place, ".nbdump", "--group", "custom", "--group", "user")


@legacy.test
def inspect_and_upload(place):
    """An archive of this computer: its picture without the network, then on the server."""
    backup = place.back_up()
    path = place.home.file("upload.nbdump")
    place.run("save", backup["id"], path).expect(0)
    picture = place.json("inspect", path)
    assert place.proxy.requests == [] and picture["damage"] == [], picture
    place.run("upload", "Site", path).expect(3, err="does not list it")
    assert len(place.writes()) == 1 and "backupFiles:upload" in place.writes()[0], place.writes()
    place.refused("upload", "Site", os.path.join(DATA, "manager-plain.nbdata"), err="Backup manager restores at once")


@legacy.test
def restore_of_chosen_groups(place):
    """The plan says that required comes along; the chosen come back, the unchosen stay equal; Undo takes it back."""
    custom = own_groups(place, ["custom"])
    unchosen = own_groups(place, ["user", "third-party", "log", "unknown"])
    then = place.server.snapshot(custom)
    backup = place.back_up()
    change(place.server)
    changed, others = place.server.snapshot(custom), place.server.snapshot(unchosen)
    assert set(difference(then, changed)) >= {"customers", "orders"}

    plan = place.json("plan", "Site", backup["id"], "--group", "custom", *ALLOW)
    assert place.writes() == [] and plan["groups"] == ["required", "custom"] and not plan["refused"], plan
    whole = {row["group"]: row for row in plan["rows"] if row["collection"] is None}
    assert "always restores the required group" in whole["required"]["text"], whole
    assert whole["custom"]["action"] == "replaced" and whole["user"]["action"] == "left-alone", whole
    assert any("authors" in loss for loss in plan["losses"]), plan["losses"]
    place.run("plan", "Site", backup["id"], "--group", "custom", *ALLOW).expect(0, out="always restores the required group")

    done = place.json("restore", "Site", backup["id"], "--group", "custom", *ALLOW, "--yes")
    assert done["failed"] == 0 and done["safety_id"], done
    assert_same(then, place.server.snapshot(custom))
    assert_same(others, place.server.snapshot(unchosen))
    place.run("undo", "Site", "--yes").expect(0)
    assert_same(changed, place.server.snapshot(custom))
    assert_same(others, place.server.snapshot(unchosen))


@legacy.test
def refused_restores(place):
    """Each pairing that cannot work is said beforehand, and nothing is sent."""
    backup = place.back_up()
    place.refused("restore", "Site", backup["id"], "--yes", err="From NocoBase 2 on.*old-restore=allow")
    good, path = place.archive(backup), place.home.file
    for name, members, reason in (
            ("newer", {"version": "9.1.0"}, "newer than the server"),
            ("older", {"version": "0.17.0-alpha.7"}, "no later server takes it"),
            ("mysql", {"dialect": "mysql"}, "database mysql, and the server has postgres"),
            ("prefix", {"DB_TABLE_PREFIX": "crm_"}, "DB_TABLE_PREFIX=crm_")):
        with_meta(good, path(f"{name}.nbdump"), **members)
        if name == "prefix":  # how the server is set shows only in a backup of its own
            place.run("restore", "Site", path(f"{name}.nbdump"), *ALLOW, "--yes").expect(5, err=reason)
            assert place.proxy.seen("POST .*(restore|upload)") == [], place.writes()
        else:
            place.refused("restore", "Site", path(f"{name}.nbdump"), *ALLOW, "--yes", err=reason)
    with open(good, "rb") as stream:
        data = stream.read()
    with open(path("cut.nbdump"), "wb") as stream:
        stream.write(data[:len(data) // 2])
    place.refused("restore", "Site", path("cut.nbdump"), *ALLOW, "--yes", err=".", code=7)
    rewrite(good, path("rows.nbdump"),
            lambda name, data: data[:len(data) // 2] if name == "collections/orders/data" else data)
    place.refused("restore", "Site", path("rows.nbdump"), *ALLOW, "--yes", err="orders")
    place.refused("restore", "Site", os.path.join(DATA, "manager-plain.nbdata"), "--yes", err="needs the Backup manager")


@legacy.test
def missing_plugin(place):
    """An archive whose plugins the server lacks is told beforehand."""
    backup = place.back_up()

    def entry(name, data):
        if name == "collections/applicationPlugins/data":
            return data.replace(b"@nocobase/plugin-action-bulk-edit", b"@nocobase/plugin-action-bulk-zap")
        return data
    rewrite(place.archive(backup), place.home.file("plugin.nbdump"), entry)
    plan = place.json("plan", "Site", place.home.file("plugin.nbdump"), *ALLOW)
    assert any("plugin-action-bulk-zap" in check["text"] for check in plan["checks"]), plan["checks"]


@legacy.test
def stale_lock(place):
    """A backup whose server died long ago is told from one that runs, and can be removed."""
    folder = os.path.join(place.server.state, "storage", "backups")
    os.makedirs(folder, exist_ok=True)
    before = place.server.files()
    old, young = "backup_20260102_030405_1234.nbdump", time.strftime("backup_%Y%m%d_%H%M%S_4321.nbdump", time.gmtime())
    for name in (old, young):
        with open(os.path.join(folder, name + ".lock"), "w", encoding="utf-8"):
            pass
    listed = {backup["own_name"]: backup for backup in place.json("list", "Site")}
    assert listed[old]["in_progress"] and listed[old]["stale"], listed[old]
    assert listed[young]["in_progress"] and not listed[young]["stale"], listed[young]
    place.run("download", listed[young]["id"]).expect(6, err="still making")
    place.refused("delete", listed[young]["id"], "--yes", code=6, err="still making")
    place.run("delete", listed[old]["id"], "--yes").expect(0)
    os.remove(os.path.join(folder, young + ".lock"))
    assert place.server.files() == before, place.server.files()


@legacy.test
def stopped_while_listing(place):
    check_outage_of_list(place)


@legacy.test
def stopped_while_downloading(place):
    check_outage_of_download(place, "backupFiles:download", "--group", "custom")


@legacy.test
def stopped_while_uploading(place):
    """Nothing was restored, and that is said."""
    custom = own_groups(place, ["custom"])
    backup = place.back_up()
    then = place.server.snapshot(custom)
    place.proxy.at("backupFiles:upload", "body", place.crash, after=30000)
    place.run("restore", "Site", backup["id"], "--group", "custom", *ALLOW, "--yes").expect(1, err="could not be uploaded")
    assert place.proxy.seen("backupFiles:restore") == []
    place.bring_back()
    place.proxy.forget()
    assert_same(then, place.server.snapshot(custom))
    check_answers_again(place)


@legacy.test
def stopped_while_restoring(place):
    """The server dies in the middle, and is started again: no success, what to do; a second restore puts it right. Where the
    tables were gone already the server cannot make a safety copy any more, so that is left out."""
    custom = own_groups(place, ["custom"])
    then = place.server.snapshot(custom)
    backup = place.back_up()
    change(place.server)
    place.proxy.at("backupFiles:restore", "request",
                   lambda head: threading.Timer(3, place.crash, kwargs={"back": 1}).start())
    result = place.run("restore", "Site", backup["id"], "--group", "custom", *ALLOW, "--yes").expect(1)
    assert re.search("stopped in the middle of the restore", result.err), result
    wait_until(lambda: place.server.pid is not None and place.server.healthy(), "the server")
    place.proxy.forget()
    place.run("restore", "Site", backup["id"], "--group", "custom", *ALLOW, "--no-safety-copy", "--yes").expect(
        3, err="An earlier restore had been cut off")
    assert_same(then, place.server.snapshot(custom))


@legacy.test
def left_broken(place):
    """A restore that fails in the middle leaves the server broken: told in so many words, with what to do."""
    custom = own_groups(place, ["custom"])
    backup = place.back_up()
    then = place.server.snapshot(custom)

    def entry(name, data):
        # a value that the column cannot take, which no look at the archive can know
        return data.replace(b"[1,", b"[99999999999999999999999999,", 1) if name == "collections/orders/data" else data
    rewrite(place.archive(backup), place.home.file("bad.nbdump"), entry)
    result = place.run("restore", "Site", place.home.file("bad.nbdump"), "--group", "custom", *ALLOW, "--yes").expect(1)
    assert re.search("broken: it serves nothing any more until its administrator restarts it", result.err), result
    place.run("groups", "Site").fails(1, "must be restarted by its administrator")
    place.server.restart()
    check_answers_again(place)
    place.run("restore", "Site", backup["id"], *ALLOW, "--yes").expect(3, err="An earlier restore had been cut off")
    assert_same(then, place.server.snapshot(custom))


@legacy.test
def into_another_server(place):
    """All of it into a fresh server: each collection has the same rows there. The first server stops meanwhile."""
    names = own_groups(place, ["user", "custom", "third-party"])
    path = place.home.file("moves.nbdump")
    place.run("save", place.back_up()["id"], path).expect(0)
    then = place.server.snapshot(names)
    place.server.down("--keep")
    other = Server("legacy", place.top)
    place.others.append(other)
    place.proxy.upstream = other.port
    place.add("Other", address=f"http://127.0.0.1:{other.port}/")
    plan = place.json("plan", "Other", path, *ALLOW)
    assert any("dead links" in loss for loss in plan["losses"]), plan["losses"]
    done = place.json("restore", "Other", path, *ALLOW, "--yes")
    assert done["failed"] == 0, done
    other.tokens.clear()
    assert_same(then, other.snapshot(names))
    place.remove("Other")
    other.down()
    place.others.remove(other)
    place.proxy.upstream = place.server.port
    place.server.up("--keep")


@legacy.test
def no_sub_application(place):
    check_nowhere(place)


@legacy.test
def sub_application_where_it_is_not_enabled(place):
    """Not enabled is said; enabling is offered, and done only with consent."""
    place.server.post("pm:enable?filterByTk=multi-app-manager")
    time.sleep(1)
    place.calm()
    place.server.tokens.clear()
    place.server.post("applications:create", {"name": "branch", "displayName": "Branch", "options": {"autoStart": True}})
    wait_until(lambda: place.server.healthy("branch"), "the sub-application")
    place.run("service", "test", "Site").expect(3, out="branch")
    place.add("Branch", "app=branch")
    place.run("service", "test", "Branch").expect(3, err="neither “Backup manager” nor “Backup & Restore”")
    place.refused("backup", "Branch", err="Enable “backup-restore” in its plugin manager")
    place.proxy.requests.clear()
    terminal = Terminal(place.home, "backup", "Branch", "--group", "user")
    terminal.wait_for("Enable the plugin for backups")
    terminal.type("enable\n")
    code, seen = terminal.end()
    assert code == 0 and place.proxy.seen("POST .*pm:enable"), seen
    assert [b for b in place.json("list", "Branch") if b["state"] == "verified"]
    place.remove("Branch")


@legacy.test
def stopped_while_creating(place):
    """The server goes and does not come back: looked at in “late”, since it takes its time to give up."""
    place.proxy.at("backupFiles:create", "end", place.crash)
    process = place.home.start("backup", "Site", "--group", "custom")
    wait_until(lambda: place.server.pid is None, "the crash")

    def check(code, err):
        assert code == 1 and "stopped answering while it made the backup" in err, (code, err)
        assert not place.leftovers(), place.leftovers()
    PENDING.append((process, place.home, check))


# --- stock ----------------------------------------------------------------------------------------------------------

class Stock(Place):
    flavor = "stock"


stock = Suite("stock", Stock)
OLD_REFUSED = "only be restored by the old plugin .*Restore it into a server of NocoBase 1"


@stock.test
def probe_and_locked_groups(place):
    """Groups are shown, and locked with the reason."""
    result = place.run("service", "test", "Site").expect(0, out=r"Backup manager\s+enabled")
    assert re.search(r"Backup & Restore\s+not enabled", result.out) and place.writes() == []
    groups = {group["group"]: group for group in place.json("groups", "Site")}
    assert all("groups cannot be chosen" in group["locked_reason"] for group in groups.values()), groups
    counts = {collection["name"]: collection["rows"] for collection in groups["custom"]["collections"]}
    assert counts["customers"] == 60 and counts["orders"] == 90, counts
    place.run("groups", "Site").expect(0, out="always saves everything: groups cannot be chosen")
    place.refused("backup", "Site", "--group", "custom", err="always saves everything: groups cannot be chosen")


@stock.test
def sign_in(place):
    check_wrong_password(place)
    check_api_key(place)
    check_no_permission(place)
    check_nowhere(place)


@stock.test
def expired_tokens_of_stock(place):
    check_expired_tokens(place)


@stock.test
def whole_backups(place):
    """Made, listed, downloaded, verified, deleted; with the uploaded file in it."""
    path = check_on_service(place, ".nbdata")
    with zipfile.ZipFile(path) as archive:
        assert "_metadata.json" in archive.namelist() and any(n.startswith("uploads/") for n in archive.namelist())
    backup = place.back_up()
    assert "custom" in backup["groups"] and "user" in backup["groups"], backup
    assert place.server.files() == [], place.server.files()
    place.refused("upload", "Site", path, err="restores at once what is uploaded")


@stock.test
def nbdump_refused(place):
    """The usual case of an old archive and a stock server: the reason, what to do, and nothing sent."""
    for name in ("all-groups.nbdump", "required-only.nbdump"):
        path = os.path.join(DATA, name)
        place.refused("plan", "Site", path, err=OLD_REFUSED)
        place.refused("restore", "Site", path, "--yes", err=OLD_REFUSED)
        place.refused("restore", "Site", path, "--group", "custom", *ALLOW, "--yes", err=OLD_REFUSED)
        place.refused("upload", "Site", path, err="Only the plugin “Backup & Restore” takes a .nbdump")
    assert place.server.healthy()


@stock.test
def restore_whole(place):
    """Everything as it was; a group alone is refused; Undo brings back what was before."""
    names = own_groups(place, ["user", "custom", "third-party"])
    then = place.server.snapshot(names)
    backup = place.back_up()
    change(place.server)
    changed = place.server.snapshot(names)
    place.refused("restore", "Site", backup["id"], "--group", "custom", "--yes", err="only be restored as a whole")
    plan = place.json("plan", "Site", backup["id"])
    whole = [row for row in plan["rows"] if row["collection"] is None]
    assert whole and all("always restored as a whole" in row["text"] for row in whole if row["action"] != "left-alone"), whole
    assert place.writes() == []
    done = place.json("restore", "Site", backup["id"], "--yes")
    assert done["failed"] == 0 and done["safety_id"], done
    assert_same(then, place.server.snapshot(names))
    place.run("undo", "Site", "--yes").expect(0)
    assert_same(changed, place.server.snapshot(names))


@stock.test
def rehearsed_on_a_test_server(place):
    """The newest backup into another server, which has the same rows then; the first one is only read. Never into the first itself."""
    names = own_groups(place, ["user", "custom", "third-party"])
    other = Server("stock", place.top)
    place.others.append(other)
    place.add("Test", address=f"http://127.0.0.1:{other.port}/")
    place.run("rehearse", "Site").expect(3, err="Name a test service")
    place.run("service", "edit", "Site", "--set", "rehearse-on=Test").expect(0, err="replaces all that is in “Test”")
    place.back_up()
    then = place.server.snapshot(names)
    place.run("rehearse", "Site").expect(0, out="0 differences")
    other.tokens.clear()
    assert_same(then, other.snapshot(names))
    assert_same(then, place.server.snapshot(names))
    place.run("service", "edit", "Test", "--no-test", "--set", f"address=http://localhost:{place.proxy.port}/").expect(0)
    place.run("rehearse", "Site").expect(5, err="the very application")
    assert_same(then, place.server.snapshot(names))
    place.run("service", "edit", "Site", "--set", "rehearse-on=").expect(0)
    place.remove("Test")
    other.down()
    place.others.remove(other)


@stock.test
def restore_encrypted_from_the_server(place):
    """One that is only on the server, and encrypted: a wrong password is found before anything is sent."""
    names = own_groups(place, ["user", "custom"])
    place.server.post("backupSettings:update?filterByTk=1", {"encryptionPassword": "s3cret pass"})
    try:
        place.run("backup", "Site").expect(3, err="no archive password")
        then = place.server.snapshot(names)
        made = place.json("backup", "Site", "--on-service")
        listed = next(b for b in place.json("list", "Site") if b["own_name"] == made["own_name"])
        change(place.server)
        place.refused("restore", "Site", listed["id"], "--yes", err="archive password")
        place.refused("restore", "Site", listed["id"], "--yes", "--secret-fd=archive-password={}", secrets=["wrong"], err=".")
        place.run("restore", "Site", listed["id"], "--yes", "--secret-fd=archive-password={}",
                  secrets=["s3cret pass"]).expect(0)
        assert place.proxy.seen("POST .*backups:restore"), place.writes()
        assert_same(then, place.server.snapshot(names))
    finally:
        place.server.post("backupSettings:update?filterByTk=1", {"encryptionPassword": ""})


@stock.test
def damaged_refused(place):
    """An archive that is cut, or whose database dump is, is not sent."""
    backup = place.back_up()
    with open(place.archive(backup), "rb") as stream:
        data = stream.read()
    with open(place.home.file("cut.nbdata"), "wb") as stream:
        stream.write(data[:-2000])
    place.refused("restore", "Site", place.home.file("cut.nbdata"), "--yes", err=".", code=7)
    rewrite(place.archive(backup), place.home.file("dump.nbdata"),
            lambda name, entry: entry[:len(entry) // 2] if name == "data" else entry)
    place.refused("restore", "Site", place.home.file("dump.nbdata"), "--yes", err=".")

    def newer(name, entry):
        return json.dumps({**json.loads(entry), "version": "9.1.0"}).encode() if name == "_metadata.json" else entry
    rewrite(place.archive(backup), place.home.file("newer.nbdata"), newer)
    place.refused("restore", "Site", place.home.file("newer.nbdata"), "--yes", err="newer than the server")


@stock.test
def stopped_while_listing_of_stock(place):
    check_outage_of_list(place)


@stock.test
def stopped_while_creating_of_stock(place):
    """The server dies and is started again: its backup is not waited for for ever, and a new one can be made."""
    place.proxy.at("backups:create", "end", lambda head: place.crash(back=1))
    place.run("backup", "Site").expect(1, err="could not make the backup|could not be reached for a while")
    wait_until(lambda: place.server.pid is not None and place.server.healthy(), "the server")
    place.proxy.forget()
    assert not place.leftovers(), place.leftovers()
    place.back_up()


@stock.test
def stopped_while_downloading_of_stock(place):
    check_outage_of_download(place, "backups:download")


@stock.test
def stopped_while_uploading_of_stock(place):
    """Cut in the middle of the upload, which would have been the restore: nothing was changed."""
    names = own_groups(place, ["custom"])
    backup = place.back_up()
    then = place.server.snapshot(names)
    place.proxy.at("backups:upload", "body", place.crash, after=30000)
    process = place.home.start("restore", "Site", backup["id"], "--yes")
    wait_until(lambda: place.server.pid is None, "the crash")
    place.bring_back()
    _, err = process.communicate(timeout=600)
    assert process.returncode == 1 and err, (process.returncode, err)
    place.proxy.forget()
    assert_same(then, place.server.snapshot(names))


@stock.test
def into_a_sub_application(place):
    """What is in the main application goes into a sub-application of the same server; the main one stays as it is."""
    names = own_groups(place, ["custom"])
    backup = place.back_up()
    place.server.post("pm:enable?filterByTk=multi-app-manager")
    time.sleep(1)
    place.calm()
    place.server.tokens.clear()
    place.server.post("applications:create", {"name": "branch", "displayName": "Branch", "options": {"autoStart": True}})
    wait_until(lambda: place.server.healthy("branch"), "the sub-application")
    then = place.server.snapshot(names)
    result = place.run("restore", "Site", backup["id"], "--to", "app=branch", "--yes")
    assert result.code in (0, 3), result  # it may tell of the restore that an earlier test cut off
    assert_same(then, place.server.snapshot(names, app="branch"))
    assert_same(then, place.server.snapshot(names))


@stock.test
def not_enabled(place):
    """No plugin at all: said, and offered; without consent nothing is enabled."""
    place.server.post("pm:disable?filterByTk=backups")
    time.sleep(1)
    place.calm()
    place.server.tokens.clear()
    place.run("service", "test", "Site").expect(3, err="neither “Backup manager” nor “Backup & Restore”")
    place.refused("groups", "Site", err="neither “Backup manager” nor “Backup & Restore”")
    place.refused("backup", "Site", err="Enable “backups” in its plugin manager")
    terminal = Terminal(place.home, "backup", "Site")
    terminal.wait_for("Enable the plugin for backups")
    terminal.type("enable\n")
    code, seen = terminal.end()
    assert code == 0, seen
    place.calm()


@stock.test
def stopped_while_restoring_of_stock(place):
    """The process ends while the new plugin has taken the database apart: such a server does not come up again. Looked at in
    “late”, since it takes its time to give up."""
    backup = place.back_up()
    change(place.server)
    rule = place.proxy.at("backups:upload", "answer",
                          lambda head: threading.Timer(1.2, place.crash).start(), after=100)
    process = place.home.start("restore", "Site", backup["id"], "--yes")
    assert rule.done.wait(600)
    wait_until(lambda: place.server.pid is None, "the crash")

    def check(code, err):
        assert code == 1 and "has not come back: its administrator must look at its log" in err, (code, err)
        assert "the data from before is in the safety copy" in err, err
    PENDING.append((process, place.home, check))


# --- both -----------------------------------------------------------------------------------------------------------

class Both(Place):
    flavor = "both"


both = Suite("both", Both)


@both.test
def side_by_side(place):
    """Groups by the old plugin, all by the new one; both lists are shown as one."""
    place.run("service", "test", "Site").expect(3, err="Both plugins are enabled")
    assert all(group["locked_reason"] is None for group in place.json("groups", "Site"))
    place.run("backup", "Site", "--group", "custom", "--on-service").expect(3, err="cannot be restored on this server")
    place.run("backup", "Site", "--on-service").expect(0)
    names = sorted(backup["own_name"] for backup in place.json("list", "Site") if backup["on_service"])
    assert [name.rsplit(".", 1)[1] for name in names] in (["nbdata", "nbdump"], ["nbdump", "nbdata"]), names
    place.back_up("--group", "custom", code=3)


@both.test
def group_restore_refused(place):
    """It would end the server's process: refused with exit 5 and no writing request, whatever is allowed."""
    backup = place.back_up("--group", "custom", code=3)
    reason = "Backup manager, whose restore command hides that of the old plugin"
    for options in ((), ALLOW):
        place.refused("restore", "Site", backup["id"], "--group", "custom", *options, "--yes", err=reason)
        place.refused("plan", "Site", backup["id"], *options, err=reason)
    on_server = next(b for b in place.json("list", "Site") if b["on_service"] and b["own_name"].endswith(".nbdump"))
    place.refused("restore", "Site", on_server["id"], *ALLOW, "--yes", err=reason)
    place.refused("restore", "Site", os.path.join(DATA, "all-groups.nbdump"), *ALLOW, "--yes", err=reason)
    assert place.server.healthy() and not place.home.vault_files() == []


@both.test
def whole_restore(place):
    """By the new plugin it works, beside the old one."""
    names = own_groups(place, ["user", "custom", "third-party"])
    then = place.server.snapshot(names)
    backup = place.back_up()
    assert place.archive(backup).endswith(".nbdata")
    change(place.server)
    done = place.json("restore", "Site", backup["id"], "--yes")
    assert done["failed"] == 0 and done["safety_id"], done
    assert_same(then, place.server.snapshot(names))


@both.test
def sign_in_of_both(place):
    check_wrong_password(place)
    check_no_permission(place)


# --- what took its time ---------------------------------------------------------------------------------------------

class Late:
    """No server: only the ends of what was begun before."""

    def recover(self):
        """Nothing to bring back."""

    def close(self):
        for process, home, _ in PENDING:
            if process.poll() is None:
                process.kill()
            home.remove()


late = Suite("late", Late)


@late.test
def ends(_place):
    """What waited for servers that never came back has given up, with a sentence."""
    for process, _, check in PENDING:
        _, err = process.communicate(timeout=400)
        check(process.returncode, err.decode())


if __name__ == "__main__":
    say(f"# the peer: {PEER}")
    run_suites([legacy, stock, both, late])
