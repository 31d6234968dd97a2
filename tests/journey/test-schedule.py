#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs by itself, in the real window with the background service on the bus.

A service without a schedule → a rehearsal → a schedule is set in its window → what was missed is made up for once, by the background
service, and shows up → the next backup and what would be lost are said → the service outlives the window.
"""

import datetime
import os
import sqlite3
import subprocess
import sys
import time

SYSTEM_PYTHON = "/usr/bin/python3"

try:
    import desktop
except (ImportError, ValueError) as missing_module:
    if os.path.exists(SYSTEM_PYTHON) and os.path.realpath(sys.executable) != os.path.realpath(SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])  # the one that has the desktop's modules
    print(f"1..0 # SKIP {missing_module}")
    sys.exit(0)

from reprise_test import program, wait_until  # noqa: E402 pylint: disable=wrong-import-position

NAME = "io.github.reprise_backup.Reprise.Agent"


class Journey:
    """One person, one application, one program."""

    def __init__(self, home):
        self.home = home
        home.cli = program("cli/reprise")
        home.env.update(GSETTINGS_SCHEMA_DIR=os.path.join(os.environ["REPRISE_BUILD"], "data"), GSETTINGS_BACKEND="memory",
                        REPRISE_AGENT_IDLE_SECONDS="2")
        app = home.file("field-notes")
        subprocess.run([program("util/make-sample"), app], check=True, stdout=subprocess.DEVNULL)
        home.run("service", "add", "sqlite", "Field Notes", "--set", f"path={app}").expect()
        home.run("backup", "Field Notes").expect()
        os.makedirs(os.path.join(home.env["XDG_CONFIG_HOME"], "reprise"), exist_ok=True)
        with open(os.path.join(home.env["XDG_CONFIG_HOME"], "reprise", "preferences.conf"), "a", encoding="utf-8") as stream:
            stream.write("[reprise]\nspread-seconds=0\n")
        self.desk = desktop.Desktop(home)

    def backups(self):
        """What the command line lists, the newest first."""
        return self.home.run("list", "Field Notes", "--json").expect().json

    # --- the steps

    def no_schedule(self):
        """It is said, and how much would be lost."""
        self.desk.open(program("ui/reprise-gtk"))
        self.desk.see("^Last Backup Successful$")
        self.desk.see("^No Schedule$")
        self.desk.see("At most .* of changes would be lost")

    def rehearsal(self):
        """The newest backup into a scratch place; the result is on the page."""
        self.desk.see("^Not Rehearsed$")
        self.desk.press("push button", "Rehearse")
        self.desk.see("^Restore rehearsed .*0 differences$")
        runs = self.home.run("history", "Field Notes", "--json").expect().json
        assert (runs[0]["action"], runs[0]["state"]) == ("rehearse", "done"), runs[0]

    def set_schedule(self):
        """In its window: every hour; nothing of the past is made up for."""
        desk = self.desk
        desk.press_until(lambda: any("Schedule" in w.get_name() for w in desk.windows()), "the Schedule window", "list item",
                         "No Schedule")
        desk.see_window("Schedule")
        desk.click(desk.find("combo box", "How Often"))
        time.sleep(0.7)
        desk.key("Down")
        desk.key("Return")
        desk.see("^Every hour, at minute 15$", "Schedule")
        desk.press("push button", "Save")
        desk.see("^Next Backup$", "Reprise")
        schedule = self.home.run("schedule", "Field Notes", "--json").expect().json
        assert schedule["schedule"] == "hourly :15" and schedule["next_at"], schedule
        assert len(self.backups()) == 1

    def made_up_for(self):
        """As if the computer had slept for two days: one backup, by the background service, and the window shows it by itself."""
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2)
        history = sqlite3.connect(os.path.join(self.home.env["XDG_STATE_HOME"], "reprise", "history.db"), timeout=10)
        with history:
            assert history.execute("UPDATE mark SET at = ? WHERE service_uuid NOT LIKE '%:%'",
                                   (at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),)).rowcount == 1
        history.close()
        assert self.home.has_name(NAME), "the background service is gone"
        self.home.run("run-due", "--background").expect()
        wait_until(lambda: len(self.backups()) == 2, "the backup that was due")
        assert [b["origin"] for b in self.backups()] == ["schedule", "manual"], self.backups()
        self.desk.see("^2 backups of this service", "Reprise")
        self.home.run("run-due", "--background").expect()
        time.sleep(1)
        assert len(self.backups()) == 2, self.backups()

    def outlives_the_window(self):
        """The window goes, the background service ends by itself a while after."""
        assert self.desk.close() == 0
        assert self.home.has_name(NAME), "it went with the window"
        wait_until(lambda: not self.home.has_name(NAME), "the background service to end")
        status = self.home.run("status", "--json").expect().json[0]
        assert status["rehearsal_ok"] and status["next_at"] and not status["needs_attention"], status


STEPS = ["no_schedule", "rehearsal", "set_schedule", "made_up_for", "outlives_the_window"]

sys.exit(desktop.run_journey(Journey, STEPS, "/schedule"))
