# SPDX-License-Identifier: GPL-3.0-or-later
"""To and from couchbackup, with the program itself: its files are taken in and restored, and what is exported is read by couchrestore.
Its tests are part of the suite in couchdb.py. Numbers that couchbackup alters by itself are not in the data."""

import gzip
import json
import os
import subprocess

from peer_couchdb import PREFIX, attach

ODD = ["ä/ö + ü?", "a b%20c", "Ω", "x" * 300, "-dash", "1", "q\"uote\\", "\u2028line"]


def tool(name):
    """couchbackup or couchrestore, where the peer has installed them."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(cache, "reprise-peers", "couchdb", "bin", name)


def url(server):
    return f"http://{server.account}:{server.password}@{server.host}:{server.number}"


def couchbackup(server, name, *args, log=None):
    """The file that couchbackup writes."""
    extra = ["--log", log] if log else []
    done = subprocess.run([tool("couchbackup"), "--url", url(server), "--db", name, "--quiet", *extra, *args],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()[-800:]
    return done.stdout


def couchrestore(server, name, path, *args):
    server.make(name)
    with open(path, "rb") as stream:
        done = subprocess.run([tool("couchrestore"), "--url", url(server), "--db", name, "--quiet", *args],
                              stdin=stream, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr.decode()[-800:])


def fill(server, name, attachments=True):
    """Conflicts, deletions with and without a body, odd ids, design documents, and attachments."""
    # on its way through pouchdb-server a letter of two bytes breaks where a packet ends in it
    letter = "é" if server.is_couchdb else "e"
    docs = [{"_id": f"doc-{i:04}", "n": i, "text": letter * (i % 50), "nested": {"list": [1, None, True, "x"]}} for i in range(1200)]
    docs += [{"_id": odd, "odd": True} for odd in ODD]
    docs += [{"_id": "_design/app", "views": {"all": {"map": "function (doc) { emit(doc._id) }"}}}]
    rows = {row["id"]: row["rev"] for row in server.bulk(name, docs)}
    server.bulk(name, [{"_id": f"doc-{i:04}", "_rev": rows[f"doc-{i:04}"], "_deleted": True} for i in range(20)])
    server.bulk(name, [{"_id": "doc-0030", "_rev": rows["doc-0030"], "_deleted": True, "why": "a body"}])
    server.bulk(name, [{"_id": f"doc-{i:04}", "_rev": rows[f"doc-{i:04}"], "n": i, "again": True} for i in range(40, 60)])
    server.bulk(name, [{"_id": f"doc-{i:04}", "_rev": f"2-{i:032x}", "conflict": i,
                        "_revisions": {"start": 2, "ids": [f"{i:032x}", rows[f"doc-{i:04}"][2:]]}} for i in range(45, 55)], new_edits=False)
    if attachments:
        server.bulk(name, [{"_id": f"att-{i}", "_attachments": {
            "plain ü.txt": attach(b"line of text\n" * (50 + i)),
            "b.bin": attach(bytes(range(256)) * i, "image/png")}, "contentType": "mine"} for i in range(1, 6)])


def take_in(place, path, name, *args, code=0):
    """Into the vault; the ID."""
    result = place.home.run("import", "Shop", path, "--collection", name, "--json", "--progress=none", *args).expect(code)
    return result.json["id"]


def compare(found, state):
    assert found.keys() == state.keys(), sorted(found.keys() ^ state.keys())[:5]
    for key, doc in state.items():
        assert found[key] == doc, (key, doc, found[key])


def write(place, name, content):
    path = os.path.join(place.home.path, name)
    with open(path, "wb") as stream:
        stream.write(content)
    return path


def full_file_comes_in(place):
    """Their full backup with attachments, plain and compressed, restores to the same tree, bodies and digests."""
    name = place.new()
    fill(place.server, name)
    state = place.server.state(name)
    content = couchbackup(place.server, name, "--attachments")
    assert b'"contentType"' in content
    for path in (write(place, "plain.txt", content), write(place, "packed.txt.gz", gzip.compress(content[:9000]) + gzip.compress(content[9000:]))):
        seen = place.home.run("inspect", path, "--json").expect(0).json
        facts = {fact["label"]: fact["value"] for fact in seen["facts"]}
        assert facts["Mode"] == "full" and facts["Its version"].startswith("2.") and facts["Attachments"] == "10", facts
        assert any("may have been altered" in text for text in seen["warnings"]), seen["warnings"]
        backup = take_in(place, path, name)
        shown = place.home.run("show", backup, "--json").expect(0).json
        assert shown["state"] == "complete" and shown["origin"] == "upload" and "altered" in shown["note"], shown
        place.home.run("verify", "--deep", backup).expect(0)
        place.assert_restores(backup, name, state)
    # the chain of our own does not go on from it
    own = place.back_up()
    place.assert_restores(own, name, state)
    place.server.drop_all()


def resumed_file_comes_in(place):
    """Batches twice, lines cut off, the words of a resumed run, empty batches and lines: each revision once."""
    name = place.new()
    fill(place.server, name, attachments=False)
    state = place.server.state(name)
    lines = couchbackup(place.server, name).decode().rstrip("\n").split("\n")
    marker = '{"marker":"@cloudant/couchbackup:resume"}'
    made = [lines[0], lines[1], lines[2][: len(lines[2]) // 2] + marker, "[]", "", lines[1], *lines[2:], marker, lines[-1]]
    path = write(place, "resumed.txt", ("\n".join(made) + "\n").encode())
    backup = take_in(place, path, name, code=3)  # it warns of the line that was cut off
    place.assert_restores(backup, name, state)
    # a line that is cut off and not begun again is refused, whole
    path = write(place, "cut.txt", ("\n".join([*lines[:2], lines[2][:500]]) + "\n").encode())
    place.home.run("inspect", path).expect(7)
    place.home.run("import", "Shop", path, "--collection", name).expect(7, err="Line 3 of the file")
    place.server.drop_all()


def shallow_and_old_files_come_in(place):
    """Winners only; of old versions without revisions they become new edits."""
    name = place.new()
    fill(place.server, name, attachments=False)
    live = place.server.live(name)
    content = couchbackup(place.server, name, "--mode", "shallow")
    lines = content.decode().rstrip("\n").split("\n")
    old = [json.dumps([{key: value for key, value in doc.items() if key != "_rev"} for doc in json.loads(line)],
                       separators=(",", ":"), ensure_ascii=False) for line in lines[1:]]
    for number, (text, code) in enumerate(((content.decode(), 0), ("\n".join(old) + "\n", 3))):
        path = write(place, f"shallow-{number}.txt", text.encode())
        backup = take_in(place, path, name, code=code)
        scratch = f"{PREFIX}scratch"
        place.restore(backup, name, "--to", f"target={scratch}")
        found = place.server.live(scratch)
        place.server.call("DELETE", scratch)
        compare(found, live)
        # and over what was changed since, with the way back
        place.server.bulk(name, [{"_id": "doc-0100", "_rev": place.server.call("GET", f"{name}/doc-0100")["_rev"], "wrong": number}])
        changed = place.server.live(name)
        place.restore(backup, name, "--to", "into=same")
        compare(place.server.live(name), live)
        place.run("undo", "Shop", "--yes").expect(0)
        compare(place.server.live(name), changed)
        place.restore(backup, name, "--to", "into=same")
    place.server.drop_all()


def file_without_attachments_comes_in(place):
    """Where couchrestore fails with missing_stub, documents come back and the missing data are told."""
    name = place.new()
    fill(place.server, name)
    path = write(place, f"{name}.txt", couchbackup(place.server, name))
    place.home.run("upload", "Shop", path).expect(3, err="10 attachments, without")
    backup = place.home.run("list", "Shop", "--json").expect(0).json[0]["id"]
    scratch = f"{PREFIX}scratch"
    place.restore(backup, name, "--to", f"target={scratch}")
    found, live = place.server.live(scratch), place.server.live(name)
    for doc in found.values():
        assert not doc.pop("_attachments", None), doc
    compare(found, {key: {k: v for k, v in doc.items() if k != "_attachments"} for key, doc in live.items()})
    place.server.drop_all()


def export_is_read(place):
    """couchrestore reads what we write, with and without attachments, compressed or not, and of an earlier day."""
    name, scratch = place.new(), f"{PREFIX}scratch"
    fill(place.server, name)
    first, state = place.back_up(), place.server.state(name)
    place.server.bulk(name, [{"_id": "later", "_attachments": {"a.txt": attach(b"later")}}])
    second, later = place.back_up(), place.server.state(name)
    for number, (backup, expected, ending) in enumerate(((first, state, "txt"), (second, later, "txt.gz"))):
        path = os.path.join(place.home.path, f"export-{number}.{ending}")
        place.home.run("export", backup, path, "--collection", name).expect(0, out="couchrestore --attachments")
        if ending.endswith("gz"):
            with gzip.open(path, "rb") as stream:
                path = write(place, "unpacked.txt", stream.read())
        couchrestore(place.server, scratch, path, "--attachments")
        compare(place.server.state(scratch), expected)
        place.server.call("DELETE", scratch)
        # and our own reader takes it back
        place.assert_restores(take_in(place, path, name), name, expected)
    place.server.drop_all()


def export_without_attachments_is_read(place):
    """Of a database without attachments couchrestore needs no flag; a folder gets a file for each database."""
    name, scratch = place.new(), f"{PREFIX}scratch"
    empty = place.new()
    fill(place.server, name, attachments=False)
    backup, state = place.back_up(), place.server.state(name)
    folder = os.path.join(place.home.path, "exported")
    os.mkdir(folder)
    place.home.run("export", backup, os.path.join(folder, "one.txt")).expect(2, err="name it, with --collection")
    place.home.run("export", backup, folder).expect(0)
    assert sorted(os.listdir(folder)) == sorted([f"{name}.txt", f"{empty}.txt"]), os.listdir(folder)
    couchrestore(place.server, scratch, os.path.join(folder, f"{name}.txt"))
    compare(place.server.state(scratch), state)
    place.server.drop_all()


def rubbish_is_refused(place):
    """What is no file of couchbackup changes nothing in the vault."""
    before = place.home.vault_files()
    for number, text in enumerate((b"", b"[{\"_id\":\"a\"}", b"{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.12\",\"mode\":\"full\"}\nrubbish\n",
                                   b"[{\"_id\":\"a\"}]\n{\"name\":\"@cloudant/couchbackup\"}\n", gzip.compress(b"[{\"_id\":\"a\"}]\n" * 500)[:-9])):
        path = write(place, f"rubbish-{number}.txt", text)
        result = place.home.run("import", "Shop", path, "--collection", "orders")
        assert result.code in (1, 2, 3, 7), result
        if number != 1:  # without a header a line that is cut off is skipped, and told
            assert result.code != 3, result
            assert [name for name in place.home.vault_files() if name.endswith(".sqlite")] == [n for n in before if n.endswith(".sqlite")], result
        else:
            before = place.home.vault_files()


TESTS = [full_file_comes_in, resumed_file_comes_in, shallow_and_old_files_come_in, file_without_attachments_comes_in, export_is_read,
         export_without_attachments_is_read, rubbish_is_refused]
