#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A journey through the history of a database's documents, from outside: a CouchDB server that is backed up over some versions, then
Databases → Documents → Versions → Difference → Restore This Version. After it the server itself tells what really happened.
"""

import json
import os
import subprocess
import sys
import urllib.request

SYSTEM_PYTHON = "/usr/bin/python3"

try:
    import desktop
except (ImportError, ValueError) as missing_module:
    if os.path.exists(SYSTEM_PYTHON) and os.path.realpath(sys.executable) != os.path.realpath(SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])  # the one that has the desktop's modules
    print(f"1..0 # SKIP {missing_module}")
    sys.exit(0)

from reprise_test import program  # noqa: E402 pylint: disable=wrong-import-position

BUILD = os.environ["REPRISE_BUILD"]


class Server:
    """A server that does what it is told, line by line; see tests/util/fake-couch.c."""

    def __init__(self, home):
        self.process = subprocess.Popen([program("util/fake-couch")], env=home.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        home.processes.append(self.process)
        self.address = self.process.stdout.readline().strip()

    def tell(self, *lines):
        """Each line is a command."""
        for line in lines:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            assert self.process.stdout.readline() == "ok\n", line

    def get(self, path):
        """What a document is now."""
        with urllib.request.urlopen(self.address.rstrip("/") + path) as reply:
            return json.load(reply)


class Journey:
    """One person, one server, one program."""

    def __init__(self, home):
        self.home = home
        home.cli = program("cli/reprise")
        home.env.update(GSETTINGS_SCHEMA_DIR=os.path.join(BUILD, "data"), GSETTINGS_BACKEND="memory")
        self.server = Server(home)
        self.server.tell("make orders", "make customers", "make scratch", 'put orders order-1 "city":"Lyon","total":12.50',
                         'put orders order-2 "city":"Nice"', 'put orders order-3 "city":"Metz"', 'put customers c "n":1')
        home.run("service", "add", "couchdb", "Papers", "--set", f"address={self.server.address}", "--set", "sign-in=none",
                 "--set", "except=scratch").expect()
        home.run("backup", "Papers").expect()
        self.server.tell('put orders order-1 "city":"Paris","total":12.50,"floor":3')
        home.run("backup", "Papers").expect()
        self.server.tell('put orders order-1 "city":"Brest","total":7', "delete orders order-3", 'put orders order-4 "city":"Lille"')
        self.desk = desktop.Desktop(home)

    def describe_row(self, name):
        """What a screen reader says of a row beside its name."""
        return self.desk.find("list item", name).get_description() or ""

    def databases(self):
        """Each database with its state in words."""
        desk = self.desk
        desk.open(program("ui/reprise-gtk"))
        desk.press("page tab", "Databases")
        desk.see("^orders$")
        said = self.describe_row("orders")
        assert "Last backup" in said and "1 baseline, 1 daily" in said and "3 documents" in said, said
        assert "Excluded" in self.describe_row("scratch")

    def documents(self):
        """Each document with whether a backup has it as it is now."""
        self.desk.press("list item", "orders")
        self.desk.see_window("Documents of orders")
        for name, words in (("order-1", "Changed since the last backup"), ("order-2", "In a backup as it is now"),
                            ("order-3", "Deleted, kept in backups"), ("order-4", "In no backup, only on the server")):
            said = self.describe_row(name)
            assert said == words, (name, said)

    def versions(self):
        """By date over all tiers, the current one first."""
        desk = self.desk
        desk.press("list item", "order-1")
        desk.find("list item", "Now")
        desk.until(lambda: sorted(n.get_description().split(" · ")[0] for n in self.saved()) == ["Baseline", "Daily delta"], "two versions")

    def saved(self):
        """The rows of versions in backups."""
        return [n for n in self.desk.controls() if n.get_role_name() == "list item" and
                (n.get_description() or "").startswith(("Baseline", "Daily delta"))]

    def difference(self):
        """Key by key, and nothing of what is equal."""
        desk = self.desk
        baseline = [n for n in self.saved() if n.get_description().startswith("Baseline")][0]
        desk.click(baseline)  # both versions may be of the same minute, and so of the same name
        desk.see("^2 differences$")
        desk.find("list item", 'city: now "Brest", in the backup "Lyon"')
        desk.find("list item", "total: now 7, in the backup 12.50")

    def restore(self):
        """The plan first, a safety copy, consent; then the document is as it was, and no other is touched."""
        desk = self.desk
        before = self.server.get("/orders/order-2")
        desk.press("push button", "Restore This Version…")
        desk.see_window("Where to Restore")
        desk.see("“order-1” of “orders”, as it was saved on")
        desk.press("push button", "Next")
        desk.see_window("Review")
        desk.see("0 new, 1 replaced")
        assert self.server.get("/orders/order-1")["city"] == "Brest"
        desk.tick("Create a safety copy first", True)
        desk.press("push button", "Restore…")
        desk.see_window("Replace Data on “Papers”?")
        desk.press("push button", "Replace Data")
        desk.until(lambda: self.server.get("/orders/order-1")["city"] == "Lyon", "the document as it was")
        now = self.server.get("/orders/order-1")
        assert now["total"] == 12.5 and "floor" not in now, now
        assert self.server.get("/orders/order-2") == before
        assert self.server.get("/orders/order-4")["city"] == "Lille"
        desk.until(lambda: self.home.run("history", "Papers", "--json").expect().json[0]["action"] == "restore", "the end of the restore")
        desk.see("^No Difference$", "Documents of orders")
        assert self.desk.close() == 0


STEPS = ["databases", "documents", "versions", "difference", "restore"]


sys.exit(desktop.run_journey(Journey, STEPS, "/databases"))
