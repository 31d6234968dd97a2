#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of couchbackup: looked into, taken into the vault and written out again, without any server."""

import gzip
import json
import os
import shutil

from reprise_test import program, run_tests, test

FILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "couchdb")

# name → facts, and the code of the import: 3 where it has something to tell
WHOLE = {
    "couchbackup-2.0-full.txt": ({"Its version": "older than 2.10", "Mode": "full", "Documents": "4", "Design documents": "1",
                                  "Revisions": "5", "Deletions": "1"}, 0),
    "couchbackup-2.4.1-shallow.txt": ({"Its version": "older than 2.10", "Documents": "2"}, 3),
    "couchbackup-2.4.2-shallow.txt": ({"Its version": "older than 2.10", "Documents": "2"}, 0),
    "couchbackup-2.8-cut.txt": ({"Revisions": "4"}, 3),
    "couchbackup-2.10-full.txt": ({"Its version": "2.10.0", "Mode": "full", "Revisions": "5"}, 0),
    "couchbackup-2.10-resumed.txt": ({"Its version": "2.10.0", "Revisions": "8"}, 3),
    "couchbackup-2.11-attachments.txt": ({"Its version": "2.11.12", "Attachments": "2"}, 0),
    "couchbackup-2.11-stubs.txt": ({"Its version": "2.11.12", "Attachments without data": "1"}, 3),
}
BROKEN = {
    "broken-cut.txt": "Line 3 of the file",
    "broken-rubbish.txt": "Line 3 of the file",
    "broken-late-header.txt": "Line 2 of the file",
    "broken-no-id.txt": "Line 2 of the file",
}


def add(home, kind="couchdb"):
    home.cli = program("cli/reprise")
    home.run("service", "add", kind, "Shop", "--no-test", "--set", "address=http://127.0.0.1:9/", "--set", "sign-in=password",
             "--set", "account=anna").expect(3, err="no secret yet")


def take_in(home, path, code=0, *args):
    return home.run("import", "Shop", path, "--json", "--progress=none", *args).expect(code).json["id"]


def read(path):
    """Every revision of a file, each as often as it is told."""
    with open(path, encoding="utf-8") as stream:
        return [doc for line in stream for doc in json.loads(line) if isinstance(doc, dict)]


def export(home, backup, *args):
    path = home.file(f"{backup}-out.txt")
    home.run("export", backup, path, "--yes", *args).expect(0)
    with open(path, encoding="utf-8") as stream:
        head, *lines = stream.read().splitlines()
    return json.loads(head), {(doc["_id"], doc.get("_rev")): doc for line in lines for doc in json.loads(line)}


@test
def each_version(home):
    add(home)
    for name, (facts, code) in WHOLE.items():
        path = shutil.copy(os.path.join(FILES, name), home.file(name))
        seen = home.run("inspect", path, "--json").expect(0).json
        shown = {fact["label"]: fact["value"] for fact in seen["facts"]}
        assert seen["format"] == "couchbackup" and {key: shown.get(key) for key in facts} == facts, (name, shown)
        assert not seen["damage"] and any("Numbers may have been altered" in text for text in seen["warnings"]), seen
        os.utime(path, (1_700_000_000, 1_700_000_000))
        backup = take_in(home, path, code, "--collection", "orders")
        entry = home.run("show", backup, "--json").expect(0).json
        assert entry["state"] == "complete" and entry["origin"] == "upload" and entry["verified_at"] is None, entry
        assert entry["created_at"].startswith("2023-11-14T22:13:20"), entry["created_at"]
        assert "numbers may have been altered" in entry["note"], entry["note"]
        home.run("verify", "--deep", backup).expect(0)


@test
def there_and_back(home):
    """What came in goes out as it was: the last of what is told twice, attachments with the name that couchrestore knows."""
    add(home)
    for name in ("couchbackup-2.0-full.txt", "couchbackup-2.10-full.txt", "couchbackup-2.10-resumed.txt"):
        full = {(doc["_id"], doc["_rev"]): doc for doc in read(os.path.join(FILES, "couchbackup-2.0-full.txt"))}
        head, docs = export(home, take_in(home, os.path.join(FILES, name), 3 if "resumed" in name else 0, "--collection", "orders"))
        assert head == {"name": "@cloudant/couchbackup", "version": "2.11.12", "mode": "full", "attachments": False}, head
        assert docs == full, docs
    head, docs = export(home, take_in(home, os.path.join(FILES, "couchbackup-2.11-attachments.txt"), 0, "--collection", "orders"))
    [doc] = [doc for doc in docs.values() if doc["_id"] == "doc-6"]
    assert head["attachments"] is True and doc["contentType"] == "a field of the user's", doc
    assert doc["_attachments"]["ü.txt"] == {"contentType": "text/plain", "revpos": 1, "data": "c29tZSB0ZXh0Cg=="}, doc
    assert doc["_attachments"]["b.bin"]["contentType"] == "application/octet-stream", doc


@test
def the_name_says_the_database(home):
    add(home)
    for given, name in (("orders.txt", "orders"), ("_users.json", "_users"), ("shop-2026.backup.txt", "shop-2026")):
        path = home.file(given)
        shutil.copy(os.path.join(FILES, "couchbackup-2.10-full.txt"), path)
        backup = take_in(home, path)
        groups = home.run("show", backup, "--json").expect(0).json["contents"]
        assert name in json.dumps(groups), groups
    path = home.file("My Backup.txt")
    shutil.copy(os.path.join(FILES, "couchbackup-2.10-full.txt"), path)
    home.run("import", "Shop", path).fails(2, "--collection NAME")
    home.run("import", "Shop", path, "--collection", "No Name").fails(2, "cannot be the name")
    # “upload” is the same where the service itself keeps nothing
    path = home.file("orders.txt")
    assert home.run("upload", "Shop", path, "--json", "--progress=none").expect(0).json["id"]


@test
def compressed(home):
    add(home, "cloudant")
    with open(os.path.join(FILES, "couchbackup-2.11-attachments.txt"), "rb") as stream:
        content = stream.read()
    path = home.file("orders.txt.gz")
    with open(path, "wb") as stream:  # several members, as by “cat a.gz b.gz”
        stream.write(gzip.compress(content[:300]) + gzip.compress(content[300:]))
    backup = take_in(home, path)
    target = home.file("out.txt.gz")
    home.run("export", backup, target).expect(0, out="couchrestore --attachments")
    with gzip.open(target, "rt", encoding="utf-8") as stream:
        assert "contentType" in stream.read()
    home.run("export", backup, target).fails(1, "is there already")
    with open(path, "wb") as stream:
        stream.write(gzip.compress(content)[:-6])
    home.run("import", "Shop", path).fails(7, "damaged or cut off")


@test
def broken(home):
    add(home)
    for name, text in BROKEN.items():
        path = os.path.join(FILES, name)
        home.run("inspect", path).expect(7, err=text)
        home.run("import", "Shop", path, "--collection", "orders", "--progress=none").fails(7, text)
    home.run("import", "Shop", home.file("x.txt", "no such thing\n")).fails(2, "is not an archive that Reprise knows")
    assert not [name for name in home.vault_files() if name.endswith(".sqlite")], home.vault_files()


@test
def a_file_is_restored_from_the_vault(home):
    add(home)
    path = os.path.join(FILES, "couchbackup-2.10-full.txt")
    home.run("plan", "Shop", path, "--secret-fd=password={}", secrets=["secret"]).fails(5, "take it in first")


run_tests("interchange")
