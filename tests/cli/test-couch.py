#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases, tiers, roll-ups and points in time, over the real command line and a CouchDB server of the tests."""

import datetime
import glob
import os
import re
import shutil
import sqlite3
import subprocess
import time

from reprise_test import program, run_tests, test


class Server:
    """A server that does what it is told, line by line."""

    def __init__(self, home):
        self.process = subprocess.Popen([program("util/fake-couch")], env=home.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        home.processes.append(self.process)
        self.address = self.process.stdout.readline().strip()
        home.cli = program("cli/reprise")

    def tell(self, *lines):
        """Each line is a command; see tests/util/fake-couch.c."""
        for line in lines:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            assert self.process.stdout.readline() == "ok\n", line


def add(home, *settings, name="Papers"):
    """A server with one database, added as a service."""
    server = Server(home)
    server.tell("make orders", 'put orders a "n":1')
    home.run("service", "add", "couchdb", name, "--set", f"address={server.address}", "--set", "sign-in=none",
             *[word for setting in settings for word in ("--set", setting)]).expect()
    return server


def back_up(home, name="Papers", code=0):
    """The id of a new backup."""
    return home.run("backup", name, "--json").expect(code).json["id"]


def databases(home, name="Papers"):
    """What is told of each database."""
    return {row["collection"]: row for row in home.run("databases", name, "--json").expect().json}


def backups(home, name="Papers"):
    """The backups, by id."""
    return {backup["id"]: backup for backup in home.run("list", name, "--json").expect().json}


@test
def databases_are_listed(home):
    server = add(home, "except=secret*")
    server.tell("make secrets")
    row = databases(home)["orders"]
    assert row["state"] == "included" and row["last"] == "never" and row["last_at"] is None and row["rows"] == 1, row
    assert databases(home)["secrets"]["state"] == "excluded"
    home.run("databases", "Papers").expect(out="orders .*Included .*Never backed up")
    first = back_up(home)
    server.tell("make shop", 'put shop x "n":1')
    rows = databases(home)
    assert rows["orders"]["last"] == "verified" and rows["orders"]["backup_id"] == first, rows["orders"]
    assert rows["orders"]["tiers"]["baseline"] == 1 and rows["orders"]["tier"] == "baseline", rows["orders"]
    assert rows["shop"]["state"] == "new-included" and rows["shop"]["new"], rows["shop"]
    back_up(home)
    server.tell("drop shop")
    assert databases(home)["shop"]["state"] == "gone"
    home.run("databases", "Papers").expect(out="shop .*No longer on the server")
    home.run("databases", "Nobody").fails(1, "Nobody")


@test
def new_databases_are_told(home):
    server = add(home)
    back_up(home)
    server.tell("make shop", 'put shop x "n":1')
    home.run("backup", "Papers").expect(out="newly found: shop")
    assert "shop is a new database" in str(home.run("history", "Papers", "--json").expect().json[0])
    home.run("service", "edit", "Papers", "--set", "include-new=false").expect()
    server.tell("make later", 'put later x "n":1')
    told = home.run("backup", "Papers", "--json").expect(3)
    assert "later" in str(told.json["job"]["warnings"]), told
    row = databases(home)["later"]
    assert row["state"] == "new-excluded" and not row["new"] and row["last"] == "never", row
    back_up(home)  # it is told once
    home.run("service", "edit", "Papers", "--set", "databases=* later").expect()
    back_up(home)
    assert databases(home)["later"]["last"] == "verified"


@test
def a_failure_shows_with_each_database(home):
    server = add(home)
    back_up(home)
    home.run("service", "edit", "Papers", "--set", "sign-in=password", "--set", "account=nobody").expect()
    home.run("backup", "Papers").fails(4, "keyring")
    home.run("service", "edit", "Papers", "--set", "sign-in=none").expect()
    row = databases(home)["orders"]
    assert row["last"] == "failed" and row["problem"] and row["last_at"], row
    back_up(home)
    assert databases(home)["orders"]["last"] == "verified"


@test
def kinds_tell_when_a_setting_is_needed(home):
    home.cli = program("cli/reprise")  # the kinds that there are
    told = home.run("service", "kinds").expect().out
    assert "--set account=…  (needed with sign-in=password)" in told, told
    assert "--set server-mode=increments|full  (only with server-side=true)" in told, told
    assert "--set address=…  (needed)" in told, told


@test
def tiers_are_set_by_database(home):
    add(home)
    shown = home.run("retention", "Papers", "--json").expect().json
    assert shown["retention"].startswith("daily=7 weekly=4 monthly=12 yearly=all") and shown["databases"] == [], shown
    home.run("retention", "Papers").expect(out="All databases +7 +4 +12 +all")
    home.run("retention", "Papers", "daily=9", "clean-up-days=3").expect(out="All databases +9 +4")
    home.run("retention", "Papers", "--database", "shop-*", "daily=14", "weekly=all").expect(out=r"shop-\* +14 +all")
    home.run("retention", "Papers").expect(out=r"All others +9 +4[^$]*shop-\* +14 +all")
    shown = home.run("retention", "Papers", "--json").expect().json
    assert "daily=9" in shown["retention"] and "clean-up-days=3" in shown["retention"], shown
    assert shown["databases"][0]["database"] == "shop-*" and "daily=14 weekly=all" in shown["databases"][0]["retention"], shown
    home.run("retention", "Papers", "--database", "shop-a").expect(out="shop-a +14 +all")
    home.run("retention", "Papers", "daily=x").fails(2, "“daily” cannot be “x”: it is a whole number from 0 to 10000, or “all”")
    home.run("retention", "Papers", "weekly-days=90").fails(2, "A weekly roll-up cannot take in more than a monthly one")
    home.run("retention", "Papers", "last=3").fails(2, "“last=3” is no rule of tiers")
    home.run("retention", "Papers", "--database", "a:b", "daily=1").fails(2, "no name or pattern")
    home.run("service", "edit", "Papers", "--set", "keep-daily=-3").fails(2, "whole number from 0 to 10000, or “all”")
    home.run("service", "edit", "Papers", "--set", "tier-rules=orders").fails(2, "is no rule")
    home.run("retention", "Papers", "--database", "shop-*", "--reset").expect()
    home.run("retention", "Papers", "--reset").expect()
    shown = home.run("retention", "Papers", "--json").expect().json
    assert shown["retention"].startswith("daily=7 ") and shown["databases"] == [], shown


@test
def a_preview_comes_before_a_roll_up(home):
    server = add(home, "roll-up-after-backup=false")
    first = back_up(home)
    server.tell('put orders b "n":2')
    second = back_up(home)
    server.tell('put orders c "n":3')
    third = back_up(home)
    home.run("rollup", "Papers", "--dry-run").expect(out="nothing to roll up")
    home.run("retention", "Papers", "daily=0", "weekly=all").expect()
    plan = home.run("rollup", "Papers", "--dry-run", "--json").expect().json
    (step,) = plan["steps"]
    assert step["action"] == "roll-up" and step["tier"] == "weekly" and step["collections"] == ["orders"], step
    assert [source["backup_id"] for source in step["sources"]] == [second, third], step
    assert step["lost"] == [backups(home)[second]["created_at"]] and step["deleted_at"], step
    assert plan["freed_bytes"] == 0 and plan["later_bytes"] == step["size_bytes"] > 0, plan
    home.run("rollup", "Papers", "--dry-run").expect(out=f"(?s)Roll up .*orders .*Weekly roll-up.*{second}.*{third}.*end with it")
    assert sorted(backups(home)) == sorted([first, second, third])  # it changed nothing

    home.run("rollup", "Papers").expect(out="1 backup made from others")
    found = backups(home)
    assert len(found) == 4 and found[second]["deleted_at"] and found[second]["tier"] == "daily", found
    assert {backup["tier"] for backup in found.values()} == {"baseline", "daily", "weekly"}
    home.run("list", "Papers").expect(out="Daily delta: rolled up, deleted on ")
    home.run("show", second).expect(out="Tier +Daily delta: rolled up, deleted on ")
    versions = home.run("versions", "Papers", "b", "--collection", "orders", "--json").expect().json
    assert any(version["deleted_at"] for version in versions), versions
    row = databases(home)["orders"]
    assert row["tiers"]["weekly"] == 1 and row["tiers"]["daily"] == 0 and row["rolled_up"] == 1, row

    home.run("keep", second).expect()
    assert backups(home)[second]["deleted_at"] is None
    home.run("retention", "Papers", "clean-up-days=0").expect()
    plan = home.run("rollup", "Papers", "--dry-run", "--json").expect().json
    fate = {step["sources"][0]["backup_id"]: step for step in plan["steps"]}
    assert fate[second]["kept"] and not fate[second]["due"] and fate[third]["due"], fate
    assert plan["freed_bytes"] == fate[third]["size_bytes"], plan
    home.run("rollup", "Papers").expect(out="1 rolled-up backup deleted")
    assert sorted(set(found) - set(backups(home))) == [third]
    home.run("unkeep", second).expect()
    home.run("rollup", "Papers").expect()
    assert second not in backups(home)


@test
def each_database_has_tiers_of_its_own(home):
    server = add(home, "roll-up-after-backup=false")
    server.tell("make shop-eu", 'put shop-eu x "n":1', "make shop-us", 'put shop-us x "n":1')
    back_up(home)
    for number in range(2):
        server.tell(*[f'put {database} new{number} "n":{number}' for database in ("orders", "shop-eu", "shop-us")])
        back_up(home)
    home.run("retention", "Papers", "--database", "shop-*", "daily=0", "clean-up-days=0").expect()
    home.run("retention", "Papers", "--database", "shop-us", "daily=5").expect()
    plan = home.run("rollup", "Papers", "--dry-run", "--json").expect().json
    assert [step["collections"] for step in plan["steps"]] == [["shop-eu"]], plan
    home.run("rollup", "Papers").expect()
    rows = databases(home)
    assert rows["shop-eu"]["tiers"]["weekly"] == 1 and rows["shop-eu"]["tiers"]["daily"] == 0, rows["shop-eu"]
    assert rows["orders"]["tiers"]["daily"] == rows["shop-us"]["tiers"]["daily"] == 2, rows
    # a backup that others of its databases need stays whole
    assert len(backups(home)) == 4 and all(backup["deleted_at"] is None for backup in backups(home).values())


@test
def a_good_backup_rolls_up(home):
    server = add(home, "keep-daily=0", "clean-up-days=0")
    back_up(home)
    server.tell('put orders b "n":2')
    told = home.run("backup", "Papers", "--json").expect(0).json["job"]["summary"]
    assert "backed up and verified" in told and "1 backup made from others" in told, told
    log = str(home.run("history", "Papers", "--json").expect().json[0])
    assert "rolled up: orders" in log and "deleted: the backup" in log, log
    assert {backup["tier"] for backup in backups(home).values()} == {"baseline", "weekly"}
    home.run("service", "edit", "Papers", "--set", "roll-up-after-backup=false").expect()
    server.tell('put orders c "n":3')
    back_up(home)
    assert {backup["tier"] for backup in backups(home).values()} == {"baseline", "weekly", "daily"}


@test
def backups_answer_without_the_server(home):
    server = add(home)
    server.tell('put orders b "n":1')
    back_up(home)
    server.tell('put orders b "n":2')
    back_up(home)
    versions = home.run("versions", "Papers", "b", "--collection", "orders", "--json").expect().json
    assert [version["backup_id"] is None for version in versions] == [True, False, False], versions
    server.process.kill()
    server.process.wait()
    told = home.run("documents", "Papers", "--collection", "orders", "--json").expect(3, err="backups of “Papers” have: ")
    assert [(row["id"], row["state"]) for row in told.json] == [("a", "unknown"), ("b", "unknown")], told
    told = home.run("versions", "Papers", "b", "--collection", "orders", "--json").expect(3, err="backups of “Papers” have: ")
    assert told.json == versions[1:], told
    revisions = [version["version"] for version in versions[1:]]
    changes = home.run("diff", "Papers", "b", *reversed(revisions), "--collection", "orders", "--json").expect().json
    assert [(change["before"], change["after"]) for change in changes] == [("1", "2")], changes
    told = home.run("databases", "Papers", "--json").expect(3, err="backups of “Papers” have: ")
    (row,) = told.json
    assert row["collection"] == "orders" and row["state"] == "included" and row["rows"] is None, row
    assert row["last"] == "verified" and row["tiers"]["baseline"] == row["tiers"]["daily"] == 1, row
    home.run("documents", "Papers", "--collection", "nowhere").fails(1, "Nothing answers")


@test
def a_document_that_no_backup_has(home):
    server = add(home)
    backup = back_up(home)
    home.run("restore", "Papers", backup, "--to", "into=same", "--to", "databases=orders", "--to", "document=nope", "--yes").fails(
        1, "no document “nope” in the database “orders”")
    assert list(backups(home)) == [backup]  # no safety copy


@test
def a_day_is_not_of_a_safety_copy(home):
    server = add(home)
    first = back_up(home)
    server.tell('put orders a "n":"wrong"')
    home.run("restore", "Papers", first, "--to", "into=same", "--yes").expect()
    assert len(backups(home)) == 2
    at = datetime.datetime.fromisoformat(backups(home)[first]["created_at"].replace("Z", "+00:00")).astimezone()
    safety = next(backup for backup in backups(home) if backup != first)
    clock = f"{at.day} {at:%b %Y, %H:%M:%S}"
    home.run("plan", "Papers", safety, "--to", f"as-of={at:%Y-%m-%d}").expect(out=f"“orders” as of {clock}")


def later(time):
    """A millisecond after it."""
    moment = datetime.datetime.fromisoformat(time.replace("Z", "+00:00")) + datetime.timedelta(milliseconds=1)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@test
def points_that_no_tier_holds_are_refused(home):
    server = add(home)
    first = back_up(home)
    server.tell('put orders b "n":2')
    second = back_up(home)
    refused = home.run("plan", "Papers", second, "--to", "as-of=2001-02-03").fails(5, "No backup holds .*The first one after it")
    assert re.search(r"orders: No backup holds", refused.err), refused
    home.run("restore", "Papers", second, "--to", "as-of=2040-02-03", "--yes").fails(5, "The last one before it")
    at = backups(home)[first]["created_at"]
    between = home.run("plan", "Papers", second, "--to", f"as-of={later(at)}").fails(5, "The nearest: .* before it, .* after it")
    offered = re.findall(r"\((\d{4}-[^)]*Z)\)", between.err)
    assert offered == [at, backups(home)[second]["created_at"]], between
    for choice in offered:
        home.run("plan", "Papers", second, "--to", f"as-of={choice}").expect()
    home.run("plan", "Papers", second, "--to", f"as-of={at}").expect()
    home.run("restore", "Papers", second, "--to", f"as-of={at}", "--yes").expect()


@test
def what_a_delta_goes_on_from_is_read_back_before_a_restore(home):
    server = add(home)
    first = back_up(home)
    server.tell('put orders b "n":2')
    second = back_up(home)
    (segment,) = glob.glob(f"{home.path}/**/*-{first}/1.sqlite", recursive=True)
    with sqlite3.connect(segment) as history:
        history.execute("UPDATE revision SET rev = '1-ffffffffffffffffffffffffffffffff' WHERE id = 'a'")
    history.close()
    home.run("restore", "Papers", second, "--to", "into=same", "--yes").fails(7, "damaged")
    home.run("verify", second).expect()


@test
def a_vault_that_cannot_be_written_is_restored_from(home):
    add(home)
    backup = back_up(home)
    (events,) = glob.glob(f"{home.path}/**/*-{backup}.events", recursive=True)
    shutil.rmtree(events)
    with open(events, "w"):
        pass
    home.run("verify", backup).expect(1)
    home.run("restore", "Papers", backup, "--to", "target=anew", "--yes").expect()
    assert databases(home)["anew"]["rows"] == 1


@test
def a_backup_of_another_service(home):
    server = add(home)
    backup = back_up(home)
    other = Server(home)
    home.run("service", "add", "couchdb", "Elsewhere", "--set", f"address={other.address}", "--set", "sign-in=none").expect()
    home.run("plan", "Elsewhere", backup).expect(out="orders")
    home.run("restore", "Elsewhere", backup, "--to", "into=same", "--yes").expect()
    assert databases(home, "Elsewhere")["orders"]["rows"] == 1
    server.tell("drop orders")
    assert databases(home)["orders"]["state"] == "gone"


@test
def rehearsal(home):
    """Each database into a scratch one, compared and deleted; no other one is touched."""
    server = add(home)
    server.tell("make shop", 'put shop x "n":1', 'put shop y "n":2')
    back_up(home)
    server.tell('put orders b "n":2')
    back_up(home)
    before = set(databases(home))
    home.run("rehearse", "Papers").expect(out="2 databases, 4 documents, 0 differences")
    assert set(databases(home)) == before
    status = home.run("status", "--json").expect().json[0]
    assert status["rehearsal_ok"], status
    home.run("schedule", "Papers", "--rehearsal", "weekly sun 04:00").expect(out="The next rehearsal is due on")
    home.run("schedule", "Papers", "--roll-up", "daily 03:00").expect(out="The next roll-up is due on")


@test
def rehearsal_that_was_killed(home):
    """What stands in its record goes with the next job, and nothing that only looks like it."""
    server = add(home)
    back_up(home)
    before = set(databases(home))
    ours, other = "reprise-rehearsal-01-0", "reprise-rehearsal-02-0"
    server.tell(f"make {ours}", f'put {ours} a "n":1', f"make {other}", f'put {other} a "n":1')
    record = home.leave_rehearsal("Papers", ours, "reprise-rehearsal-01-1", "orders")
    home.run("backup", "Papers").expect()
    assert set(databases(home)) == before | {other}, databases(home)
    home.run("rehearse", "Papers").expect(out="0 differences")
    assert set(databases(home)) == before | {other}
    assert os.path.exists(record)  # a database of somebody else is no scratch place, whatever stands there


@test
def killed_again_and_again(home):
    """In the midst of a rehearsal: the next one leaves nothing, neither of its own nor of that one."""
    server = add(home)
    server.tell(*[f'put orders d{n} "n":{n}' for n in range(400)])
    back_up(home)
    before = set(databases(home))
    for wait in (0.03, 0.06, 0.1, 0.15, 0.2, 0.3):
        process = home.start("rehearse", "Papers", "--progress=none")
        time.sleep(wait)
        process.kill()
        process.wait()
    home.run("rehearse", "Papers").expect(out="401 documents, 0 differences")
    assert set(databases(home)) == before, databases(home)


run_tests("couch")
