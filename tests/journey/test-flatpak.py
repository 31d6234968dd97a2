#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs by itself, inside the installed Flatpak: window, command line and background service each in a sandbox of its own, between
them the session bus and its filter, and a desktop that may or may not let it run in the background.

First start → Add Service → a schedule → what was missed is made up for once → no portal, a portal that refuses: what still works is
said → the window goes, the background service ends by itself → the bus starts it, and it does what is due → the portal grants it: it
stays without a window, and after a sign-in → somebody forbids it in the settings: the desktop ends it, in the middle of its work, and that is
seen → allowed again and taken back → all files are where the Flatpak has them. The portal is xdg-desktop-portal.
"""

import configparser
import datetime
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time

SYSTEM_PYTHON = "/usr/bin/python3"

try:
    import desktop
    import portal
except (ImportError, ValueError) as missing_module:
    if os.path.exists(SYSTEM_PYTHON) and os.path.realpath(sys.executable) != os.path.realpath(SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])  # the one that has the desktop's modules
    print(f"1..0 # SKIP {missing_module}")
    sys.exit(0)

from reprise_test import Home, wait_until  # noqa: E402 pylint: disable=wrong-import-position

ID = "io.github.reprise_backup.Reprise"
AGENT = ID + ".Agent"
AGENT_PATH = "/io/github/reprise_backup/Reprise/Agent"
IDLE_SECONDS = 6
INSTALLATION = os.environ.get("FLATPAK_USER_DIR") or os.path.expanduser("~/.local/share/flatpak")
SERVICES = os.path.join(INSTALLATION, "exports", "share", "dbus-1", "services")


class SandboxHome(Home):
    """A home where “host” shows it, with the Flatpak of the one who tests, and without what a build needs."""

    def __init__(self):
        own = os.path.expanduser("~")
        super().__init__(folder="/srv" if own == "/root" else own, cli="flatpak")
        self.cli = self.file("reprise", f'#!/bin/sh\nexec flatpak run --user --die-with-parent --command=reprise {ID} "$@"\n')
        os.chmod(self.cli, 0o755)
        self.env.update(FLATPAK_USER_DIR=INSTALLATION, REPRISE_AGENT_IDLE_SECONDS=str(IDLE_SECONDS))
        services = os.path.join(self.env["XDG_DATA_HOME"], "dbus-1", "services")
        os.makedirs(services)
        for name in os.listdir(SERVICES):
            if name.startswith(ID + "."):
                shutil.copy(os.path.join(SERVICES, name), services)

    @property
    def sandbox(self):
        """The folder of the application, outside of its sandbox."""
        return os.path.join(self.path, ".var", "app", ID)

    def remove(self):
        """What the bus has started, too: only this home's, as they are listed in its folder."""
        subprocess.run(["flatpak", "kill", ID], env=self.env, capture_output=True, check=False)
        super().remove()


class SandboxDesktop(desktop.Desktop):
    """A desktop on which only one program is, behind the filter of the bus."""

    def _write_settings(self):
        folder = os.path.join(self.home.sandbox, "config", "gtk-4.0")
        os.makedirs(folder)
        with open(os.path.join(folder, "settings.ini"), "w", encoding="utf-8") as stream:
            stream.write("[Settings]\ngtk-enable-animations=0\n")

    def is_ours(self, application):
        return True


class Journey:
    """One person, one application, one program in its sandboxes."""

    def __init__(self, home):
        self.home = home
        self.app = home.file("field-notes")
        os.mkdir(self.app)
        database = sqlite3.connect(os.path.join(self.app, "app.db"))
        database.executescript("""PRAGMA journal_mode = WAL;
          CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users (name) VALUES ('Ada'), ('Grace');
          CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT); INSERT INTO settings VALUES ('theme', 'dark');
          CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('one');""")
        database.close()
        folder = os.path.join(home.sandbox, "config", "reprise")
        os.makedirs(folder)
        self.preferences = os.path.join(folder, "preferences.conf")
        with open(self.preferences, "w", encoding="utf-8") as stream:
            stream.write("[reprise]\nspread-seconds=0\n")
        self.desk = SandboxDesktop(home)
        self.portal = portal.Portal(self.desk, ID)
        for name in ("ADW_DISABLE_PORTAL", "GTK_USE_PORTAL"):
            home.env.pop(name)

    def open_window(self):
        """In its sandbox."""
        self.desk.open("flatpak", "run", "--user", "--die-with-parent", ID)

    def backups(self):
        """What the command line lists, the newest first."""
        return self.home.run("list", "field-notes", "--json").expect().json

    def instances(self):
        """The commands that run in sandboxes, one for each."""
        done = subprocess.run(["flatpak", "ps", "--columns=application"], env=self.home.env, capture_output=True, text=True, check=True)
        return [line for line in done.stdout.splitlines() if line.strip() == ID]

    def miss(self):
        """As if the computer had slept for two days."""
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2)
        history = sqlite3.connect(os.path.join(self.home.sandbox, ".local", "state", "reprise", "history.db"), timeout=10)
        with history:
            assert history.execute("UPDATE mark SET at = ? WHERE service_uuid NOT LIKE '%:%'",
                                   (at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),)).rowcount == 1
        history.close()

    def call_agent(self, method, *args):
        """From outside of all sandboxes, as another program does; gives what it answers."""
        done = subprocess.run(["gdbus", "call", "--session", "--timeout=60", "--dest", AGENT, "--object-path", AGENT_PATH, "--method",
                               f"{AGENT}.{method}", *args], env=self.home.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        return done.stdout.strip()

    def agent_application(self):
        """The Flatpak that the owner of its name on the bus runs in."""
        done = subprocess.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/", "--method",
                               "org.freedesktop.DBus.GetConnectionUnixProcessID", AGENT],
                              env=self.home.env, capture_output=True, text=True, check=True)
        info = configparser.ConfigParser(interpolation=None, strict=False)
        info.read(f"/proc/{re.search('uint32 ([0-9]+)', done.stdout).group(1)}/root/.flatpak-info", encoding="utf-8")
        return info.get("Application", "name", fallback=None)

    def wait_for_agent_to_end(self):
        """Its name, and its sandbox."""
        wait_until(lambda: not self.home.has_name(AGENT), "the background service to end")
        wait_until(lambda: not self.instances(), "its sandbox to go")

    def switch_background(self, expected):
        """In the Preferences, until they say that."""
        desk = self.desk
        if not any("Preferences" in w.get_name() for w in desk.windows()):
            desk.see_window("Reprise")
            desk.key("ctrl+comma")
            desk.see_window("Preferences")
        name = "Follow Schedules in the Background"
        desk.press_until(lambda: any(expected in text for text in desk.texts("Preferences")), expected, self.row_role(name), name, "Preferences")

    def row_role(self, name):
        """How a screen reader calls a row with a switch."""
        roles = [n.get_role_name() for n in self.desk.controls("Preferences") if n.get_name() == name]
        for role in ("switch", "toggle button", "check box", "list item"):
            if role in roles:
                return role
        raise AssertionError(f"“{name}” is one of {roles}")

    # --- the steps

    def add_service(self):
        """By the window, from the first start on; it is backed up at once, by the background service, in a sandbox of its own."""
        desk = self.desk
        self.open_window()
        desk.see("^Get Your Data Back$")
        desk.press("push button", "Add Service…")
        desk.see_window("Add Service")
        desk.press("radio button", "SQLite Application")
        desk.press("push button", "Next")
        desk.write("Folder or File", self.app)
        desk.press("push button", "Test Connection")
        desk.see("^Found")
        desk.press("push button", "Next")
        desk.see("^app.db$")
        desk.tick("Back Up Now", True)
        desk.press("push button", "Add")
        desk.find("list item", "field-notes", "Reprise")
        desk.see("^Last Backup Successful$", "Reprise")
        assert [(b["origin"], b["state"]) for b in self.backups()] == [("manual", "verified")], self.backups()
        assert self.agent_application() == ID, self.agent_application()
        wait_until(lambda: len(self.instances()) == 2, "a sandbox each for the window and the background service, and none besides")

    def set_schedule(self):
        """In its window: every hour; nothing of the past is made up for."""
        desk = self.desk
        desk.see("^No Schedule$")
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
        schedule = self.home.run("schedule", "field-notes", "--json").expect().json
        assert schedule["schedule"] == "hourly :15" and schedule["next_at"], schedule

    def made_up_for(self):
        """One backup for all that was missed, and the window shows it by itself."""
        self.miss()
        self.home.run("run-due", "--background").expect()
        wait_until(lambda: len(self.backups()) == 2, "the backup that was due")
        assert [b["origin"] for b in self.backups()] == ["schedule", "manual"], self.backups()
        self.desk.see("^2 backups of this service", "Reprise")
        self.home.run("run-due", "--background").expect()
        assert len(self.backups()) == 2, self.backups()

    def no_portal(self):
        """A desktop without one."""
        assert not self.home.has_name(portal.PORTAL)
        self.switch_background("The desktop has no portal for that")
        self.home.run("background", "on").fails(1, "The desktop has no portal for that.*while the window is open")

    def refused(self):
        """Who asks, and for what, is what the manifest and the schedule say; the answer is said with what still works."""
        self.portal.start()
        self.portal.decide("refused", "ask")
        self.switch_background("The desktop did not allow it. Schedules are followed while the window is open")
        question = self.portal.requests("AccessDialog")[-1]
        assert question["application"] == ID and question["subtitle"] == "Services are backed up when their schedule says so.", question
        order = self.portal.requests("EnableAutostart")[-1]
        assert not order["enable"] and not os.path.exists(self.portal.autostart()), order
        self.home.run("background", "on").fails(5, "The desktop did not allow it. Schedules are followed while the window is open")
        assert self.home.run("background", "--json").expect().json == {"background": "off"}
        self.home.run("schedule", "field-notes", "hourly", ":15").expect(out="only while the window is open")
        with open(self.preferences, encoding="utf-8") as stream:
            assert "background" not in stream.read()

    def without_autostart(self):
        """In the background until somebody signs out, and never again: that is not what was asked for."""
        self.portal.decide("no-autostart", "ask")
        self.desk.key("Escape")
        self.desk.see_window("Reprise")
        self.switch_background("The desktop did not allow it. Schedules are followed while the window is open")
        assert self.portal.requests("EnableAutostart")[-1]["enable"] and not os.path.exists(self.portal.autostart())

    def ends_by_itself(self):
        """The window goes, the background service a while after."""
        self.desk.key("Escape")
        self.desk.see_window("Reprise")
        assert self.desk.close() == 0
        assert self.home.has_name(AGENT), "it went with the window"
        self.wait_for_agent_to_end()

    def started_by_the_bus(self):
        """Without a window: another program asks, and what is due is done."""
        self.miss()
        assert self.call_agent("RunDue") == "(uint32 1,)"
        assert self.agent_application() == ID
        wait_until(lambda: len(self.instances()) == 1, "a sandbox for the background service alone")
        wait_until(lambda: len(self.backups()) == 3, "the backup that was due")
        status = self.call_agent("GetStatus")
        assert "'state': <'up-to-date'>" in status and "'last-backup-at'" in status, status
        self.wait_for_agent_to_end()

    def granted(self):
        """It is there without a window, and does what comes due without being asked."""
        self.portal.decide("refused", None)  # nobody is asked
        self.open_window()
        self.desk.see("^3 backups of this service", "Reprise")
        self.switch_background("Schedules are followed without the window too")
        assert "yes" in self.portal.permission() and not self.portal.requests("AccessDialog")
        order = self.portal.requests("EnableAutostart")[-1]
        assert order["commandline"] == ["flatpak", "run", "--command=/app/libexec/reprise-agent", ID, "--stay"], order
        self.home.run("background").expect(out="without the window too")
        self.desk.key("Escape")
        self.desk.see_window("Reprise")
        assert self.desk.close() == 0
        time.sleep(IDLE_SECONDS + 4)
        assert self.home.has_name(AGENT), "it went where it may stay"
        self.miss()
        wait_until(lambda: len(self.backups()) == 4, "the backup that came due")

    def after_sign_in(self):
        """Everything ends with the session; at sign-in the desktop starts what the portal has written."""
        subprocess.run(["flatpak", "kill", ID], env=self.home.env, check=True)
        self.wait_for_agent_to_end()
        entry = configparser.ConfigParser(interpolation=None)
        entry.read(self.portal.autostart(), encoding="utf-8")
        self.miss()
        self.desk.start(*shlex.split(entry["Desktop Entry"]["Exec"]), log="autostart.log")
        wait_until(lambda: len(self.backups()) == 5, "the backup that was missed")
        time.sleep(IDLE_SECONDS + 4)
        assert self.home.has_name(AGENT) and self.agent_application() == ID

    def forbidden(self):
        """In the settings, while it works without a window: the desktop kills it. What it was at is told, and what is left of it is cleaned
        up by the next; nobody believes any more that it is there."""
        database = sqlite3.connect(os.path.join(self.app, "app.db"))
        database.execute("CREATE TABLE pictures (data BLOB)")
        database.executemany("INSERT INTO pictures VALUES (randomblob(1048576))", [()] * 1500)
        database.commit()
        database.close()
        self.portal.decide("refused", "no")
        self.call_agent("Run", "field-notes")
        assert self.home.run("jobs", "--json").expect().json[0]["state"] == "running"  # the portal looks whenever a sandbox comes or goes
        wait_until(lambda: not self.home.has_name(AGENT), "the desktop to kill it")
        newest = self.home.run("history", "field-notes", "--json").expect().json[0]
        assert newest["state"] == "failed" and "interrupted" in newest["error"], newest
        self.home.run("background").expect(out="only while the window is open")
        with open(self.preferences, encoding="utf-8") as stream:
            assert "background" not in stream.read()
        database = sqlite3.connect(os.path.join(self.app, "app.db"))
        database.executescript("DROP TABLE pictures; VACUUM;")
        database.close()
        self.home.run("backup", "field-notes").expect(out="verified")
        vault = os.path.join(self.home.sandbox, "data", "reprise", "vault")
        assert not [name for _, folders, names in os.walk(vault) for name in folders + names if ".partial" in name]

    def taken_back(self):
        """Allowed again, and taken back: the portal is told, and the background service ends with the window again."""
        self.portal.decide("granted", "ask")
        self.home.run("background", "on").expect(out="without the window too")
        assert self.portal.requests("AccessDialog") and os.path.exists(self.portal.autostart())
        self.open_window()
        self.desk.see("^6 backups of this service", "Reprise")
        self.switch_background("Schedules are followed only while the window is open")
        assert not self.portal.requests("EnableAutostart")[-1]["enable"] and not os.path.exists(self.portal.autostart())
        self.desk.key("Escape")
        self.desk.see_window("Reprise")
        assert self.desk.close() == 0
        self.wait_for_agent_to_end()

    def files(self):
        """All of it where the Flatpak has it, and nothing elsewhere."""
        for path in ("config/reprise/preferences.conf", "data/reprise/vault/README.txt", ".local/state/reprise/history.db"):
            assert os.path.exists(os.path.join(self.home.sandbox, path)), path
        vault = os.path.join(self.home.sandbox, "data", "reprise", "vault")
        found = [name for _, _, names in os.walk(vault) for name in names if name == "manifest.json"]
        assert len(found) == 6, found
        strays = [os.path.join(self.home.env[key], "reprise") for key in self.home.env
                  if key.startswith("XDG_") and key.endswith("_HOME") and os.path.exists(os.path.join(self.home.env[key], "reprise"))]
        assert not strays, strays
        assert sorted(os.listdir(self.app)) in (["app.db"], ["app.db", "app.db-shm", "app.db-wal"]), os.listdir(self.app)


STEPS = ["add_service", "set_schedule", "made_up_for", "no_portal", "refused", "without_autostart", "ends_by_itself", "started_by_the_bus",
         "granted", "after_sign_in", "forbidden", "taken_back", "files"]

if __name__ == "__main__":
    if not os.path.isdir(SERVICES) or shutil.which("flatpak") is None:
        print(f"1..0 # SKIP the Flatpak of {ID} is not installed")
        sys.exit(0)
    if portal.missing() is not None:
        print(f"1..0 # SKIP there is no {portal.missing()}")
        sys.exit(0)
    sys.exit(desktop.run_journey(Journey, STEPS, "/flatpak", SandboxHome))
