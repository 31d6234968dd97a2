# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop of its own for a journey through the windows: a display, a window manager, a session bus, a keyring and what a screen
reader listens to. Controls are found by their role and the name that a screen reader says, and pressed."""

import os
import re
import shutil
import subprocess
import time
import traceback

os.environ.pop("G_DEBUG", None)  # the accessibility library warns of programs that are just starting

import gi  # noqa: E402 pylint: disable=wrong-import-position

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 pylint: disable=wrong-import-position
from reprise_test import Home  # noqa: E402 pylint: disable=wrong-import-position

NEEDED = ["Xvfb", "openbox", "xdotool", "xprop", "dbus-daemon"]
BUS_LAUNCHER = ["/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher"]
WINDOWS = ("frame", "dialog", "window", "alert")
PATIENCE = 45  # seconds; a machine may be busy with other things
AGAIN = 6  # seconds after which a click of the mouse went astray


def missing():
    """The programs that are not there."""
    gone = [name for name in NEEDED if shutil.which(name) is None]
    return gone + ([] if any(map(os.path.exists, BUS_LAUNCHER)) else ["at-spi-bus-launcher"])


class Desktop:
    """What a person sits in front of. @home: a Home of reprise_test, which ends all that is started here."""

    def __init__(self, home):
        self.home = home
        self.program = None
        self._start_display()
        home.start_bus(keyring=shutil.which("gnome-keyring-daemon") is not None)
        home.env.update(GDK_BACKEND="x11", GSK_RENDERER="cairo", ADW_DISABLE_PORTAL="1", GTK_USE_PORTAL="0", NO_AT_BRIDGE="0")
        for name in ("GTK_A11Y", "GIO_USE_VFS", "G_DEBUG"):
            home.env.pop(name, None)
        self._write_settings()
        self.start("openbox")
        self.start(next(filter(os.path.exists, BUS_LAUNCHER)), "--launch-immediately")
        os.environ.update({name: home.env[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")})
        self.until(lambda: home.has_name("org.a11y.Bus"), "the accessibility bus")
        Atspi.set_timeout(5000, 15000)
        assert Atspi.init() in (0, 1)

    def _start_display(self):
        reading, writing = os.pipe()
        display = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
                                   env=self.home.env, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.home.processes.append(display)
        os.close(writing)
        with os.fdopen(reading) as stream:
            number = stream.readline().strip()
        assert number, "there is no display"
        self.home.env["DISPLAY"] = ":" + number

    def _write_settings(self):
        folder = os.path.join(self.home.env["XDG_CONFIG_HOME"], "gtk-4.0")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "settings.ini"), "w", encoding="utf-8") as stream:
            stream.write("[Settings]\ngtk-enable-animations=0\n")

    def start(self, *command, log=None, **env):
        """Starts a program of this desktop."""
        out = open(self.home.file(log), "wb") if log else subprocess.DEVNULL
        process = subprocess.Popen(command, env={**self.home.env, **env}, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        self.home.processes.append(process)
        if log:
            out.close()
        return process

    def open(self, *command, **env):
        """Starts the program that the journey is about."""
        self.program = self.start(*command, log="program.log", **env)

    def criticals(self):
        """What the program was told off for."""
        with open(self.home.file("program.log"), encoding="utf-8", errors="replace") as stream:
            return [line for line in stream if "-CRITICAL" in line]

    def tool(self, *command):
        """What a tool of the display says."""
        return subprocess.run(command, env=self.home.env, capture_output=True, text=True, check=False).stdout.strip()

    def until(self, condition, what, seconds=PATIENCE):
        """Waits for it; what is asked for may go away while it is looked at. Gives what the condition gave."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = condition()
            except GLib.Error:
                found = None
            if found:
                return found
            code = self.program.poll() if self.program is not None else None
            assert code is None, f"the program ended with {code} before: {what}"
            assert time.monotonic() < end, f"never within {seconds} s: {what}\nShown was:\n{self.describe()}"
            time.sleep(0.1)

    # --- what is shown

    def windows(self):
        """The program's windows, the active one last."""
        desktop, found = Atspi.get_desktop(0), []
        for i in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(i)
            if application is None or self.program is None or not self.is_ours(application):
                continue
            application.clear_cache()
            found += [application.get_child_at_index(k) for k in range(application.get_child_count())]
        shown = [w for w in found if w is not None and w.get_state_set().contains(Atspi.StateType.SHOWING)]
        return sorted(shown, key=lambda w: w.get_state_set().contains(Atspi.StateType.ACTIVE))

    def is_ours(self, application):
        """Whether it is the program that the journey is about."""
        return application.get_process_id() == self.program.pid

    def controls(self, window=None):
        """All that has a place in that window, else in the active one."""
        windows = self.windows()
        if window is not None:
            windows = [w for w in windows if window in w.get_name()]
        if windows:
            yield from walk(windows[-1])

    def look(self, role, name, window=None):
        """The control so called, or None."""
        matches = name.fullmatch if isinstance(name, re.Pattern) else lambda text: text == name
        for node in self.controls(window):
            if node.get_role_name() == role and matches(node.get_name() or "") and is_placed(node):
                return node
        return None

    def find(self, role, name, window=None):
        """The control so called, as soon as it is there."""
        return self.until(lambda: self.look(role, name, window), f"a {role} called “{name}”")

    def see(self, pattern, window=None, seconds=PATIENCE):
        """Waits for a text."""
        wanted = re.compile(pattern)
        return self.until(lambda: any(wanted.search(n.get_name() or "") and is_placed(n) for n in self.controls(window)), f"“{pattern}”", seconds)

    def texts(self, window=None):
        """All names that are shown."""
        return [n.get_name() for n in self.controls(window) if n.get_name() and is_placed(n)]

    def see_window(self, title):
        """Waits until the window so called is the active one."""
        self.until(lambda: [w for w in self.windows()[-1:] if title in w.get_name()], f"the window “{title}” in front")

    def bring_to_front(self, title):
        """Of a window that a screen reader is not told of: GTK's own file chooser, which a desktop replaces by its own. The window
        manager does not always give it the keyboard. Whether it has it."""
        ids = self.tool("xdotool", "search", "--onlyvisible", "--name", "^" + re.escape(title) + "$").split()
        if ids and self.tool("xdotool", "getactivewindow") != ids[-1]:
            self.tool("xdotool", "windowactivate", ids[-1])
        return bool(ids) and self.tool("xdotool", "getactivewindow") == ids[-1]

    def describe(self):
        """For a person who reads why a test failed."""
        on_display = self.tool("xdotool", "search", "--onlyvisible", "--name", ".", "getwindowname", "%@")
        lines = [f"On the display: {on_display.splitlines()}"]
        try:
            for window in self.windows():
                lines.append(window.get_name() + ":")
                lines += [f"  {n.get_role_name()} “{n.get_name()}”" for n in walk(window) if is_telling(n)]
        except GLib.Error as error:
            lines.append(str(error))
        return "\n".join(lines)

    # --- what a person does

    def press(self, role, name, window=None):
        """Presses what is so called, as soon as it can be pressed: by its action, else with the mouse."""
        def ready():
            node = self.look(role, name, window)
            return node if node is not None and node.get_state_set().contains(Atspi.StateType.SENSITIVE) else None

        node = self.until(ready, f"a {role} “{name}” that can be pressed")
        action = node.get_action_iface()
        if role != "list item" and action is not None and action.get_n_actions() > 0:
            action.do_action(0)
        else:
            self.click(node)

    def tick(self, name, checked, window=None):
        """A check box."""
        def is_so():
            node = self.look("check box", name, window)
            return node is not None and node.get_state_set().contains(Atspi.StateType.CHECKED) == checked

        self.find("check box", name, window)
        if not is_so():
            self.press_until(is_so, f"“{name}” {'' if checked else 'not '}ticked", "check box", name, window)

    def press_until(self, condition, what, role, name, window=None):
        """Presses it with the mouse, again where that went astray: under a window that came or moved at the same time."""
        end = time.monotonic() + PATIENCE
        while True:
            self.press(role, name, window)
            try:
                return self.until(condition, what, AGAIN)
            except AssertionError:
                if time.monotonic() > end:
                    raise

    def write(self, name, text, window=None):
        """Into a field."""
        node = self.find("text", name, window)
        node.get_editable_text_iface().set_text_contents(text)

    def key(self, *keys):
        """At the keyboard."""
        self.tool("xdotool", "key", *keys)

    def type(self, text):
        """At the keyboard."""
        self.tool("xdotool", "type", "--delay", "15", text)

    def click(self, node):
        """GTK 4.8 has no action for check boxes and rows: with the mouse, then."""
        box, window = node.get_component_iface().get_extents(Atspi.CoordType.WINDOW), node
        while window.get_role_name() not in WINDOWS:
            window = window.get_parent()
        pattern = "^" + re.escape(window.get_name()) + "$"
        place = self.until(lambda: self._settled_place_of(pattern), f"the window “{window.get_name()}” on the display")
        self.tool("xdotool", "mousemove", str(place[0] + box.x + box.width // 2), str(place[1] + box.y + box.height // 2), "click", "1")

    def _settled_place_of(self, pattern):
        """The same twice: the window manager may still be about to put it elsewhere."""
        before = self._place_of(pattern)
        time.sleep(0.1)
        return before if before == self._place_of(pattern) else None

    def _place_of(self, pattern):
        """Where the window's own top left corner is: what it draws begins inside of its shadow."""
        ids = self.tool("xdotool", "search", "--onlyvisible", "--name", pattern).split()
        if not ids:
            return None
        frame = re.findall(r"\d+", self.tool("xprop", "-id", ids[-1], "_GTK_FRAME_EXTENTS").partition("=")[2])
        place = dict(line.split("=") for line in self.tool("xdotool", "getwindowgeometry", "--shell", ids[-1]).splitlines())
        left, top = (int(frame[0]), int(frame[2])) if len(frame) == 4 else (0, 0)
        return (int(place["X"]) + left, int(place["Y"]) + top) if "X" in place else None

    def close(self):
        """Ends the program as a person does, and gives its exit code."""
        self.key("ctrl+q")
        code = self.program.wait(PATIENCE)
        self.program = None
        return code


def walk(node):
    """@node and all below it that has a place: a page that is not shown has none. What only shows something has nothing below it."""
    role = node.get_role_name()
    count = 0 if role in ("label", "image", "page tab", "separator", "scroll bar") else node.get_child_count()
    if count and role not in WINDOWS and not is_placed(node):
        return
    yield node
    for i in range(count):
        child = node.get_child_at_index(i)
        if child is not None:
            yield from walk(child)


def is_telling(node):
    """Whether a person would call it by that name: without one GTK gives the name of the widget's class."""
    return node.get_name() and not re.match("(Gtk|Adw|Reprise)[A-Z]", node.get_name()) and is_placed(node)


def is_placed(node):
    """Whether it has a size. What has no such thing (the pages of a stack) is as good as what is in it."""
    component = node.get_component_iface()
    if component is None:
        return True
    box = component.get_extents(Atspi.CoordType.WINDOW)
    return box.width > 0 and box.height > 0


# --- the steps of a journey, as TAP

def travel(journey, steps, prefix):
    """All steps; the first that goes wrong ends the journey. Whether all were right."""
    for number, step in enumerate(steps, 1):
        begun = time.monotonic()
        try:
            getattr(journey, step)()
            assert not journey.desk.criticals(), journey.desk.criticals()
        except Exception:  # pylint: disable=broad-except
            said, log = traceback.format_exc(), journey.desk.home.file("program.log")
            if os.path.exists(log):
                with open(log, encoding="utf-8", errors="replace") as stream:
                    said += stream.read()
            print("# " + said.rstrip().replace("\n", "\n# "), flush=True)
            print(f"not ok {number} {prefix}/{step.replace('_', '-')}\nBail out! the steps that follow need this one", flush=True)
            return False
        print(f"ok {number} {prefix}/{step.replace('_', '-')}\n# {time.monotonic() - begun:.1f} s", flush=True)
    return True


def run_journey(make, steps, prefix, make_home=Home):
    """Goes through the steps of what @make makes for a home: the exit status."""
    gone = missing()
    if gone:
        print(f"1..0 # SKIP there is no {gone[0]}")
        return 0
    print(f"1..{len(steps)}", flush=True)
    home = make_home()
    try:
        return 0 if travel(make(home), steps, prefix) else 1
    finally:
        home.remove()
