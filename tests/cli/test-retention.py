#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What retention keeps, and what prune deletes."""

import re

from reprise_test import program, run_tests, test


def left(home):
    """The identifiers of the backups in the vault, the newest first."""
    return [backup["id"] for backup in home.run("list", "Orders", "--json").expect().json]


@test
def rules(home):
    home.add()
    home.run("retention", "Orders").expect(out="All backups of “Orders” are kept")
    home.run("retention", "Orders", "weekly=4", "daily=7").expect(out="“Orders” is kept: daily=7 weekly=4")
    home.run("retention", "Orders").expect(out="daily=7 weekly=4")
    shown = home.run("retention", "Orders", "--json").expect().json
    assert shown["name"] == "Orders" and shown["retention"] == "daily=7 weekly=4", shown
    for wrong in ("daily", "daily=x", "days=3", "daily=-1"):
        home.run("retention", "Orders", wrong).fails(2, f"“{wrong}” does not say what to keep")
    home.run("retention", "Orders").expect(out="daily=7 weekly=4")
    home.run("retention", "Orders", "last=2").expect(out="is kept: last=2 daily=7 weekly=4$")
    home.run("retention", "Orders", "daily=5", "weekly=0").expect(out="is kept: last=2 daily=5$")
    home.run("retention", "Orders", "all").expect(out="All backups")
    assert home.run("retention", "Orders", "--json").expect().json["retention"] is None


@test
def nothing_to_delete(home):
    home.add()
    home.run("prune", "Orders", "--yes").expect(out="nothing to delete")
    home.back_up()
    home.run("prune", "Orders", "--yes").expect(out="(?s)all are kept.*nothing to delete")
    assert len(left(home)) == 1


@test
def by_name_and_bytes(home):
    home.add()
    made = [home.back_up() for _ in range(5)]
    home.run("retention", "Orders", "last=2").expect()
    shown = home.run("prune", "Orders", "--dry-run").expect()
    for i, backup in enumerate(made):
        assert re.search(rf"{backup} .*{'one of the last' if i >= 3 else 'to be deleted'}", shown.out), shown
    assert "What Becomes of It" in shown.out and "State" not in shown.out, shown
    assert sorted(left(home)) == sorted(made)
    # nobody agrees: nothing is deleted
    home.run("prune", "Orders").fails(5, "--yes")
    assert sorted(left(home)) == sorted(made)
    home.run("keep", made[0]).expect()
    pruned = home.run("prune", "Orders", "--yes", "--json").expect().json
    reasons = {backup["id"]: (backup["kept"], backup["reasons"]) for backup in pruned["backups"]}
    assert reasons[made[0]] == (True, ["marked"]) and reasons[made[1]] == reasons[made[2]] == (False, []), reasons
    assert reasons[made[4]] == (True, ["last", "newest", "verified"]), reasons
    assert pruned["size_bytes"] > 0 and pruned["job"]["state"] == "done", pruned
    assert sorted(left(home)) == sorted([made[0], made[3], made[4]])
    home.run("history", "Orders").expect(out="2 backups deleted")


@test
def safety_copy_stays(home):
    home.add()
    first = home.back_up()
    home.run("restore", "Orders", first, "--yes").expect()
    last = home.back_up()
    home.run("retention", "Orders", "last=1").expect()
    safety = [backup["id"] for backup in home.run("list", "Orders", "--json").json if backup["origin"] == "safety"]
    home.run("prune", "Orders", "--yes").expect(out="not counted")
    assert sorted(left(home)) == sorted([*safety, last]) and len(safety) == 1
    home.run("undo", "Orders", "--yes").expect()


@test
def increments_roll_up(home):
    home.run("service", "add", "couchdb", "Papers", "--no-test", "--set", "sign-in=none", "--set", "address=http://127.0.0.1:9",
             cli=program("cli/reprise")).expect()
    home.run("prune", "Papers", "--yes", cli=program("cli/reprise")).fails(5, "“reprise rollup” makes weeks")


@test
def by_itself(home):
    """With --automatic each backup is followed by what “prune” would do; what is marked stays."""
    home.add()
    first = home.back_up()
    home.run("keep", first).expect()
    home.run("retention", "Orders", "last=2").expect()
    for _ in range(3):
        home.back_up()
    assert len(left(home)) == 4
    home.run("retention", "Orders", "--automatic").expect(out="(?s)last=2.*The rest is deleted after each backup")
    assert home.run("retention", "Orders", "--json").json["automatic"]
    home.run("backup", "Orders").expect(out="verified; 2 old backups deleted, .* freed")
    assert len(left(home)) == 3 and first in left(home)
    home.run("retention", "Orders", "--manual").expect()
    home.back_up()
    assert len(left(home)) == 4
    home.run("retention", "Orders", "--automatic", "--manual").fails(2, "Only one of")


@test
def after_warnings(home):
    """What a backup warned of may be missing in it: the last one without a warning stays, beside what the rules keep."""
    home.add()
    clean = home.back_up()
    home.run("retention", "Orders", "last=1", "--automatic").expect()
    home.run("service", "edit", "Orders", "--set", "warn=true").expect()
    for _ in range(3):
        last = home.run("backup", "Orders", "--json").expect(3).json["id"]
    assert left(home) == [last, clean], left(home)
    home.run("service", "edit", "Orders", "--set", "warn=false").expect()
    last = home.back_up()
    assert left(home) == [last], left(home)


run_tests("retention")
