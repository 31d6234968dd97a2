#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a screen reader may ask at any time, also of what was closed a moment ago: the program answers, and goes on.

GTK 4.8 ends by itself where a window is asked for by a number that is no longer one of those that are shown, and the last of all windows
is a hidden one. Here the numbers are asked for all the time, while windows are opened and closed and pages are switched.
"""

import os
import sys
import threading
import time

SYSTEM_PYTHON = "/usr/bin/python3"

try:
    import desktop
except (ImportError, ValueError) as missing_module:
    if os.path.exists(SYSTEM_PYTHON) and os.path.realpath(sys.executable) != os.path.realpath(SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])  # the one that has the desktop's modules
    print(f"1..0 # SKIP {missing_module}")
    sys.exit(0)

from gi.repository import Gio, GLib  # noqa: E402 pylint: disable=wrong-import-position
from reprise_test import program  # noqa: E402 pylint: disable=wrong-import-position

BUILD = os.environ["REPRISE_BUILD"]
ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE = "org.a11y.atspi.Accessible"
SECONDS = float(os.environ.get("REPRISE_STRESS_SECONDS", "12"))


class Reader:
    """Asks the program directly, past the library, which remembers what it heard before."""

    def __init__(self, desk):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, -1).unpack()[0]
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        self.pid = desk.program.pid
        self.name = desk.until(self.find, "the program on the accessibility bus")
        self.n_asked = 0

    def ask_bus(self, method, *names):
        """A question to the bus itself."""
        parameters = GLib.Variant(f"({'s' * len(names)})", names) if names else None
        return self.bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method, parameters, None, 0,
                                  5000).unpack()[0]

    def find(self):
        """What the program is called there."""
        for name in self.ask_bus("ListNames"):
            if name.startswith(":") and self.ask_bus("GetConnectionUnixProcessID", name) == self.pid:
                return name
        return None

    def ask(self, path, method, *parameters):
        """What the program answers, or None where it has nothing so called (any more)."""
        self.n_asked += 1
        try:
            variant = GLib.Variant(f"({'i' * len(parameters)})", parameters) if parameters else None
            return self.bus.call_sync(self.name, path, ACCESSIBLE, method, variant, None, 0, 2000).unpack()
        except GLib.Error:
            return None

    def look_around(self):
        """Everything that is shown, and numbers beyond it."""
        for number in range(6):
            answer = self.ask(ROOT, "GetChildAtIndex", number)
            if answer is not None:
                self.walk(answer[0][1], 4)

    def walk(self, path, depth):
        """Down from a window."""
        children = self.ask(path, "GetChildren")
        for _, child in children[0] if children is not None else []:
            if depth > 0 and child != "/org/a11y/atspi/null":
                self.ask(child, "GetState")
                self.walk(child, depth - 1)
        self.ask(path, "GetChildAtIndex", 1000)


class Journey:
    """One person with a screen reader."""

    def __init__(self, home):
        self.home = home
        home.cli = program("cli/reprise")
        home.env.update(GSETTINGS_SCHEMA_DIR=os.path.join(BUILD, "data"), GSETTINGS_BACKEND="memory")
        self.desk = desktop.Desktop(home)
        self.reader = None

    def start(self):
        """There is a window, and a hidden one: that of the keyboard shortcuts."""
        self.desk.open(program("ui/reprise-gtk"))
        self.desk.see_window("Reprise")
        self.reader = Reader(self.desk)

    def beyond(self):
        """A number that no window has."""
        for number in (1, 2, 7, 1000):
            self.reader.ask(ROOT, "GetChildAtIndex", number)
        time.sleep(0.5)
        assert self.desk.program.poll() is None, "the program has ended"
        assert self.reader.ask(ROOT, "GetChildren") is not None

    def while_windows_come_and_go(self):
        """Questions all the time, while windows are opened and closed."""
        is_over = threading.Event()

        def read():
            while not is_over.is_set() and self.desk.program.poll() is None:
                self.reader.look_around()

        thread = threading.Thread(target=read)
        thread.start()
        end, n_rounds = time.monotonic() + SECONDS, 0
        while time.monotonic() < end and self.desk.program.poll() is None:
            for keys in (["ctrl+comma"], ["ctrl+question"], ["ctrl+n"], ["F10"], ["F1"]):
                self.desk.key(*keys)
                time.sleep(0.25)
                self.desk.key("Escape")
                time.sleep(0.05)
            n_rounds += 1
        is_over.set()
        thread.join()
        print(f"# {self.reader.n_asked} questions in {n_rounds} rounds", flush=True)
        assert self.desk.program.poll() is None, "the program has ended"
        assert n_rounds > 0 and self.reader.n_asked > 100

    def end(self):
        """It ends as it always does."""
        code = self.desk.close()
        assert code == 0, code


STEPS = ["start", "beyond", "while_windows_come_and_go", "end"]

if __name__ == "__main__":
    sys.exit(desktop.run_journey(Journey, STEPS, "/screen-reader"))
