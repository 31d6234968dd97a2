#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application of Azure App Service, over the real command line and an Azure of the tests."""

import os
import time

from reprise_azure import SECRET, SIGNATURE, SUBSCRIPTION, Azure, site_zip
from reprise_test import Skip, program, run_tests, test

GIVEN = ("--secret-fd=client-secret={}", "--secret-fd=sas={}")


class Shop:
    """The application as a service, whose secrets are given with each command."""

    def __init__(self, home, *settings):
        self.home, self.azure = home, Azure()
        self.azure.polls = None  # what is begun is done
        home.cli = program("cli/reprise")
        self.sas, self.said = self.azure.sas(), []
        pairs = [word for setting in settings for word in ("--set", setting)]
        home.run("service", "add", "azure-app-service", "Shop", *self.azure.settings(), *pairs, "--no-test").expect(3, err="no secret yet")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.azure.close()
        for text in (SECRET, SIGNATURE, "canary-access-token"):
            assert not any(text in each.out + each.err for each in self.said), text
            for folder, _, files in os.walk(self.home.path):
                for name in files:
                    if not os.path.isfile(os.path.join(folder, name)):
                        continue
                    with open(os.path.join(folder, name), "rb") as data:
                        assert text.encode() not in data.read(), (text, folder, name)

    def run(self, *args, secret=True):
        """A command with the secrets; what it says is looked through for them at the end."""
        if args[0] in ("backup", "restore", "undo"):  # which may begin one
            self.azure.take_time()
        result = self.home.run(*args, *GIVEN, secrets=[SECRET, self.sas])
        if secret:
            self.said.append(result)
        return result

    def posts(self, end):
        """The bodies that were sent to paths with that end."""
        return [body for method, path, body in self.azure.calls if method == "POST" and path.endswith(end)]


@test
def backup_and_back(home):
    """Into the vault, verified; back over the application, after a safety copy; undone."""
    with Shop(home, "databases=SqlAzure:orders:OrdersConnection") as shop:
        shop.run("service", "test", "Shop").expect(out="Running")
        groups = shop.run("groups", "Shop", "--json").expect().json
        assert [group["group"] for group in groups] == ["required", "custom", "skipped"], groups
        assert len(groups[2]["collections"]) == 9 and all(each["reason"] for each in groups[2]["collections"])
        made = shop.run("backup", "Shop", "--json").expect().json
        assert made["state"] == "verified" and made["in_vault"], made
        assert '"connectionStringName":"OrdersConnection"' in shop.posts("/backup")[0]
        shown = home.run("show", made["id"], "--json").expect().json
        assert sorted(each["path"] for each in shown["files"]) == ["site.xml", "site.zip"], shown["files"]
        home.run("verify", made["id"], "--deep").expect()
        shop.azure.polls = 1
        shop.run("restore", "Shop", made["id"], "--yes").expect(out="Azure restored “shop”")
        shop.azure.polls = 0
        assert len(shop.posts("/backup")) == 2, "there is no safety copy"
        assert '"overwrite":true' in shop.posts("/restoreFromBackupBlob")[0]
        shop.run("undo", "Shop", "--yes").expect(out="Azure restored “shop”")


@test
def states_and_details(home):
    with Shop(home) as shop:
        shop.run("backup", "Shop", "--on-service").expect()
        for number, status in enumerate(("InProgress", "Failed", "Succeeded", "TimedOut", 4, "Skipped", "PartiallySucceeded",
                                         "DeleteInProgress", "DeleteFailed", "Deleted", "Brewing"), 20):
            shop.azure.backups[str(number)] = {"id": number, "name": f"shop_{number}", "blobName": f"shop_{number}.zip",
                                               "status": status, "created": "2026-11-20T10:00:00"}
        said = shop.run("list", "Shop").expect().out
        for text in ("being made", "failed", "complete", "timed out", "queued", "not run", "made, with files missing",
                     "being deleted", "not deleted", "brewing", "automatic, without databases"):
            assert text in said, (text, said)
        assert "shop_29" not in said
        shown = shop.run("show", "1").expect(out="Correlation ID +correlation-1").out
        assert "On demand" in shown and "Last Restored" in shown and "not reported" in shown, shown
        assert "Blob" in shown and SIGNATURE not in shown
        shop.run("show", "1", "--reveal", secret=False).expect(out=SIGNATURE)


@test
def elsewhere(home):
    """A slot, a new application, an automatic backup, a blob that nobody lists."""
    with Shop(home) as shop:
        shop.run("backup", "Shop", "--on-service").expect()
        shop.azure.polls = 0
        plan = shop.run("plan", "Shop", "1", "--to", "application=shop2", "--json").expect().json
        assert not plan["overwrites"] and "plan1" in str(plan["checks"]), plan
        shop.run("restore", "Shop", "1", "--to", "application=shop2", "--yes").expect(out="Azure restored “shop2”")
        shop.azure.polls = None
        body = shop.posts("/sites/shop2/backups/1/restore")[0]
        assert '"overwrite":false' in body and '"appServicePlan":"plan1"' in body, body
        shop.run("restore", "Shop", "1", "--to", "slot=staging", "--yes", "--no-safety-copy").expect(out="shop/staging")
        assert '"overwrite":true' in shop.posts("/slots/staging/backups/1/restore")[0]
        shop.run("restore", "Shop", "snapshot-2026-11-20T10:00:00Z", "--yes", "--no-safety-copy").expect()
        assert '"snapshotTime":"2026-11-20T10:00:00Z"' in shop.posts("/restoreSnapshot")[0]
        shop.run("download", "snapshot-2026-11-20T10:00:00Z").fails(1, "to itself")
        shop.azure.blobs.update({"other.zip": site_zip(), "other.xml": b"<Backup/>"})
        assert "other.zip" not in shop.run("list", "Shop").expect().out
        shop.run("restore", "Shop", "other.zip", "--yes", "--no-safety-copy").expect()
        assert '"blobName":"other.zip"' in shop.posts("/restoreFromBackupBlob")[0]


@test
def databases_of_a_new_application(home):
    """They are those in use: replaced with consent, after a copy of them that undo brings back, or left alone."""
    with Shop(home, "databases=SqlAzure:orders:OrdersConnection") as shop:
        shop.run("backup", "Shop", "--on-service").expect()
        time.sleep(1.1)  # the names of backups have seconds
        words = ("restore", "Shop", "1", "--to", "application=shop2")
        plan = shop.run("plan", *words[1:], "--json").expect().json
        assert plan["overwrites"] and plan["safety_copy"] and "databases are those in use" in str(plan["losses"]), plan
        shop.run(*words).fails(5, "consent")
        assert len(shop.posts("/backup")) == 1 and not shop.posts("/restore")
        shop.run(*words, "--yes").expect(out="The data from before is in the safety copy")
        copied = [body for method, path, body in shop.azure.calls if method == "POST" and path.endswith("/sites/shop/backup")]
        assert len(copied) == 2 and '"name":"orders"' in copied[1], copied
        body = shop.posts("/sites/shop2/backups/1/restore")[0]
        assert '"overwrite":false' in body and '"connectionStringName":"OrdersConnection"' in body, body
        shop.run("undo", "Shop", "--yes").expect(out="Azure restored “shop”")
        body = shop.posts("/sites/shop/restoreFromBackupBlob")[0]
        assert '"overwrite":true' in body and '"connectionStringName":"OrdersConnection"' in body, body
        made = len(shop.posts("/backup"))
        words = ("restore", "Shop", "1", "--to", "application=shop3", "--yes")
        home.run("service", "edit", "Shop", "--set", "databases=").expect()
        shop.run(*words).expect(5, err="does not name the database “orders”")
        without = shop.run("plan", *words[1:-1], "--group", "required", "--json").expect().json
        assert not without["overwrites"] and not without["safety_copy"], without
        shop.run(*words, "--no-safety-copy").expect(out="Azure restored “shop3”")
        assert len(shop.posts("/backup")) == made


@test
def databases_of_a_blob(home):
    """Which they are Azure says before they are replaced."""
    with Shop(home) as shop:
        shop.azure.blobs.update({"other.zip": site_zip(), "other.xml": b"<Backup/>"})
        words = ("plan", "Shop", "other.zip", "--json")
        plan = shop.run(*words, "--group", "required", "--group", "custom").expect().json
        rows = [(row["collection"], row["action"]) for row in plan["rows"] if row["group"] == "custom"]
        assert ("orders", "replaced") in rows, rows
        assert "does not hold the database “orders”" in str(plan["checks"]), plan["checks"]
        plan = shop.run(*words).expect().json
        assert all(row["group"] == "required" for row in plan["rows"]) and len(shop.posts("/discoverbackup")) == 1, plan["rows"]


@test
def unknown_restore(home):
    """What Azure answered is told at once, and by the next restore what had been begun, in a line of whole sentences."""
    with Shop(home) as shop:
        made = shop.run("backup", "Shop", "--json").expect().json["id"]
        words = ("restore", "Shop", made, "--yes", "--no-safety-copy")
        answer, shop.azure.restore = shop.azure.restore, lambda name, sent: shop.azure.refuse(500, "InternalError")
        shop.run(*words).expect(1, err="not known whether Azure has begun.*InternalError")
        shop.azure.restore = answer
        shop.run(*words).expect(3, err=r"had been cut off\. Done: \S+\.zip\. Begun and not finished: shop\.")
        assert not [name for name in shop.azure.blobs if "-reprise-" in name]


@test
def deleted_application(home):
    """It stays listed with what is known of it, and is made anew."""
    with Shop(home) as shop:
        shop.run("backup", "Shop", "--on-service").expect()
        shop.azure.sites, shop.azure.backups = set(), {}
        shop.azure.deleted = [{"id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westus/deletedSites/9", "properties": {
            "deletedSiteName": "shop", "resourceGroup": "rg1", "deletedTimestamp": "2026-11-20T10:00:00Z"}}]
        shop.run("service", "test", "Shop").fails(1, "was deleted on")
        found = [each["id"] for each in shop.run("list", "Shop", "--json").expect().json]
        assert "deleted-9" in found and any(each.endswith(".zip") for each in found), found
        shop.run("restore", "Shop", "deleted-9", "--yes").fails(5, "does not exist")
        blob = next(each for each in found if each.endswith(".zip"))
        shop.run("restore", "Shop", blob, "--to", "plan=plan1", "--yes").expect(out="Azure restored “shop”")
        assert shop.azure.sites == {"shop"}
        shop.run("restore", "Shop", "deleted-9", "--yes", "--no-safety-copy").expect()
        assert "/deletedSites/9" in shop.posts("/restoreFromDeletedApp")[0]


@test
def archives_go_there_and_back(home):
    with Shop(home) as shop:
        path = home.file("old.zip")
        with open(path, "wb") as out:
            out.write(site_zip())
        home.run("inspect", path).expect(7, err=r"description \(\.xml\)")
        home.file("old.xml", "<Backup/>")
        inspected = home.run("inspect", path, "--json").expect().json
        assert inspected["kind"] == "azure-app-service" and inspected["groups"] == ["required", "custom"], inspected
        shop.run("upload", "Shop", path).expect(out="shop_old")
        assert set(shop.azure.blobs) == {"shop_old.zip", "shop_old.xml"}
        shop.run("upload", "Shop", path).expect(out="already, as “shop_old”")
        shop.azure.blobs["shop_old.zip"] += b"x"
        shop.run("upload", "Shop", path).fails(1, "another blob “shop_old.zip” .* Rename the file")
        shop.azure.blobs["shop_old.zip"] = shop.azure.blobs["shop_old.zip"][:-1]
        assert "shop_old.zip" in [each["id"] for each in shop.run("list", "Shop", "--json").expect().json]
        shop.run("download", "shop_old.zip").expect()
        shop.run("delete", "shop_old.zip", "--yes").expect()
        assert not shop.azure.blobs


@test
def two_services_of_one_application(home):
    """Numbers of backups are small: one that both list is neither shown nor deleted before somebody says of which."""
    with Shop(home) as shop:
        home.run("service", "add", "azure-app-service", "Twin", *shop.azure.settings(), "--no-test").expect(3)
        shop.run("backup", "Shop", "--on-service", "--json").expect()
        for words in (["show", "1"], ["delete", "1", "--yes"], ["download", "1"]):
            shop.run(*words).fails(2, "More than one service has a backup “1”: Shop, Twin")
        made = shop.run("backup", "Shop", "--on-service", "--json").expect().json
        assert made["id"] == "2" and made["name"] == "Shop", made
        shop.run("delete", "1", "--yes", "--service", "Shop").expect()
        assert shop.azure.backups["1"]["status"] == "Deleted"


@test
def settings_that_lead_nowhere(home):
    """What is not found is said with the settings that named it."""
    with Shop(home) as shop:
        home.run("service", "edit", "Shop", "--set", "application=shopp", "--no-test").expect()
        shop.run("service", "test", "Shop").fails(1, f"no “shopp” in the resource group “rg1” of the subscription “{SUBSCRIPTION}”. Check these")
        home.run("service", "edit", "Shop", "--set", "application=shop", "--set", "tenant=nobody.example", "--no-test").expect()
        shop.run("service", "test", "Shop").fails(2, "tenant “nobody.example” is not known .* settings tenant")
        shop.azure.sign_in_error = "invalid_scope"
        home.run("service", "edit", "Shop", "--set", "tenant=contoso.example", "--no-test").expect()
        shop.run("service", "test", "Shop").fails(4, "token-audience")
        shop.azure.sign_in_error = "invalid_client"
        shop.run("service", "test", "Shop").fails(4, "client ID")


@test
def without_a_keyring(home):
    """Which secret is missing, and how it is given; one that is given when a service is added is tried out."""
    with Shop(home) as shop:
        home.run("service", "test", "Shop").fails(4, "“Client secret” .client-secret. is needed.*--secret-fd")
        home.run("backup", "Shop").fails(4, "“Shared access signature” .sas. is needed.*--secret-fd")
        given = ["service", "add", "azure-app-service"]
        added = home.run(*given, "Good", *shop.azure.settings(), *GIVEN, secrets=[SECRET, shop.sas]).expect(err="added without its secret")
        assert "cannot be backed up yet" not in added.err, added
        home.run(*given, "Bad", *shop.azure.settings(application="shopp"), *GIVEN, secrets=[SECRET, shop.sas]).expect(3, err="cannot be backed up yet .*shopp")


@test
def own_schedule(home):
    """That of Azure: set, shown, paused, resumed, removed."""
    with Shop(home, "databases=SqlAzure:orders:OrdersConnection") as shop:
        own = ("schedule", "Shop", "--on-service")
        shop.run(*own).expect(out="no schedule of its own")
        shop.run(*own, "--pause").fails(2, "no schedule of its own")
        shop.run(*own, "--set", "every=12", "--set", "unit=hour", "--set", "retention-days=3",
                 "--set", "start=2030-01-01T02:00:00Z").expect(out="every +12")
        sent = shop.azure.schedule
        assert sent["enabled"] and sent["backupSchedule"] == {
            "frequencyInterval": 12, "frequencyUnit": "Hour", "keepAtLeastOneBackup": True, "retentionPeriodInDays": 3,
            "startTime": "2030-01-01T02:00:00Z"} and sent["databases"][0]["name"] == "orders", sent
        shop.run(*own, "--pause").expect(out="paused")
        assert not shop.azure.schedule["enabled"] and shop.azure.schedule["backupSchedule"]["frequencyInterval"] == 12
        found = shop.run(*own, "--resume", "--set", "keep-one=false", "--json").expect().json["own_schedule"]
        assert found["enabled"] == "true" and found["keep-one"] == "false" and not found["warnings"], found
        shop.run(*own, "--set", "retention-days=400").expect(3, err="kept until")
        shop.run(*own, "--set", "every=0").fails(2, "from 1 to 1000")
        shop.run(*own, "--set", "start=tomorrow").fails(2, "is no time")
        for start, sent in (("2030-02-01T02:00", "2030-02-01T02:00:00Z"), ("2030-02-01T02:00+01:00", "2030-02-01T01:00:00Z"), ("2030-02-01", "2030-02-01T00:00:00Z")):
            shop.run(*own, "--set", f"start={start}")
            assert shop.azure.schedule["backupSchedule"]["startTime"] == sent, shop.azure.schedule
        shop.run(*own, "--off").expect(out="no schedule of its own")
        assert shop.azure.schedule is None
        shop.run("schedule", "Shop", "--set", "every=1").fails(2, "--on-service")
        shop.run(*own, "daily", "02:00").fails(2, "--set")


@test
def wrong_input(home):
    """One sentence each, before anything is sent."""
    with Shop(home) as shop:
        for setting, words in (("management-address=http://example.com", "must begin with https"), ("application=a/b", "no name of an application"),
                               ("slot=shop/staging", "no name of an application"), ("slot=Production", "the application itself"),
                               ("databases=orders", "needs a type"), ("databases=SqlAzure:orders:Orders MySql::x", "needs a type"),
                               ("signature-days=0", "from 1 to"), ("subscription=mine", "no ID of a subscription"),
                               ("tenant=contoso", "is no tenant"), ("tenant=con_toso.example", "is no tenant"),
                               ("account=Shop_Backups", "no name of a storage account"), ("container=my--backups", "no name of a container"), ("rehearse-on=shop", "on the application itself"), ("rehearse-on=a/b/c", "is no application")):
            home.run("service", "edit", "Shop", "--set", setting).fails(2, words)
        for storage in ("access-key", "azure"):
            home.run("service", "add", "azure-app-service", "Other", *shop.azure.settings(), "--set", f"storage={storage}",
                     "--no-test").fails(2, "“Storage Account” is needed")
        home.run("service", "edit", "Shop", "--set", "databases=SqlAzure:orders").expect()
        home.run("service", "edit", "Shop", "--set", "databases=").expect()
        home.run("service", "edit", "Shop", "--set", "rehearse-on=shop/rehearsal").expect(err="Each rehearsal replaces all")
        home.run("service", "edit", "Shop", "--set", "slot=rehearsal").fails(2, "on the application itself")
        shop.run("backup", "Shop", "--group", "user").fails(2, "groups cannot be chosen")
        for option, words in (("application=a/b", "no name of an application"), ("slot=production", "the application itself")):
            shop.run("restore", "Shop", "1", "--to", option, "--yes").fails(2, words)
        assert not shop.azure.calls, shop.azure.calls
        shop.run("backup", "Shop", "--on-service").expect()
        shop.run("restore", "Shop", "1", "--group", "user", "--yes").expect(5, err="nothing of the chosen groups")
        assert not shop.posts("/restore")


@test
def warned_once(home):
    """What speaks against a signature that is given, though adding the service asks the storage too."""
    if not home.start_bus(keyring=True):
        raise Skip("there is no gnome-keyring-daemon")
    home.cli, azure = program("cli/reprise"), Azure()
    try:
        said = home.run("service", "add", "azure-app-service", "Shop", *azure.settings(), *GIVEN,
                        secrets=[SECRET, azure.sas(days=2)]).expect(3, err="ends").err.splitlines()
        assert len([line for line in said if "Warning" in line]) == 1, said
        home.run("service", "test", "Shop").expect(3, err="ends")
    finally:
        azure.close()


@test
def status_tells_of_the_end(home):
    """With nothing but the keyring: of a signature that has ended, or will within days."""
    if not home.start_bus(keyring=True):
        raise Skip("there is no gnome-keyring-daemon")
    home.cli, azure = program("cli/reprise"), Azure()
    try:
        home.run("service", "add", "azure-app-service", "Shop", *azure.settings(), *GIVEN, "--no-test", secrets=[SECRET, azure.sas(days=90)]).expect()
        home.run("status").expect(3, out="Backup Never Run")
        for days, title, words in ((3, "Access Ends Soon", "ends on"), (-2, "Access Has Ended", "ended on .*service renew")):
            home.run("service", "sign-in", "Shop", "--secret-fd=sas={}", secrets=[azure.sas(days=days)])
            home.run("status").expect(3, out=f"{title} .*{words}")
            assert home.run("status", "--json").expect(3).json[0]["needs_attention"]
    finally:
        azure.close()


@test
def signatures_end(home):
    """A signature that ended: nothing is begun; renewed, what could not be deleted is deleted."""
    with Shop(home) as shop:
        shop.run("backup", "Shop", "--on-service").expect()
        good, shop.sas = shop.sas, shop.azure.sas(days=-1)
        shop.run("backup", "Shop").fails(4, "ended on")
        assert len(shop.posts("/backup")) == 1
        shop.sas = shop.azure.sas(days=2)
        shop.run("service", "test", "Shop").expect(3, err="ends")
        shop.azure.fail_delete = True
        shop.sas = good
        shop.run("delete", "1", "--yes").fails(4, "renew it")
        shop.sas = good.replace("sig=", "comment=renewed&sig=")
        shop.run("service", "renew", "Shop").expect(out="was renewed")
        assert shop.azure.backups["1"]["status"] == "Deleted" and not shop.azure.blobs


run_tests("azure")
