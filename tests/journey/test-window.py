#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A journey through the windows, from outside: controls are found and pressed by what a screen reader says, and after each step the
application's own databases tell what really happened.

First start → Add Service → Back Up with groups → Verify → Restore chosen groups with a safety copy → Undo → a backup of the command
line shows up → a file is opened → Upload Archive → French. Each step needs the one before it; the first that fails ends the journey.
"""

import gettext
import hashlib
import os
import re
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

from reprise_test import program  # noqa: E402 pylint: disable=wrong-import-position

DATABASES = ("fieldnotes.db", "telemetry.db")
USER_TABLES = {"users", "roles", "user_roles", "sessions"}
BUILD = os.environ["REPRISE_BUILD"]


class Journey:
    """One person, one application, one program."""

    def __init__(self, home):
        self.home = home
        home.cli = program("cli/reprise")
        home.env.update(GSETTINGS_SCHEMA_DIR=os.path.join(BUILD, "data"), GSETTINGS_BACKEND="memory")
        self.app = home.file("field-notes")
        subprocess.run([program("util/make-sample"), self.app], check=True, stdout=subprocess.DEVNULL)
        self.desk = desktop.Desktop(home)
        self.original = self.tables()
        self.damaged = None
        self.backup = None

    # --- what the application's databases say

    def connect(self, name="fieldnotes.db"):
        """One of its databases."""
        return sqlite3.connect(os.path.join(self.app, name))

    def tables(self):
        """A digest of the rows of every table; each database must be whole."""
        found = {}
        for name in DATABASES:
            with self.connect(name) as database:
                assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], name
                for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                    rows = database.execute(f'SELECT * FROM "{table}"').fetchall()
                    found[table] = (len(rows), hashlib.sha256(repr(sorted(rows, key=repr)).encode()).hexdigest())
            database.close()
        return found

    def check_tables(self, expected):
        """What is other than expected is named."""
        now = self.tables()
        differ = {table: (expected.get(table), now.get(table)) for table in expected.keys() | now.keys() if expected.get(table) != now.get(table)}
        assert not differ, f"(expected, found): {differ}"

    def backups(self):
        """What the command line lists, the newest first."""
        return self.home.run("list", "field-notes", "--json").expect().json

    def history(self):
        """The jobs that ended, the latest first."""
        return self.home.run("history", "field-notes", "--json").expect().json

    def show(self, backup):
        """What the command line says of a backup."""
        return self.home.run("show", backup, "--json").expect().json

    # --- the steps

    def first_start(self):
        """The first window says what to do, and everything in it has a name."""
        self.desk.open(program("ui/reprise-gtk"))
        self.desk.see("^Get Your Data Back$")
        self.desk.find("push button", "Add Service…")
        self.desk.find("push button", "Open a Backup File…")
        assert self.home.run("service", "list", "--json").expect().json == []

    def add_service(self):
        """The sample application, with its connection tested, without a backup yet."""
        desk = self.desk
        desk.press("push button", "Add Service…")
        desk.see_window("Add Service")
        desk.tick("SQLite Application", True)
        desk.press("push button", "Next")
        desk.write("Folder or File", self.home.file("nowhere"))
        desk.press("push button", "Test Connection")
        desk.see("nowhere.*not|not.*nowhere|No such file|does not exist|There is no")
        desk.write("Folder or File", self.app)
        desk.press("push button", "Test Connection")
        desk.see("^Found")
        desk.press("push button", "Next")
        desk.see("^telemetry.db$")
        desk.tick("Back Up Now", False)
        desk.press("push button", "Add")
        time.sleep(1.5)  # GTK 4.8 ends when it is asked for what it is just about to show
        desk.find("list item", "field-notes", "Reprise")
        desk.see("^Backup Never Run$", "Reprise")
        services = self.home.run("service", "list", "--json").expect().json
        assert [(s["name"], s["kind"]) for s in services] == [("field-notes", "sqlite")], services
        assert self.backups() == []
        self.check_tables(self.original)

    def back_up_with_groups(self):
        """With the logs, which are not chosen by themselves, and without the third-party services."""
        desk = self.desk
        desk.press("push button", "Back Up Now…")
        desk.see_window("Back Up")
        desk.tick("Logs", True)
        desk.tick("Third-Party Services", False)
        assert not desk.find("check box", "Required").get_state_set().contains(desktop.Atspi.StateType.SENSITIVE)
        desk.write("Note", "From the journey")
        desk.press("push button", "Back Up")
        desk.see("^Last Backup Successful$", "Reprise")
        found = self.backups()
        assert len(found) == 1, found
        self.backup = found[0]["id"]
        shown = self.show(self.backup)
        groups = {g["group"] if isinstance(g, dict) else g for g in shown["groups"]}
        assert groups == {"required", "user", "log", "unknown"}, shown
        assert shown["note"] == "From the journey", shown
        self.check_tables(self.original)

    def verify(self):
        """Read back again: the proof is a newer one."""
        before = self.show(self.backup)["verified_at"]
        while time.gmtime() <= time.strptime(before[:19], "%Y-%m-%dT%H:%M:%S"):
            time.sleep(0.1)
        self.desk.press("push button", "Verify")
        self.desk.until(lambda: self.show(self.backup)["verified_at"] > before, "a newer proof")
        self.desk.see("^Read back in full", "Reprise")

    def restore_chosen_groups(self):
        """The users come back; what else was changed since stays as it is."""
        desk = self.desk
        with self.connect() as database:
            database.execute("DELETE FROM users")
            database.execute("DELETE FROM sessions")
            database.execute("UPDATE settings SET value = 'Changed since' WHERE key = 'title'")
            database.execute("INSERT INTO api_tokens (id, name, hash) VALUES (9001, 'since', x'00')")
        database.close()
        self.damaged = self.tables()
        assert self.damaged["users"][0] == 0 and self.damaged["settings"] != self.original["settings"]

        desk.press("push button", "Restore…")
        desk.see_window("Choose a Backup")
        desk.press("push button", "Next")
        desk.see_window("Choose What to Restore")
        for group, wanted in (("Required", False), ("Users", True), ("Logs", False), ("Unknown", False)):
            desk.tick(group, wanted)
        desk.press("push button", "Next")
        desk.see_window("Where to Restore")
        desk.press("push button", "Next")
        desk.see_window("Review")
        desk.see("^Now [0-9]+ · in the backup [0-9]+$")
        texts = desk.texts()
        assert texts.count("replaced") == 1 and texts.count("left alone") >= 4, texts
        desk.tick("Create a safety copy first", True)
        self.check_tables(self.damaged)
        desk.press("push button", "Restore…")
        desk.see_window("Replace Data on “field-notes”?")
        desk.press("push button", "Replace Data")
        desk.see("^Restored ", "Reprise")
        desk.find("list item", "Undo This Restore…", "Reprise")
        self.check_tables({**self.damaged, **{table: self.original[table] for table in USER_TABLES}})
        copies = [b for b in self.backups() if b["origin"] != "manual"]
        assert len(copies) == 1 and self.show(copies[0]["id"])["verified_at"], copies

    def undo(self):
        """As it was before the restore, to the row."""
        desk = self.desk
        desk.press("list item", "Undo This Restore…")
        desk.see_window("Undo the Restore of “field-notes”?")
        desk.press("push button", "Undo Restore")
        desk.until(lambda: self.history()[0]["action"] == "undo", "the end of the undoing")
        assert self.history()[0]["state"] == "done", self.history()[0]
        desk.until(lambda: desk.look("list item", "Undo This Restore…", "Reprise") is None, "nothing left to undo")
        self.check_tables(self.damaged)

    def command_line(self):
        """A backup that the command line makes appears by itself."""
        desk = self.desk
        desk.press("page tab", "Backups")
        before = desk.until(lambda: self.rows(), "the backups")
        self.home.run("backup", "field-notes", "--group", "user").expect()
        desk.until(lambda: self.rows() == before + 1, "the backup of the command line", 10)
        desk.press("page tab", "Overview")

    def rows(self):
        """How many backups the page shows."""
        return sum(1 for n in self.desk.controls("Reprise") if n.get_role_name() == "list item" and "kB" in (n.get_description() or ""))

    def open_file(self):
        """As the file manager does: the program that runs already looks into it. A damaged one is told as such, and nothing is written."""
        desk = self.desk
        good, bad = self.home.file("good.zip"), self.home.file("bad.zip")
        self.home.run("save", self.backup, good).expect()
        with open(good, "rb") as stream:
            content = stream.read()
        with open(bad, "wb") as stream:
            stream.write(content[:len(content) // 2])

        assert desk.start(program("ui/reprise-gtk"), good).wait(desktop.PATIENCE) == 0
        desk.see_window("Choose a Backup")
        desk.see("^good.zip$")
        desk.press("push button", "Next")
        desk.see_window("Choose What to Restore")
        for group in ("Required", "Users", "Logs", "Unknown"):
            desk.find("check box", group)
        assert desk.look("check box", "Third-Party Services") is None
        desk.key("Escape")
        desk.see_window("field-notes")

        assert desk.start(program("ui/reprise-gtk"), bad).wait(desktop.PATIENCE) == 0
        desk.see_window("Choose a Backup")
        desk.see("^bad.zip$")
        desk.press("push button", "Next")
        desk.see("cut off")
        desk.see_window("Choose a Backup")
        desk.key("Escape")
        desk.see_window("field-notes")
        self.check_tables(self.damaged)

    def upload(self):
        """A window of its own, from the menu. SQLite keeps no uploads: that is said, and leads on to Restore."""
        desk = self.desk
        desk.press("push button", re.compile("Main Menu"), "Reprise")
        desk.press("menu item", "Upload Archive…")
        desk.see_window("Upload Archive")
        desk.press_until(lambda: desk.bring_to_front("Choose an Archive"), "a file chooser", "list item", "Choose a File…")
        desk.type("/")
        time.sleep(0.5)
        desk.type(self.home.file("good.zip")[1:])
        time.sleep(0.5)
        desk.key("Return")
        desk.see("^good.zip$", "Upload")
        desk.press("push button", "Next")
        desk.see("^Users$")
        desk.press("push button", "Next")
        desk.see("keeps no archives")
        assert desk.find("push button", "Restore…", "Choose a Service")
        desk.key("Escape")
        desk.see_window("field-notes")
        self.check_tables(self.damaged)

    def french(self):
        """Ended and started again under French, everything is French."""
        desk = self.desk
        assert desk.close() == 0
        desk.open(program("ui/reprise-gtk"), LANGUAGE="fr")
        translation = gettext.translation("reprise", os.path.join(BUILD, "po"), ["fr"])

        def french(text):
            translated = translation.gettext(text).replace("_", "")
            assert translated != text.replace("_", ""), f"“{text}” has no French"
            return translated

        desk.find("push button", french("_Back Up Now…"))
        desk.find("push button", french("_Restore…"))
        desk.find("page tab", french("Overview"))
        desk.find("page tab", french("Backups"))
        desk.see("^" + re.escape(french("Data Groups")) + "$")
        english = {"Overview", "Backups", "History", "Data Groups", "Users", "Logs", "Required", "Restore…", "Back Up Now…", "Verify"}
        left = english & set(desk.texts())
        assert not left, left
        assert desk.close() == 0
        self.check_tables(self.damaged)


STEPS = ["first_start", "add_service", "back_up_with_groups", "verify", "restore_chosen_groups", "undo", "command_line", "open_file",
         "upload", "french"]


sys.exit(desktop.run_journey(Journey, STEPS, "/journey"))
