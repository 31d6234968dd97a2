# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications of App Service over the real command line: each operation, judged by the official description; what goes wrong with
signatures; an operation that outlives the program."""

import base64
import datetime
import hashlib
import hmac
import json
import os
import re
import signal
import time
import urllib.parse
import zipfile

from peer import Suite
from reprise_test import Home, program


def make_sas(peers, letters, seconds, container="backups"):
    """A signature for a container, made here, so that a test can have any."""
    account, end = peers["STORAGE_ACCOUNT"], datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    until = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"{letters}\n\n{until}\n/blob/{account}/{container}\n\n\n\n2021-12-02\nc\n\n\n\n\n\n\n"
    digest = hmac.new(base64.b64decode(peers["STORAGE_KEY"]), text.encode(), hashlib.sha256).digest()
    query = {"sv": "2021-12-02", "sr": "c", "sp": letters, "se": until, "sig": base64.b64encode(digest).decode()}
    return f"{peers['BLOB_ENDPOINT']}/{container}?{urllib.parse.urlencode(query)}"


class Shop:
    """A home with the application “shop” as a service. Secrets are given with each command, as there is no keyring."""

    def __init__(self, peers, *settings, application="shop"):
        self.peers, self.home, self.sas, self.said = peers, Home(), make_sas(peers, "rwdl", 400 * 86400), []
        self.home.cli = program("cli/reprise")
        values = {"cloud": "other", "management-address": peers["ARM_ENDPOINT"], "sign-in-address": peers["AUTHORITY"],
                  "token-audience": peers["RESOURCE"], "sign-in": "client-secret", "tenant": peers["TENANT"],
                  "client-id": peers["ROBOT_CLIENT_ID"], "subscription": peers["SUBSCRIPTION"], "resource-group": "rg1",
                  "application": application}
        pairs = [f"{name}={value}" for name, value in values.items()] + list(settings)
        self.home.run("service", "add", "azure-app-service", "Shop", *[word for pair in pairs for word in ("--set", pair)],
                      "--no-test").expect(3, err="no secret yet")
        peers.reset()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.check_canary()
        finally:
            self.home.remove()

    def check_canary(self):
        """Nothing that was said or written has a signature, a key or the secret of the principal in it."""
        secrets = [self.peers["ROBOT_CLIENT_SECRET"], self.peers["STORAGE_KEY"], re.search(r"sig=([^&]*)", self.sas)[1]]
        text = "".join(each.out + each.err for each in self.said)
        for folder, _, files in os.walk(self.home.path):
            for name in files:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as data:
                        text += data.read().decode("latin-1")
        for secret in secrets:
            assert secret not in text, secret[:8]

    def args(self, *args):
        return [*args, "--secret-fd=client-secret={}", "--secret-fd=sas={}"]

    def run(self, *args, said=True):
        result = self.home.run(*self.args(*args), secrets=[self.peers["ROBOT_CLIENT_SECRET"], self.sas])
        if said:
            self.said.append(result)
        return result

    def back_up(self):
        """The number of a backup that stays with Azure."""
        return self.run("backup", "Shop", "--on-service", "--json").expect().json["job"]["backup_id"]

    def start(self, *args):
        """A command that is left running."""
        fds = []
        for text in (self.peers["ROBOT_CLIENT_SECRET"], self.sas):
            reading, writing = os.pipe()
            os.write(writing, text.encode())
            os.close(writing)
            fds.append(reading)
        process = self.home.start(*[*args, f"--secret-fd=client-secret={fds[0]}", f"--secret-fd=sas={fds[1]}"], pass_fds=fds)
        for fd in fds:
            os.close(fd)
        return process

    def writes(self, end):
        """Method and path of what was sent to paths with that end, with the status of the answer."""
        return [entry for entry in self.peers.log() if entry[0] != "GET" and entry[1].partition("?")[0].endswith(end)]

    def count(self, part):
        """Of requests whose path has that part."""
        return sum(part in entry[1] for entry in self.peers.log())

    def refused(self):
        """What the description did not accept."""
        return [entry for entry in self.peers.log() if entry[2] in (400, 422)]

    def lay_down(self, pattern, body, status=200, times=99):
        """From now on requests whose “METHOD path” matches get that answer: what the stand-in does not keep, or makes anew each time."""
        self.peers.arm("fault", {"match": pattern, "status": status, "body": body, "times": times})

    def lay_down_missing(self, pattern, times=99):
        self.lay_down(pattern, {"error": {"code": "ResourceNotFound", "message": "It is not there."}}, 404, times)

    def wait_for(self, pattern, seconds=60):
        """Until a request whose “METHOD path” matches was answered."""
        end = time.monotonic() + seconds
        while not any(re.search(pattern, f"{entry[0]} {entry[1]}") for entry in self.peers.log()):
            assert time.monotonic() < end, f"nothing like {pattern}"
            time.sleep(0.2)


def make_suite(place):
    """The suite, at that place."""
    suite = Suite("site", place)

    @suite.test
    def site_backup_and_back(peers):
        """Into the vault and verified, over the application after a safety copy, and undone; polled in both styles."""
        with Shop(peers) as shop:
            shop.run("service", "test", "Shop").expect()
            made = shop.run("backup", "Shop", "--json").expect().json
            assert made["state"] == "verified"
            shop.home.run("verify", made["id"], "--deep").expect()
            for via in ("location", "async"):
                peers.arm("lro", {"polls": 2, "outcome": "ok", "via": via, "retryAfter": "1"})
                shop.run("restore", "Shop", made["id"], "--yes").expect(out="Azure restored “shop”")
            shop.run("undo", "Shop", "--yes").expect(out="Azure restored “shop”")
            assert [entry[2] for entry in shop.writes("/restoreFromBackupBlob")] == [202, 202, 202]
            assert len(shop.writes("/backup")) == 4
            assert not shop.refused(), shop.refused()

    @suite.test
    def site_restores_elsewhere(peers):
        """A new application, and a blob that nobody lists."""
        with Shop(peers) as shop:
            number = shop.back_up()
            missing = {"error": {"code": "ResourceNotFound", "message": "It is not there yet."}}
            peers.arm("fault", {"match": "^GET .*/sites/newshop$", "status": 404, "body": missing, "times": 2})
            shop.run("restore", "Shop", number, "--to", "application=newshop", "--to", "plan=plan1", "--yes").expect()
            shop.run("restore", "Shop", number, "--yes", "--no-safety-copy", "--group", "required").expect()
            assert len(shop.writes(f"/sites/newshop/backups/{number}/restore")) == 1
            peers.arm("reset")
            blob = next(each["id"] for each in shop.run("list", "Shop", "--json").expect().json if each["id"].endswith(".zip"))
            shop.run("restore", "Shop", blob, "--yes", "--no-safety-copy").expect()
            assert not shop.refused(), shop.refused()

    @suite.test
    def site_databases_of_a_new_application(peers):
        """They are those in use: replaced with consent, after a backup of the application that they belong to, and undone with it."""
        with Shop(peers, "databases=SqlAzure:orders:OrdersConnection") as shop:
            number = shop.back_up()
            shop.lay_down_missing("^GET .*/sites/newshop$")
            words = ("restore", "Shop", number, "--to", "application=newshop", "--to", "plan=plan1")
            shop.run(*words).fails(5, "consent")
            shop.run(*words, "--yes").expect(out="The data from before is in the safety copy")
            assert [entry[2] for entry in shop.writes("/sites/shop/backup")] == [200, 200], peers.log()
            assert len(shop.writes(f"/sites/newshop/backups/{number}/restore")) == 1
            shop.run("undo", "Shop", "--yes").expect(out="Azure restored “shop”")
            assert not shop.refused(), shop.refused()

    @suite.test
    def site_automatic_backups(peers):
        """Those that Azure makes by itself go over the application, over another one and into a slot; one that is gone is missed."""
        with Shop(peers, "automatic-backups=all") as shop:
            times = ["2026-11-21T18:00:13.0000000", "2026-11-21T19:00:07.123Z", "2026-11-21T20:00:00Z"]  # as it writes them
            shop.lay_down("^GET .*/sites/shop/snapshots$", {"value": [{"id": f"{peers.site()}/snapshots/{number}", "name": "shop", "properties": {
                "time": time}} for number, time in enumerate(times)]})
            listed = [each["id"] for each in shop.run("list", "Shop", "--json").expect().json if each["bound"]]
            assert listed == [f"snapshot-{time}" for time in reversed(times)], listed
            shop.run("show", listed[0]).expect(out="Azure makes one each hour")
            for words in ((), ("--to", "application=other"), ("--to", "slot=staging", "--to", "settings=false")):
                if "slot=staging" in words:
                    shop.lay_down("^GET .*/sites/shop/slots$", {"value": [{"id": f"{peers.site()}/slots/staging", "name": "shop/staging"}]})
                shop.run("restore", "Shop", listed[1], *words, "--yes", "--no-safety-copy").expect(out="Azure restored")
            assert [entry[2] for entry in shop.writes("/restoreSnapshot")] == [202, 202, 202], peers.log()
            shop.run("restore", "Shop", listed[2], "--yes").expect(out="Azure restored “shop”")  # after a safety copy
            assert len(shop.writes("/backup")) == 1
            shop.home.run("service", "edit", "Shop", "--set", "automatic-backups=paired").expect()
            shop.lay_down("^GET .*/sites/shop/snapshotsdr$", {"value": [{"id": "x", "name": "shop", "properties": {"time": times[0]}}]})
            copies = [each["id"] for each in shop.run("list", "Shop", "--json").expect().json if each["id"].startswith("paired-")]
            assert copies == [f"paired-{times[0]}"], copies
            shop.run("restore", "Shop", copies[0], "--yes", "--no-safety-copy").expect(out="Azure restored “shop”")
            assert len(shop.writes("/restoreSnapshot")) == 5
            shop.run("download", listed[0]).fails(1, "neither downloaded nor deleted")
            shop.run("delete", listed[0], "--yes").fails(1, "neither downloaded nor deleted")
            shop.run("restore", "Shop", "snapshot-2020-01-01T00:00:00Z", "--yes").fails(1, "There is no backup")
            assert not shop.refused(), shop.refused()

    @suite.test
    def site_deleted(peers):
        """An application that was deleted by accident: it is said, its backups are listed, it is made anew from a blob or brought back."""
        with Shop(peers, application="newshop") as shop:  # which the stand-in does not have
            shop.lay_down_missing("^GET .*/sites/newshop$")
            shop.run("service", "test", "Shop").fails(1, "not there|not found|no application")
            shop.lay_down("^GET .*/deletedSites$", {"value": [
                {"id": f"{peers.subscription}/providers/Microsoft.Web/locations/West US/deletedSites/{number}", "name": str(number), "properties": {
                    "deletedSiteId": number, "deletedSiteName": name, "resourceGroup": "rg1", "slot": "Production",
                    "deletedTimestamp": "2026-11-20T08:00:00", "geoRegionName": "West US"}} for number, name in ((7, "another"), (9, "newshop"))]})
            shop.run("service", "test", "Shop").fails(1, "was deleted on .* Its backups are still listed")
            shop.run("backup", "Shop").fails(1, "was deleted|not there|not found")
            archive = shop.home.file("newshop_1.zip")
            with zipfile.ZipFile(archive, "w") as data:
                data.writestr("fs/site/wwwroot/index.html", "<h1>newshop</h1>")
            shop.home.file("newshop_1.xml", "<?xml version=\"1.0\"?><Backup/>")
            shop.run("upload", "Shop", archive).expect()
            assert {"newshop_1.zip", "deleted-9"} <= {each["id"] for each in shop.run("list", "Shop", "--json").expect().json}
            shop.run("restore", "Shop", "newshop_1.zip", "--to", "plan=plan1", "--yes").expect(out="Azure restored “newshop”")
            assert [entry[2] for entry in shop.writes("/sites/newshop/restoreFromBackupBlob")] == [202]
            shop.run("show", "deleted-9").expect(out="Azure keeps a deleted application for 30 days")
            shop.run("restore", "Shop", "deleted-9", "--yes").fails(5, "does not exist")
            shop.lay_down("^GET .*/sites/empty$", {"name": "empty", "properties": {"state": "Running"}})
            shop.run("restore", "Shop", "deleted-9", "--to", "application=empty", "--yes", "--no-safety-copy").expect(out="Azure restored “empty”")
            assert len(shop.writes("/sites/empty/restoreFromDeletedApp")) == 1
            shop.run("restore", "Shop", "deleted-7", "--to", "application=empty", "--yes").fails(1, "There is no backup")
            assert not shop.refused(), shop.refused()

    @suite.test
    def site_rehearsals(peers):
        """Into an application that is made for it: compared in numbers, and deleted; followed to its end before that by whoever comes after a kill."""
        with Shop(peers, "rehearse-on=newrehearsal") as shop:
            shop.run("backup", "Shop", "--json").expect()
            versions = {"alwaysOn": True, "phpVersion": "7.4"}  # the stand-in does not have what begins with “new”
            shop.lay_down("^GET .*/sites/newrehearsal/config/web$", {"properties": versions})
            shop.lay_down("^POST .*/sites/newrehearsal/config/appsettings/list$", {"properties": {"MAIL_KEY": shop.sas, "ZONE": "other"}})
            shop.lay_down("^POST .*/sites/newrehearsal/config/connectionstrings/list$", {"properties": {}})
            shop.lay_down("^DELETE .*/sites/newrehearsal$", {})
            shop.lay_down_missing("^GET .*/sites/newrehearsal$", times=2)
            shop.run("rehearse", "Shop").expect(3, out="22 settings, 0 databases and 2 blobs compared, 19 differences;", err="Cache, Orders")
            asked = peers.validator.compared(peers)  # twice three, and each of them as it is described
            assert len({entry[1] for entry in asked}) == 6 and {peers.validator.judge(entry) for entry in asked} == {200}, asked
            assert len(shop.writes("/sites/newrehearsal")) == 1, "it was not deleted"
            assert not [blob for blob in peers.run("blobs", "backups").get("blob", []) if blob.startswith("newrehearsal")]
            shop.home.run("service", "show", "Shop").expect(out="19 differences; Azure does not report its files")

            shop.lay_down_missing("^GET .*/sites/newrehearsal$", times=2)
            peers.arm("lro", {"polls": 6, "outcome": "ok", "via": "location", "retryAfter": "1"})
            polled = shop.count("/operationresults/")
            process = shop.start("rehearse", "Shop")
            while shop.count("/operationresults/") == polled:
                assert process.poll() is None, process.communicate()
                time.sleep(0.2)
            process.send_signal(signal.SIGKILL)
            process.wait()
            begun = len(peers.log())
            shop.run("backup", "Shop", "--on-service").expect()
            after = [entry for entry in peers.log()[begun:] if "newrehearsal" in entry[1]]
            assert [entry[2] for entry in after[:-1]] == [202] * (len(after) - 2) + [200] and after[-1][0] == "DELETE", after
            assert not [blob for blob in peers.run("blobs", "backups").get("blob", []) if blob.startswith("newrehearsal")]
            assert not shop.refused(), shop.refused()

    @suite.test
    def site_schedule(peers):
        """Set, shown, paused, resumed and removed; read back each time."""
        with Shop(peers) as shop:
            shop.run("schedule", "Shop", "--on-service").expect(out="no schedule of its own")
            shop.run("schedule", "Shop", "--on-service", "--set", "every=12", "--set", "unit=hour", "--set", "retention-days=3",
                     "--set", "start=2030-01-01T02:00:00Z").expect(out="every +12")
            shop.run("schedule", "Shop", "--on-service", "--pause").expect(out="paused")
            found = shop.run("schedule", "Shop", "--on-service", "--json").expect().json["own_schedule"]
            assert found["enabled"] == "false" and found["every"] == "12" and found["start"] == "2030-01-01T02:00:00Z", found
            shop.run("schedule", "Shop", "--on-service", "--resume", "--set", "retention-days=500").expect(3, err="kept until")
            shop.run("schedule", "Shop", "--on-service", "--off").expect(out="no schedule of its own")
            assert not shop.refused(), shop.refused()

    @suite.test
    def site_signatures(peers):
        """Ended, for reading only, wrong, of no container: nothing is begun, and the sentence says why."""
        with Shop(peers) as shop:
            wrong = re.sub(r"sig=[^&]*", "sig=" + urllib.parse.quote("wrong" * 8 + "wro="), peers["CONTAINER_SAS"])
            for sas, code, words in ((peers["CONTAINER_SAS_EXPIRED"], 4, "ended on"), (peers["CONTAINER_SAS_NOT_YET"], 4, "not good before"),
                                     (peers["CONTAINER_SAS_READ_ONLY"], 5, "write"), (wrong, 4, "does not accept"),
                                     (peers["CONTAINER_SAS_NO_CONTAINER"], 5, "There is no container")):
                shop.sas = sas
                shop.run("backup", "Shop").expect(code, err=words)
            assert not shop.writes("/backup"), shop.writes("/backup")

    @suite.test
    def site_renewal(peers):
        """What was made with a signature that may not delete is deleted with a new one, as one action."""
        with Shop(peers) as shop:
            shop.sas = make_sas(peers, "rwl", 86400 * 30)
            number = shop.run("backup", "Shop", "--on-service", "--json").expect(3).json["job"]["backup_id"]
            shop.run("delete", number, "--yes").fails(4, "renew it")
            shop.run("show", number).expect(out="not deleted")
            shop.sas = make_sas(peers, "rwdl", 400 * 86400)
            shop.run("service", "renew", "Shop", number).expect(out="renewed")
            assert [entry[0] for entry in shop.peers.log() if entry[1].partition("?")[0].endswith(f"/backups/{number}") and
                    entry[0] == "DELETE"], shop.peers.log()
            assert number not in [each["id"] for each in shop.run("list", "Shop", "--json").expect().json]
            assert not shop.refused(), shop.refused()

    @suite.test
    def site_secrets_on_request(peers):
        with Shop(peers) as shop:
            number = shop.back_up()
            assert not shop.writes("/list"), "secrets were asked for unasked"
            signature = re.search(r"sig=([^&]*)", shop.sas)[1]
            assert signature not in shop.run("show", number).expect().out
            shop.run("show", number, "--reveal", said=False).expect(out=re.escape(signature))
            assert len(shop.writes("/list")) == 1

    @suite.test
    def site_throttled(peers):
        """Asked to wait, it waits, and begins one backup."""
        with Shop(peers) as shop:
            peers.arm("fault", {"match": "^POST .*/backup$", "status": 429, "headers": {"Retry-After": "1"}, "times": 2})
            peers.arm("fault", {"match": "^GET .*/backups/", "status": 503, "headers": {"Retry-After": "1"}, "times": 1})
            shop.back_up()
            assert [entry[2] for entry in shop.writes("/backup")] == [429, 429, 200], shop.writes("/backup")

    @suite.test
    def site_polling_refused(peers):
        """To be not allowed to look is no failure."""
        with Shop(peers) as shop:
            number = shop.back_up()
            peers.arm("fault", {"match": "/operation(results|statuses)/", "status": 403, "times": 9,
                                "body": {"error": {"code": "AuthorizationFailed", "message": "You may not look."}}})
            shop.run("restore", "Shop", number, "--yes", "--no-safety-copy").expect(3, out="began to restore", err="You may not look")

    @suite.test
    def site_failures(peers):
        """The reason of the service is told, of a restore and of a backup."""
        with Shop(peers) as shop:
            number = shop.back_up()
            peers.arm("lro", {"polls": 1, "outcome": "failed", "via": "async", "retryAfter": "1"})
            shop.run("restore", "Shop", number, "--yes", "--no-safety-copy").fails(1, "as the test asked")
            peers.arm("fault", {"match": "^POST .*/restore$", "status": 503, "headers": {"Retry-After": "1"}, "times": 1})
            shop.run("restore", "Shop", number, "--yes", "--no-safety-copy").fails(1, "not known whether Azure has begun")
            assert [entry[2] for entry in shop.writes("/restore")] == [202, 503], shop.writes("/restore")

    @suite.test
    def site_killed(peers):
        """Killed while Azure restores: the next run follows it to its end before it begins with anything else."""
        with Shop(peers) as shop:
            number = shop.back_up()
            peers.arm("lro", {"polls": 4, "outcome": "ok", "via": "location", "retryAfter": "1"})
            process = shop.start("restore", "Shop", number, "--yes", "--no-safety-copy")
            shop.wait_for(r"^GET .*/operationresults/")
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert len(shop.writes("/restore")) == 1
            shop.run("restore", "Shop", number, "--yes", "--no-safety-copy").expect(3, err="was finished first: Azure restored")
            assert len(shop.writes("/restore")) == 2, shop.writes("/restore")

    @suite.test
    def site_killed_and_followed(peers):
        """Killed while Azure restores, and nobody wants anything: what is due follows it by itself, once, and it is in the history."""
        with Shop(peers) as shop:
            number = shop.back_up()
            for outcome, code, words in (("ok", 0, "Azure restored “shop”"), ("failed", 1, "as the test asked")):
                peers.arm("lro", {"polls": 4, "outcome": outcome, "via": "location", "retryAfter": "1"})
                begun, polled = len(shop.writes("/restore")), shop.count("/operationresults/")
                process = shop.start("restore", "Shop", number, "--yes", "--no-safety-copy")
                while shop.count("/operationresults/") == polled:
                    assert process.poll() is None, "the restore has ended"
                    time.sleep(0.2)
                process.send_signal(signal.SIGKILL)
                process.wait()
                shop.run("run-due").expect(code, out="was cut off")
                assert len(shop.writes("/restore")) == begun + 1
                assert words in json.dumps(shop.home.run("history", "Shop", "--json").expect().json, ensure_ascii=False)
                shop.run("run-due").expect(out="Nothing is due")

    @suite.test
    def site_killed_in_backup(peers):
        """Killed while Azure makes a backup: it comes into the vault by what is due, or by the next backup, and is not asked for twice."""
        with Shop(peers) as shop:
            for command, asked in (("run-due", 1), ("backup", 2)):
                peers.arm("fault", {"match": "^GET .*/backups/", "status": 503, "headers": {"Retry-After": "2"}, "times": 2})
                process = shop.start("backup", "Shop")
                while len(shop.writes("/backup")) < asked:
                    assert process.poll() is None, "the backup has ended"
                    time.sleep(0.1)
                time.sleep(0.5)
                process.send_signal(signal.SIGKILL)
                process.wait()
                if command == "run-due":
                    shop.run("run-due").expect(out="was cut off")
                    shop.run("run-due").expect(out="Nothing is due")
                else:
                    assert shop.run("backup", "Shop").code in (0, 3)
                assert len(shop.writes("/backup")) == asked, shop.writes("/backup")
                kept = [each for each in shop.run("list", "Shop", "--json").json if each["state"] == "verified"]
                assert len(kept) == asked, kept

    @suite.test
    def site_archives(peers):
        """Up with its description, down, and away."""
        with Shop(peers) as shop:
            made = shop.run("backup", "Shop", "--json").expect().json
            for name in ("site.zip", "site.xml"):
                with open(os.path.join(made["folder"], name), "rb") as data, open(shop.home.file("shop_up" + name[4:]), "wb") as out:
                    out.write(data.read())
            shop.run("upload", "Shop", shop.home.file("shop_up.zip")).expect()
            assert "shop_up.zip" in [each["id"] for each in shop.run("list", "Shop", "--json").expect().json]
            shop.run("download", "shop_up.zip").expect()
            shop.run("delete", "shop_up.zip", "--yes").expect()
            assert not [blob for blob in peers.run("blobs", "backups").get("blob", []) if blob.startswith("shop_up")]

    return suite


__all__ = ["make_suite"]
