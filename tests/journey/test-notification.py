#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-notification.py gnome|all: what a person is told while no window is open, and where a click leads, on a desktop of that way.

A scheduled backup fails → it is told, and who told it goes, or stays where nobody else would hear of the click → a click starts the window, on the
page of that service → the button starts it with the window that backs up → it is solved: the notification goes → a file that is opened starts it
with the window that restores.
"""

import json
import os
import re
import shutil
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

ID = "io.github.reprise_backup.Reprise"
AGENT = ID + ".Agent"
IDLE_SECONDS = 2
TITLE = "Orders: Last Backup Failed"
UTIL = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "util")


class Started:
    """A program that the bus has started, as one that this test has."""

    def __init__(self, home):
        self.home = home
        done = subprocess.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/", "--method",
                               "org.freedesktop.DBus.GetConnectionUnixProcessID", ID], env=home.env, capture_output=True, text=True, check=True)
        self.pid = int(re.search("uint32 ([0-9]+)", done.stdout).group(1))

    def poll(self):
        """Nothing while it runs."""
        return None if self.home.has_name(ID) else 0

    def wait(self, seconds):
        """Until it has ended."""
        wait_until(lambda: self.poll() is not None, f"the end of the window within {seconds} s")
        return 0


class Journey:
    """One person, two applications, and no window."""

    def __init__(self, home):
        self.home, self.way = home, sys.argv[1]
        home.cli = program("cli/reprise")
        home.env.update(GSETTINGS_SCHEMA_DIR=os.path.join(os.environ["REPRISE_BUILD"], "data"), GSETTINGS_BACKEND="memory",
                        REPRISE_AGENT_IDLE_SECONDS=str(IDLE_SECONDS))
        for name in ("Field Notes", "Orders"):
            app = home.file(name)
            subprocess.run([program("util/make-sample"), app], check=True, stdout=subprocess.DEVNULL)
            home.run("service", "add", "sqlite", name, "--set", f"path={app}").expect()
            home.run("backup", name).expect()
        with open(os.path.join(home.env["XDG_CONFIG_HOME"], "reprise", "preferences.conf"), "a", encoding="utf-8") as stream:
            stream.write("[reprise]\nspread-seconds=0\n")
        self._install()
        self.desk = desktop.Desktop(home)
        self.folder = home.file("notifications")
        os.mkdir(self.folder)
        home.file("program.log", "")
        self.desk.start("/usr/bin/python3", os.path.join(UTIL, "fake-notifications"), self.folder, self.way, log="notifications.log")

    def _install(self):
        """So that the bus can start both programs, on the display as it will be."""
        services = os.path.join(self.home.env["XDG_DATA_HOME"], "dbus-1", "services")
        os.makedirs(services)
        window = self.home.file("window", f"""#!/bin/sh
unset GTK_A11Y G_DEBUG GIO_USE_VFS
export GDK_BACKEND=x11 GSK_RENDERER=cairo GTK_USE_PORTAL=0 NO_AT_BRIDGE=0
exec {program("ui/reprise-gtk")} --gapplication-service >> {self.home.file("program.log")} 2>&1
""")
        os.chmod(window, 0o755)
        for name, command in ((ID, window), (AGENT, program("agent/reprise-agent"))):
            with open(os.path.join(services, name + ".service"), "w", encoding="utf-8") as stream:
                stream.write(f"[D-BUS Service]\nName={name}\nExec={command}\n")

    def shown(self):
        """The titles."""
        titles = []
        for name in os.listdir(self.folder):
            if name.startswith("shown-"):
                with open(os.path.join(self.folder, name), encoding="utf-8") as stream:
                    titles.append(stream.read())
        return titles

    def fail(self):
        """As if the computer had slept for two days, and the application had gone meanwhile."""
        uuid = self.home.run("service", "show", "Orders", "--json").expect().json["id"]
        self.home.run("schedule", "Orders", "hourly", f":{time.gmtime(time.time() - 1800).tm_min:02}").expect()
        if os.path.exists(self.home.file("Orders")):
            shutil.move(self.home.file("Orders"), self.home.file("Orders that went"))
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 2 * 86400))
        history = sqlite3.connect(os.path.join(self.home.env["XDG_STATE_HOME"], "reprise", "history.db"), timeout=10)
        with history:
            assert history.execute("UPDATE mark SET at = ? WHERE service_uuid = ?", (at, uuid)).rowcount == 1
        history.close()
        self.home.run("run-due", "--background").expect()
        wait_until(lambda: self.shown() == [TITLE], "the notification")

    def click(self, button):
        """On it, or its button."""
        with open(os.path.join(self.folder, "click.new"), "w", encoding="utf-8") as stream:
            json.dump({"title": TITLE, "button": button}, stream)
        os.rename(os.path.join(self.folder, "click.new"), os.path.join(self.folder, "click"))
        wait_until(lambda: self.home.has_name(ID), "the window's program")
        self.desk.program = Started(self.home)

    def see_window(self, title):
        """In front, by what the display calls it: a screen reader's library does not bear several programs that come and go."""
        self.desk.until(lambda: self.desk.tool("xdotool", "getactivewindow", "getwindowname") == title, f"the window “{title}” in front")

    def solve(self):
        """It works again, by a person's own backup in the background service, as the window has it made."""
        shutil.move(self.home.file("Orders that went"), self.home.file("Orders"))
        done = subprocess.run(["gdbus", "call", "--session", "--dest", AGENT, "--object-path", "/" + AGENT.replace(".", "/"), "--method",
                               f"{AGENT}.Run", "Orders"], env=self.home.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        wait_until(lambda: [one["state"] for one in self.home.run("status", "--json").json] == ["up-to-date"] * 2, "the good backup")

    # --- the steps

    def told(self):
        """Without a window. Who told it goes; where nobody else would hear of the click, it stays."""
        self.fail()
        assert not self.home.has_name(ID), "there is a window"
        if self.way == "all":
            time.sleep(IDLE_SECONDS + 3)
            assert self.home.has_name(AGENT), "it went, and nobody hears of the click"
        else:
            wait_until(lambda: not self.home.has_name(AGENT), "the background service to end")

    def click_shows_the_service(self):
        """The window is started, on the page of the service."""
        self.click("default")
        self.see_window("Orders – Reprise")
        assert self.desk.close() == 0
        wait_until(lambda: not self.home.has_name(AGENT), "the background service to end")

    def button_backs_up(self):
        """The same, with the window that backs up in front of it."""
        self.solve()
        wait_until(lambda: not self.home.has_name(AGENT), "the background service to end")
        self.fail()
        self.click("Back Up Now…")
        self.see_window("Back Up")
        self.desk.key("Escape")
        self.see_window("Orders – Reprise")
        assert self.desk.close() == 0
        wait_until(lambda: not self.home.has_name(AGENT), "the background service to end")

    def goes_when_solved(self):
        """Whoever is there to see it."""
        self.solve()
        wait_until(lambda: not self.home.has_name(AGENT), "the background service to end")
        self.fail()
        self.solve()
        wait_until(lambda: not self.shown(), "the notification to go")
        wait_until(lambda: not self.home.has_name(AGENT), "the background service to end")


    def file_starts_it(self):
        """As a file manager has the bus start it: with the window that restores, on what is in the file."""
        backup = self.home.run("list", "Orders", "--json").expect().json[0]["id"]
        archive = self.home.file("saved.zip")
        self.home.run("save", backup, archive).expect()
        done = subprocess.run(["gdbus", "call", "--session", "--dest", ID, "--object-path", "/" + ID.replace(".", "/"), "--method",
                               "org.freedesktop.Application.Open", f"['file://{archive}']", "{}"], env=self.home.env, capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, done
        self.desk.program = Started(self.home)
        self.see_window("Choose a Backup")
        self.desk.key("Escape")
        self.desk.until(lambda: self.desk.tool("xdotool", "getactivewindow", "getwindowname").endswith("Reprise"), "the window of the program in front")
        assert self.desk.close() == 0


STEPS = ["told", "click_shows_the_service", "button_backs_up", "goes_when_solved", "file_starts_it"]

sys.exit(desktop.run_journey(Journey, STEPS, "/notification/" + sys.argv[1]))
