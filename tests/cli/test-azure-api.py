#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of Azure API Management, over the real command line and an Azure of the tests."""

import datetime
import os

from reprise_azure import API, SECRET, SIGNATURE, Azure
from reprise_test import program, run_tests, test

GIVEN = ("--secret-fd=client-secret={}", "--secret-fd=sas={}")


class Gate:
    """The service “gate”, whose secrets are given with each command."""

    def __init__(self, home, *settings):
        self.home, self.azure, self.said = home, Azure(), []
        home.cli = program("cli/reprise")
        self.azure.polls = None  # what is begun is done
        self.sas = self.azure.sas()
        pairs = [word for setting in ("service=gate", "storage=sas", "access=system-identity", *settings) for word in ("--set", setting)]
        given = [word for word in self.azure.settings() if word != "--set" and not word.startswith("application=")]
        home.run("service", "add", "azure-api-management", "Gate", *[part for word in given for part in ("--set", word)], *pairs,
                 "--no-test").expect(3, err="no secret yet")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.azure.close()
        for text in (SECRET, SIGNATURE, "canary-access-token", "canary-value", "canary-user", "canary-subscription"):
            assert not any(text in each.out + each.err for each in self.said), text
            for folder, _, files in os.walk(self.home.path):
                for name in files:
                    if os.path.isfile(os.path.join(folder, name)):
                        with open(os.path.join(folder, name), "rb") as data:
                            assert text.encode() not in data.read(), (text, folder, name)

    def run(self, *args):
        result = self.home.run(*args, *GIVEN, secrets=[SECRET, self.sas])
        self.said.append(result)
        return result

    def posts(self, end):
        return [body for method, path, body in self.azure.calls if method == "POST" and path.endswith(end)]

    def kept(self):
        """Those of the vault, by their groups."""
        listed = self.run("list", "Gate", "--json").expect().json
        return {tuple(each["groups"]): each for each in listed if each["in_vault"]}


@test
def backup_and_back(home):
    """Into the vault, verified, with the reports beside it; over the service, after a safety copy; undone."""
    with Gate(home) as gate:
        gate.azure.polls = 1
        home.run("service", "kinds", "azure-api-management").expect(out="restored for 30 days.*It does not hold usage data")
        gate.run("service", "test", "Gate").expect(out="Standard")
        groups = gate.run("groups", "Gate", "--json").expect().json
        assert [group["group"] for group in groups] == ["required", "log", "skipped"], groups
        made = gate.run("backup", "Gate", "--json").expect().json
        gate.azure.polls = 0
        assert made["state"] == "verified" and made["groups"] == ["required"], made
        assert '"accessType":"SystemAssignedManagedIdentity"' in gate.posts("gate/backup")[0]
        kept = gate.kept()
        assert set(kept) == {("required",), ("log",)}, kept
        reports = home.run("show", kept[("log",)]["id"], "--json").expect().json
        assert len([each for each in reports["files"] if each["path"].startswith("reports/")]) == 8, reports["files"]
        home.run("verify", made["id"], "--deep").expect()
        gate.run("restore", "Gate", made["id"], "--yes").expect(out="Azure restored “gate”")
        assert len(gate.posts("gate/backup")) == 2, "there is no safety copy"
        gate.run("undo", "Gate", "--yes").expect(out="Azure restored “gate”")
        gate.run("restore", "Gate", made["id"], "--to", "service=big", "--yes").fails(5, "Premium")


@test
def reports_alone(home):
    """They are fetched once for each period, saved as they came, and not restored."""
    with Gate(home) as gate:
        made = gate.run("backup", "Gate", "--group", "log", "--json").expect().json
        assert made["groups"] == ["log"], made
        assert not gate.posts("/backup")
        gate.run("backup", "Gate", "--group", "log").expect(out="nothing new")
        path = os.path.join(home.path, "requests.jsonl")
        home.run("export", made["id"], path, "--collection", "byRequest").expect()
        with open(path, encoding="utf-8") as rows:
            assert "callCountTotal" in rows.read()
        home.run("rollup", "Gate", "--dry-run").expect(out="nothing to roll up")  # the month is not over
        home.run("rollup", "Gate").expect(out="nothing to roll up")
        assert set(gate.kept()) == {("log",)}
        gate.run("restore", "Gate", made["id"], "--yes").fails(5, "only reports")
        refused = gate.run("plan", "Gate", made["id"]).fails(5, "only reports")
        assert "replaced" not in refused.out, refused
        home.run("service", "edit", "Gate", "--set", "reports=none").expect()
        gate.run("backup", "Gate", "--group", "log").fails(5, "leave the reports out")


@test
def reports_by_themselves(home):
    """On a schedule of their own, which only kinds with reports have."""
    with Gate(home) as gate:
        home.run("schedule", "Gate", "--reports").expect(out="no schedule")
        home.run("schedule", "Gate", "--reports", "daily", "05:00").expect(out="The next reports are due")
        shown = home.run("schedule", "Gate", "--reports", "--json").expect().json
        assert shown["routine"] == "reports" and shown["schedule"] == "daily 05:00" and shown["next_at"], shown
        assert home.run("schedule", "Gate", "--json").expect().json["schedule"] is None
        home.run("schedule", "Gate").expect(out="no schedule for backups.*\n.*The next reports are due")
        assert home.run("schedule", "Gate", "--json").expect().json["others"]["reports"] == "daily 05:00"
        home.run("schedule", "Gate", "--reports", "--rehearsal").fails(2, "Only one of")
        home.run("schedule", "Gate", "--roll-up", "daily", "05:00").fails(1, "Only the reports of “Gate” are rolled up.*no schedule")
        home.run("schedule", "Gate", "--reports", "--off").expect(out="no schedule")
        home.run("service", "add", "sqlite", "Notes", "--set", f"path={home.path}", "--no-test").expect()
        home.run("schedule", "Notes", "--reports", "daily", "05:00").fails(1, "no reports")
        gate.run("run-due", "--dry-run").expect()


@test
def standby(home):
    """After each backup, also one that stays in the container, and on request; told with its age and how it ended."""
    with Gate(home, "standby=spare", "rehearse-after-backup=true", "reports=none") as gate:
        gate.run("backup", "Gate").expect(out="The standby “spare” is as the service was")
        assert len(gate.posts("spare/restore")) == 1
        gate.run("rehearse", "Gate").expect(out="“spare”")
        assert len(gate.posts("spare/restore")) == 2
        gate.run("backup", "Gate", "--on-service").expect(out="The standby “spare” is as the service was")
        assert len(gate.posts("spare/restore")) == 3
        told = home.run("history", "Gate", "--json").expect().json
        assert [each["action"] for each in told].count("rehearse") == 3, told
        home.run("service", "show", "Gate").expect(out="Standby +Restore rehearsed just now – The standby “spare” is as the service was")
        shown = home.run("service", "show", "Gate", "--json").expect().json
        assert shown["rehearsal_ok"] and shown["rehearsed_at"] and "spare" in shown["rehearsal"], shown
        for itself in ("gate", "GATE", f"{API}gate"):
            home.run("service", "edit", "Gate", "--set", f"standby={itself}").fails(2, "The standby is the service itself")
        home.run("service", "edit", "Gate", "--set", "service=spare").fails(2, "The standby is the service itself")
        home.run("service", "show", "Gate").expect(out="spare")
        home.run("service", "edit", "Gate", "--set", "standby=big").expect()
        gate.run("backup", "Gate").expect(3, err="could not be rehearsed")
        assert len(gate.kept()) == 1


@test
def standby_compared(home):
    """What is in the standby then is compared with the service as it is now, and told: numbers, and what differs by name."""
    with Gate(home, "standby=spare", "reports=none") as gate:
        made = gate.run("backup", "Gate", "--json").expect().json["id"]
        numbers = "interfaces: 2, products: 1, subscriptions: 2, named values: 1, backends: 0, users: 1"
        gate.run("rehearse", "Gate").expect(out=f"{numbers}; 0 differences from the service as it is now")
        held = gate.azure.held["gate"]
        held["apis"], held["users"] = ["Echo", "billing"], ["canary-user-1", "canary-user-9"]
        done = gate.run("rehearse", "Gate", made).expect(3, out=f"{numbers}; 3 differences", err="(?s)Interfaces: 2 in the service as it "
                                                         "is now, 2 in the standby. Only in the service: billing. Only in the standby: orders.")
        assert "Users: 2 in the service as it is now, 1 in the standby." in done.err and "Only in" in done.err, done
        held["apis"], held["users"] = ["echo", "orders"], ["canary-user-1"]
        gate.run("restore", "Gate", made, "--to", "service=spare", "--yes",
                 "--no-safety-copy").expect(out="Azure restored “spare”; interfaces: 2.*0 differences")
        gate.run("restore", "Gate", made, "--yes", "--no-safety-copy").expect(out=r"Azure restored “gate”\W*\n")
        del gate.azure.held["gate"]["backends"]
        gate.run("rehearse", "Gate").expect(out="what is in it could not be compared with the service: ")
        assert home.run("service", "show", "Gate", "--json").expect().json["rehearsal_ok"]


@test
def standby_fails(home):
    """After a rehearsal that failed nothing is deleted, neither the last that was proven nor those since; after a good one again."""
    with Gate(home, "standby=spare", "rehearse-after-backup=true", "reports=none") as gate:
        home.run("retention", "Gate", "last=1", "--automatic").expect()
        made = [gate.run("backup", "Gate", "--json").expect().json["id"]]
        gate.azure.apis["spare"] = "Premium"
        for _ in range(2):
            done = gate.run("backup", "Gate", "--json").expect(3, err="(?s)could not be rehearsed.*Old backups were not deleted")
            made.append(done.json["id"])
        assert sorted(left(gate)) == sorted(made), left(gate)
        gate.azure.apis["spare"] = "Standard"
        made = [gate.run("backup", "Gate", "--json").expect().json["id"]]
        assert left(gate) == made, left(gate)


def left(gate):
    return [each["id"] for each in gate.run("list", "Gate", "--json").expect().json if each["in_vault"]]


@test
def how_long(home):
    """Until when a backup can be restored is counted as the service is set, wherever the backup lies."""
    with Gate(home, "reports=none") as gate:
        made = gate.run("backup", "Gate", "--json").expect().json
        for days in (30, 9):
            home.run("service", "edit", "Gate", "--set", f"restorable-days={days}").expect()
            home.run("show", made["id"]).expect(out="Restorable until")
            ends = home.run("show", made["id"], "--json").expect().json["restorable_until"]
            left = datetime.datetime.fromisoformat(ends.replace("Z", "+00:00")) - datetime.datetime.now(datetime.timezone.utc)
            assert days - 1 < left.total_seconds() / 86400 <= days, (days, ends)
            assert home.run("show", made["id"], "--json").expect().json["edition"] == "Standard"


run_tests("azure-api")
