#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules: what is due is backed up once, whatever was missed."""

import datetime
import os
import sqlite3

from reprise_test import run_tests, test


def miss(home, name, routine="", **ago):
    """As if the schedule had been dealt with so long ago."""
    uuid = home.run("service", "show", name, "--json").expect().json["id"]
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**ago)
    history = sqlite3.connect(os.path.join(home.env["XDG_STATE_HOME"], "reprise", "history.db"), timeout=10)
    with history:
        changed = history.execute("UPDATE mark SET at = ? WHERE service_uuid = ?",
                                  (at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), uuid + routine)).rowcount
    history.close()
    assert changed == 1


def backups(home):
    """How many there are, of all services."""
    return len(home.run("list", "--json").expect().json)


@test
def set_and_show(home):
    home.add()
    home.run("schedule", "Orders").expect(out="“Orders” has no schedule")
    home.run("schedule", "Orders", "Daily", "14:00", "2:00").expect(
        out=r"“Orders”: Every day at 02:00, 14:00. The next backup is due on .*(02|14):00")
    shown = home.run("schedule", "Orders", "--json").expect().json
    assert shown["schedule"] == "daily 02:00 14:00" and not shown["paused"] and shown["next_at"] > shown["name"][:0], shown
    home.run("schedule", "Orders", "--pause").expect(out="paused")
    assert home.run("schedule", "Orders", "--json").json["next_at"] is None
    home.run("schedule", "Orders", "--resume").expect(out="The next backup is due on")
    home.run("schedule", "Orders", "--off").expect(out="has no schedule")


@test
def wrong_words(home):
    home.add()
    home.run("schedule", "Orders", "sometimes").fails(2, "“sometimes” is no schedule")
    home.run("schedule", "Orders", "daily", "25:00").fails(2, "is no schedule")
    home.run("schedule", "Orders", "--pause").fails(2, "“Orders” has no schedule")
    home.run("schedule", "Orders", "daily", "02:00", "--off").fails(2, "Only one of")
    home.run("schedule", "Orders", "daily", "02:00", "--group", "nonsense").fails(2, "no data group “nonsense”")
    home.run("schedule", "Orders").expect(out="no schedule")


@test
def once_for_all_that_was_missed(home):
    home.add("Orders")
    home.add("Sales")
    home.run("run-due").expect(out="Nothing is due")
    home.run("schedule", "Orders", "hourly :00").expect()
    home.run("schedule", "Sales", "daily 02:00").expect()
    home.run("run-due").expect(out="Nothing is due")
    assert backups(home) == 0
    miss(home, "Orders", days=3)
    home.run("run-due", "--dry-run").expect(out="“Orders” is due since .*:00")
    assert backups(home) == 0
    done = home.run("run-due", "--json").expect().json
    assert [one["name"] for one in done] == ["Orders"] and done[0]["job"]["state"] == "done", done
    home.run("run-due").expect(out="Nothing is due")
    assert [backup["origin"] for backup in home.run("list", "--json").json] == ["schedule"]
    miss(home, "Orders", hours=2)
    home.run("schedule", "Orders", "--pause").expect()
    home.run("run-due").expect(out="Nothing is due")
    home.run("schedule", "Orders", "--resume").expect()
    home.run("run-due").expect(out="Nothing is due")
    assert backups(home) == 1


@test
def clock_of_the_future(home):
    """A mark that a wrong clock has left does not stop backups for years."""
    home.add()
    home.run("schedule", "Orders", "daily 02:00").expect()
    miss(home, "Orders", days=-3650)
    home.run("run-due").expect(out="“Orders” is due since")
    home.run("run-due").expect(out="Nothing is due")
    assert backups(home) == 1


@test
def one_failure_stops_no_other(home):
    home.add("Orders")
    home.add("Sales")
    for name in ("Orders", "Sales"):
        home.run("schedule", name, "hourly :00").expect()
        miss(home, name, hours=2)
    os.remove(home.file("Orders.data"))
    home.run("run-due").fails(1, "“Orders”: ")
    assert backups(home) == 1
    # It is dealt with: the next attempt is the next time.
    home.run("run-due").expect(out="Nothing is due")
    # A name that only a wrong hand can have written
    home.run("schedule", "Sales", "daily 02:00").expect()
    found = [os.path.join(folder, name) for folder, _, names in os.walk(home.env["XDG_CONFIG_HOME"]) for name in names]
    for path in found:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text.replace("daily 02:00", "daily 26:00"))
    home.run("run-due").fails(2, "“daily 26:00” is no schedule")


@test
def keyring_uses_nothing_up(home):
    """Without the keyring nothing is begun, nor written into the history, and it is due still."""
    home.add("Orders", "--set", "locked=true", "--no-test", code=3)
    home.run("schedule", "Orders", "hourly :00").expect()
    miss(home, "Orders", hours=2)
    for _ in range(2):
        home.run("run-due").fails(4, "“Orders”: ")
    assert home.run("history", "--json").json == []
    home.run("run-due", "--secret-fd=password={}", secrets=["open sesame"]).expect(out="verified")
    home.run("run-due").expect(out="Nothing is due")
    assert [run["state"] for run in home.run("history", "--json").json] == ["done"]


@test
def rehearsals(home):
    """On a schedule of their own; the newest backup is taken."""
    home.add()
    home.run("schedule", "Orders", "--rehearsal").expect(out="has no schedule")
    home.run("schedule", "Orders", "--roll-up", "daily 02:00").fails(1, "“Orders” is whole by itself.*reprise prune")
    home.run("schedule", "Orders", "--rehearsal", "weekly sun 04:00").expect(out="The next rehearsal is due on")
    home.run("schedule", "Orders").expect(out="has no schedule")
    home.run("backup", "Orders").expect()
    miss(home, "Orders", days=8, routine=":rehearsal")
    home.run("run-due").expect(out="The rehearsal of “Orders” is due since")
    home.run("run-due").expect(out="Nothing is due")
    status = home.run("status", "--json").expect().json[0]
    assert status["rehearsal_ok"] and status["rehearsed_at"], status
    home.run("schedule", "Orders", "--rehearsal", "--off").expect(out="has no schedule")


@test
def overdue_days(home):
    """After how many days without a backup it needs attention; and what is to be seen of the next one."""
    home.add()
    home.run("schedule", "Orders", "--overdue-days", "soon").fails(2, "a number of days, or auto")
    home.run("schedule", "Orders", "daily", "02:00").expect()
    assert home.run("schedule", "Orders", "--json").json["overdue_days"] == 2
    home.run("schedule", "Orders", "--overdue-days", "5").expect(out="attention after 5 days")
    assert home.run("status", "--json").json[0]["overdue_days"] == 5
    home.run("schedule", "Orders", "--overdue-days", "0").expect(out="never needs attention")
    home.run("schedule", "Orders", "--overdue-days", "auto").expect(out="attention after 2 days")
    shown = home.run("service", "show", "Orders", "--json").json
    assert shown["recovery_point"] is None and shown["waits_for"] is None and shown["next_at"], shown
    home.run("service", "show", "Orders").expect(out="All data would be lost")
    home.back_up()
    assert home.run("service", "show", "Orders", "--json").json["recovery_point"]
    home.run("service", "show", "Orders").expect(out="At most 1 minute of changes would be lost")


@test
def waits(home):
    """What the background service saw in the way of a backup that is due is told with it."""
    home.add()
    home.run("schedule", "Orders", "daily", "02:00").expect()
    miss(home, "Orders", days=2)
    uuid = home.run("service", "show", "Orders", "--json").json["id"]
    database = sqlite3.connect(os.path.join(home.env["XDG_STATE_HOME"], "reprise", "history.db"))
    database.execute("INSERT INTO note VALUES (?, 'network')", (f"wait:{uuid}",))
    database.commit()
    database.close()
    home.run("status").expect(3, out="Waits for a network .due since")
    shown = home.run("status", "--json").json[0]
    assert shown["waits_for"] == "network" and shown["due_since"] and shown["tried_again_at"] is None, shown


run_tests("schedule")
