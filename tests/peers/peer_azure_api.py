# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of API Management, over the command line and the peers: each request is judged by the official description."""

import glob
import json
import os
import time

from reprise_test import Home, program

OWN, OTHER, STANDBY = "shop-standard", "other-standard", "standby-standard"


class Console:
    """The command line, with services for each way of access."""

    def __init__(self, peers):
        self.peers, self.home = peers, Home()
        self.home.cli = program("cli/reprise")
        for name, more in (("Key", []), ("Identity", ["--set", "access=system-identity"]),
                           ("User", ["--set", "access=user-identity", "--set", f"identity-client-id={peers['ROBOT_CLIENT_ID']}"]),
                           ("Azure", ["--set", "storage=azure"]),
                           ("Standing", ["--set", f"standby={STANDBY}", "--set", "rehearse-after-backup=true",
                                         "--set", "reports=none"])):
            self.add(name, *more)

    def add(self, name, *more):
        peers = self.peers
        settings = {"cloud": "other", "management-address": peers["ARM_ENDPOINT"], "sign-in-address": peers["AUTHORITY"],
                    "token-audience": peers["RESOURCE"], "sign-in": "client-secret", "tenant": peers["TENANT"],
                    "client-id": peers["ROBOT_CLIENT_ID"], "subscription": peers["SUBSCRIPTION"], "resource-group": "rg1",
                    "service": OWN, "account": peers["STORAGE_ACCOUNT"], "container": "apim-backups",
                    "storage-address": peers["BLOB_ENDPOINT"]}
        pairs = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
        self.home.run("service", "add", "azure-api-management", name, "--no-test", *pairs, *more).expect(3, err="no secret yet")

    @property
    def secrets(self):
        return [self.peers["ROBOT_CLIENT_SECRET"], self.peers["STORAGE_KEY"]]

    def run(self, *args):
        return self.home.run(*args, "--secret-fd=client-secret={}", "--secret-fd=access-key={}", secrets=self.secrets)

    def start(self, *args):
        """Leaves it running."""
        fds, options = [], []
        for key, text in zip(("client-secret", "access-key"), self.secrets):
            reading, writing = os.pipe()
            os.write(writing, text.encode())
            os.close(writing)
            fds.append(reading)
            options.append(f"--secret-fd={key}={reading}")
        process = self.home.start(*args, *options, pass_fds=fds)
        for fd in fds:
            os.close(fd)
        return process

    def back_up(self, name, *args):
        return self.run("backup", name, "--json", "--progress=none", *args).expect().json["id"]

    def show(self, backup):
        return self.home.run("show", backup, "--json").expect().json

    def reports(self, name):
        """The newest backup of reports."""
        listed = self.run("list", name, "--json").expect().json
        return self.show(next(each for each in listed if each["groups"] == ["log"])["id"])

    def close(self):
        self.home.remove()


def posts(peers, what):
    return [entry for entry in peers.log() if entry[0] == "POST" and entry[1].split("?")[0].endswith(what)]


def polls(peers):
    return [entry for entry in peers.log() if "/operationresults/" in entry[1] or "/operationstatuses/" in entry[1]]


def accepted(peers):
    """No request was refused, by the description or otherwise; a look at a name that is free is none."""
    return not [entry for entry in peers.log() if entry[2] >= 400]


def ends(entries):
    """The service and the list of each."""
    return ["/".join(entry[1].split("?")[0].split("/")[-2:]) for entry in entries]


def make_tests(api):
    """Into the suite @api, whose place has a console."""

    @api.test
    def api_by_key(peers):
        """Into the vault and verified, with all reports, each row as it came."""
        peers.reset()
        shown = peers.console.show(peers.console.back_up("Key"))
        groups = {group["group"]: group for group in shown["contents"]}
        assert shown["state"] == "verified" and set(groups) == {"required", "skipped"}, shown
        reports = peers.console.reports("Key")
        groups = {group["group"]: group for group in reports["contents"]}
        assert reports["state"] == "verified" and len(groups["log"]["collections"]) == 8, reports
        path, = glob.glob(os.path.join(reports["folder"], "reports", "byRequest.jsonl"))
        with open(path, encoding="utf-8") as rows:
            assert all(json.loads(row)["requestId"] for row in rows)
        peers.console.home.run("verify", "--deep", shown["id"]).expect()
        assert accepted(peers), peers.log()
        assert len(posts(peers, "/backup")) == 1

    @api.test
    def api_by_identities(peers):
        """With the identity of the service, with one that was assigned, and with what Azure gives whoever is signed in."""
        for name in ("Identity", "User", "Azure"):
            peers.reset()
            result = peers.console.run("backup", name, "--group=required", "--json", "--progress=none")
            if name == "User" and result.code == 5:  # the example of the description has no such identity
                assert "managed identity" in result.err, result
                continue
            result.expect()
            assert accepted(peers), (name, peers.log())

    @api.test
    def api_stays_there(peers):
        """In the container, with its tier and its end; found again there, and deleted."""
        peers.reset()
        made = peers.console.back_up("Key", "--on-service")
        entry, = [each for each in peers.console.run("list", "Key", "--json").expect().json if each["id"] == made]
        assert entry["on_service"] and "Restorable until" in entry["own_state"] and "(Standard)" in entry["own_state"], entry
        peers.console.run("plan", "Key", made).expect(0, out="the same as the backup")
        peers.console.run("download", made, "--service", "Key", "--json", "--progress=none").expect()
        peers.console.run("delete", made, "--service", "Key", "--yes").expect()
        assert accepted(peers), peers.log()

    @api.test
    def api_both_styles(peers):
        """Location, and Azure-AsyncOperation; no more than one request for each Retry-After."""
        for via in ("location", "async"):
            peers.reset()
            peers.arm("lro", {"polls": 3, "outcome": "ok", "via": via, "retryAfter": "1"})
            started = time.monotonic()
            peers.console.back_up("Key", "--group=required")
            took = time.monotonic() - started
            assert len(polls(peers)) == 4 and took >= 4, (via, polls(peers), took)

    @api.test
    def api_restore_elsewhere_and_undo(peers):
        """Into another service of the tier, with a safety copy of that one, and back."""
        peers.reset()
        backup = peers.console.back_up("Key", "--group=required")
        result = peers.console.run("restore", "Key", backup, "--to", f"service={OTHER}", "--yes", "--json", "--progress=none").expect().json
        assert result["plan"]["name_to_type"] == OTHER and result["safety_id"], result
        assert [entry[2] for entry in posts(peers, f"{OTHER}/restore")] == [202], peers.log()
        assert [entry[2] for entry in posts(peers, f"{OTHER}/backup")] == [202], peers.log()
        peers.console.run("undo", "Key", "--yes", "--progress=none").expect()
        assert len(posts(peers, f"{OTHER}/restore")) == 2
        assert accepted(peers), peers.log()

    @api.test
    def api_other_tier(peers):
        """Seen before anything is sent; where the tier is not known, Azure says it, and we pass it on."""
        peers.reset()
        backup = peers.console.back_up("Key", "--group=required")
        peers.console.run("restore", "Key", backup, "--to", "service=big-premium", "--yes").expect(5, err="Premium")
        assert not posts(peers, "/restore")
        path = peers.console.home.file("unmarked.apimbackup", json.dumps({"sku": "Basic", "created": "2026-11-21T00:00:00Z"}))
        peers.console.run("restore", "Key", path, "--yes", "--no-safety-copy").expect(1, err="current SKU is 'Standard', backup SKU is 'Basic'")

    @api.test
    def api_expired(peers):
        """Refused before, and where the setting says otherwise, by Azure."""
        peers.reset()
        path = peers.console.home.file(f"{OWN}-20260101-000000.apimbackup",
                                       json.dumps({"sku": "Standard", "created": "2026-01-01T00:00:00Z"}))
        peers.console.run("plan", "Key", path).expect(5, out="Expired on")
        peers.console.run("upload", "Key", path, "--progress=none").expect()
        peers.console.home.run("service", "edit", "Key", "--set", "restorable-days=3650").expect()
        peers.console.run("restore", "Key", path, "--yes", "--no-safety-copy").expect(1, err="backup expired")
        peers.console.home.run("service", "edit", "Key", "--set", "restorable-days=").expect()

    @api.test
    def api_busy(peers):
        """While Azure is at work nothing is begun; where it turns out only then, it is said."""
        peers.reset()
        peers.arm("lro", {"polls": 30, "outcome": "ok", "via": "location", "retryAfter": "1"})
        peers.run("start", f"{peers.api(OWN)}/backup", "2024-05-01", json.dumps(
            {"storageAccount": peers["STORAGE_ACCOUNT"], "containerName": "apim-backups", "backupName": "in-the-way",
             "accessKey": peers["STORAGE_KEY"]}))
        peers.console.run("backup", "Key", "--group=required").expect(6, err="at work")
        assert len(posts(peers, "/backup")) == 1
        peers.reset()
        peers.arm("fault", {"match": "^POST .*/backup", "status": 409, "times": 1,
                            "body": {"error": {"code": "ServiceLocked", "message": "It is transitioning."}}})
        peers.console.run("backup", "Key", "--group=required").expect(6, err="It is transitioning.")

    @api.test
    def api_polling_is_refused(peers):
        """No failure: the service itself is looked at, and the container."""
        peers.reset()
        peers.arm("fault", {"match": "^GET .*/operationresults/", "status": 403, "times": 1,
                            "body": {"error": {"code": "AuthorizationFailed", "message": "You may not look."}}})
        process = peers.console.start("backup", "Key", "--group=required", "--json", "--progress=none")
        while not [entry for entry in polls(peers) if entry[2] == 403]:
            time.sleep(0.2)
        address = next(entry[1] for entry in polls(peers))
        while True:  # the peer goes on only where somebody polls
            lines = peers.run("send", "GET", address.split("?")[0], "2024-05-01")
            if lines.get("answer", [""])[0].startswith("{\"id\"") or '"sku"' in json.dumps(lines):
                break
            time.sleep(0.3)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, (out, err)
        assert len(posts(peers, "/backup")) == 1

    @api.test
    def api_fails(peers):
        """With what Azure says."""
        peers.reset()
        peers.arm("lro", {"polls": 1, "outcome": "failed", "via": "location", "retryAfter": "1"})
        peers.console.run("backup", "Key", "--group=required").expect(1, err="as the test asked")

    @api.test
    def api_killed_and_taken_up(peers):
        """The process dies while Azure works; the next one follows, and does not ask for it again."""
        peers.reset()
        peers.arm("lro", {"polls": 8, "outcome": "ok", "via": "location", "retryAfter": "1"})
        process = peers.console.start("backup", "Key", "--group=required", "--progress=none")
        while len(polls(peers)) < 2:
            time.sleep(0.1)
        process.kill()
        process.wait()
        shown = peers.console.show(peers.console.back_up("Key", "--group=required"))
        assert len(posts(peers, "/backup")) == 1 and shown["state"] == "verified", peers.log()
        peers.reset()
        peers.arm("lro", {"polls": 8, "outcome": "ok", "via": "async", "retryAfter": "1"})
        process = peers.console.start("restore", "Key", shown["id"], "--yes", "--no-safety-copy", "--progress=none")
        while len(polls(peers)) < 2:
            time.sleep(0.1)
        process.kill()
        process.wait()
        peers.console.run("backup", "Key", "--group=required", "--progress=none").expect(3, err="Azure restored")
        assert len(posts(peers, "/restore")) == 1, peers.log()

    @api.test
    def api_standby(peers):
        """After each backup it goes into the standby, and on request; the status tells when, and how it ended. What is in it is compared
        with the service, each list by a request that is accepted, page after page."""
        peers.reset()
        peers.console.back_up("Standing")
        assert [entry[2] for entry in posts(peers, f"{STANDBY}/restore")] == [202], peers.log()
        lists = ["apis", "products", "subscriptions", "namedValues", "backends", "users"]
        assert ends(peers.validator.compared(peers)) == [f"{name}/{each}" for each in lists for name in (OWN, STANDBY)], peers.log()
        numbers = "interfaces: 3, products: 2, subscriptions: 2, named values: 2, backends: 2, users: 2"
        peers.console.run("rehearse", "Standing", "--progress=none").expect(0, out=f"{STANDBY}.*{numbers}; 0 differences")
        assert len(posts(peers, f"{STANDBY}/restore")) == 2
        assert accepted(peers), peers.log()
        path = f"{peers.api(STANDBY)}/products"
        peers.arm("fault", {"match": f"^GET .*{STANDBY}/products$", "status": 200, "times": 1, "body": {
            "value": [{"name": "only-there"}], "nextLink": f"{peers['ARM_ENDPOINT']}{path}?api-version=2024-05-01&$top=1&$skip=1"}})
        peers.console.run("rehearse", "Standing", "--progress=none").expect(3, out="products: 3,.*1 difference", err="Only in the standby: only-there")
        pages = [entry for entry in peers.validator.compared(peers) if entry[1].startswith(path)][-2:]
        assert "skip=1" in pages[1][1] and [peers.validator.judge(entry) for entry in pages] == [200, 200], pages
        assert peers.validator.judge(["GET", path]) == 422, "without a version it should not be accepted"
        assert accepted(peers), peers.log()
        peers.console.home.run("history", "Standing").expect(0, out=STANDBY)
        peers.console.run("service", "test", "Standing").expect(0, out=f"{STANDBY} .Standard")
        peers.arm("fault", {"match": f"^POST .*{STANDBY}/restore", "status": 409, "times": 1,
                            "body": {"error": {"code": "ServiceLocked", "message": "It is transitioning."}}})
        peers.console.run("backup", "Standing", "--progress=none").expect(3, err="could not be rehearsed")

    @api.test
    def api_container(peers):
        """One that is not there is not made without being asked for."""
        peers.reset()
        peers.console.home.run("service", "edit", "Key", "--set", "container=not-there").expect()
        peers.console.run("backup", "Key", "--group=required").expect(5, err="Create it first")
        assert not posts(peers, "/backup")
        peers.console.home.run("service", "edit", "Key", "--set", "container=apim-backups").expect()

    @api.test
    def api_nothing_was_said(peers):
        """The canary: none of the secrets is anywhere in the home."""
        secrets = [secret.encode() for secret in peers.console.secrets]
        for folder, _, names in os.walk(peers.console.home.path):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as stream:
                        data = stream.read()
                    assert not [secret for secret in secrets if secret in data], path
                    assert b"Bearer " not in data, path
