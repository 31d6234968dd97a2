# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal of a desktop of a journey: xdg-desktop-portal as it is installed, and behind it a backend of ours, which does what a test decides."""

import json
import os
import subprocess

from reprise_test import wait_until

PORTAL = "org.freedesktop.portal.Desktop"
STORE = "org.freedesktop.impl.portal.PermissionStore"
BACKEND = "org.freedesktop.impl.portal.desktop.reprise_test"
FOLDER = os.environ.get("REPRISE_PORTAL_DIR", "/usr/libexec")
UTIL = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "util")


def missing():
    """The program that is not there, if one is."""
    names = ["xdg-desktop-portal", "xdg-permission-store"]
    return next((name for name in names if not os.access(os.path.join(FOLDER, name), os.X_OK)), None)


class Portal:
    """Of one desktop, for the application whose window is called so on the bus."""

    def __init__(self, desk, application):
        self.desk, self.home, self.application = desk, desk.home, application

    def start(self):
        """From now on there is one; nobody has decided anything yet."""
        folder = self.home.file("portal")
        os.mkdir(folder)
        self.home.file("portal/requests", "")
        self.home.file("portal/answer", "refused")
        self.home.file("portal/test.portal", f"[portal]\nDBusName={BACKEND}\nInterfaces=org.freedesktop.impl.portal.Access;"
                       "org.freedesktop.impl.portal.Background;\nUseIn=reprise-test\n")
        self.desk.start("/usr/bin/python3", os.path.join(UTIL, "portal-backend"), folder, self.application, log="portal-backend.log")
        self.desk.start(os.path.join(FOLDER, "xdg-permission-store"), log="permission-store.log")
        wait_until(lambda: self.home.has_name(BACKEND) and self.home.has_name(STORE), "what the portal needs")
        self.desk.start(os.path.join(FOLDER, "xdg-desktop-portal"), log="portal.log", XDG_DESKTOP_PORTAL_DIR=folder,
                        XDG_CURRENT_DESKTOP="reprise-test")
        wait_until(lambda: self.home.has_name(PORTAL), "a portal")

    def decide(self, answer, permission):
        """What a person says when asked, “granted”, “refused” or “no-autostart”; and what is set in the settings: “ask”, “yes”, “no”, or
        nothing, with which the portal allows it."""
        self.home.file("portal/answer", answer)
        permissions = f"['{permission}']" if permission else "@as []"
        self._store("SetPermission", "background", "true", "background", self.application, permissions)
        self.home.file("portal/requests", "")

    def permission(self):
        """What is set."""
        return self._store("Lookup", "background", "background")

    def _store(self, method, *args):
        done = subprocess.run(["gdbus", "call", "--session", "--dest", STORE, "--object-path", "/org/freedesktop/impl/portal/PermissionStore",
                               "--method", f"{STORE}.{method}", *args], env=self.home.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        return done.stdout

    def requests(self, method):
        """What the backend was asked since somebody decided."""
        with open(self.home.file("portal/requests"), encoding="utf-8") as stream:
            return [one for one in map(json.loads, stream) if one["method"] == method]

    def autostart(self):
        """The file that a session reads at sign-in."""
        return os.path.join(self.home.env["XDG_CONFIG_HOME"], "autostart", self.application + ".desktop")
