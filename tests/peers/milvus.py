#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command against the server of Milvus Backup: a stand-in that was recorded from three generations of real ones (suites generation-a,
-b, -c), a real S3 server (storage), and the whole way against real servers where the environment names them (real).

The stand-in plays no REST interface of Milvus: that one is played here, over what the stand-in says of its collections."""

import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

import milvus_bridge
import milvus_real
import milvus_storage
import reprise_milvus
from peer import Suite, free_port, run_suites, say
from reprise_test import Home, program

PEER = os.environ.get("REPRISE_PEER", "")
PORT = int(os.environ.get("REPRISE_MILVUS_PORT", "26500"))
FILMS, NOTES, ITEMS = 1997, 500, 1200


def call(address, body=None, method=None):
    """The JSON that a server answers with."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


class Milvus(http.server.ThreadingHTTPServer):
    """The REST interface of Milvus, version 1 or 2, of the collections of a stand-in."""

    daemon_threads = True

    def __init__(self, replay, version):
        self.replay, self.version, self.loaded = replay, version, set()
        super().__init__(("127.0.0.1", 0), Caller)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def collections(self):
        """Name → rows and index."""
        return call(self.replay)["collections"]

    def answer(self, path, args):
        """The answer to one call."""
        name = f"{args.get('dbName', 'default')}.{args.get('collectionName', '')}"
        found = self.collections()
        what = path.rsplit("/", 1)[-1]
        loaded = name in self.loaded or found.get(name, {}).get("load_state") == "Loaded"
        if path.endswith("databases/list"):
            return sorted({each.split(".")[0] for each in found})
        if what in ("list", "collections"):
            return [each.split(".", 1)[1] for each in found if each.startswith(name)]
        if name not in found:
            return None
        if what == "describe":
            return {"fields": [{"name": "id", "primaryKey": True, "type": "Int64"}, {"name": "vec", "type": "FloatVector"}],
                    "indexes": [{"fieldName": "vec"}] if found[name]["has_index"] else [],
                    "load": "LoadStateLoaded" if loaded else "LoadStateNotLoad"}
        if what == "query":
            if not loaded:
                return None
            rows = found[name]["rows"]
            if args["outputFields"] == ["count(*)"]:
                return [{"count(*)": str(rows) if self.version == 1 else rows}]
            return [{"id": str(number)} for number in range(min(rows, args["limit"]))]
        if what == "get_load_state":
            return {"loadState": "LoadStateLoaded" if loaded else "LoadStateNotLoad"}
        if what == "get_stats":
            return {"rowCount": found[name]["rows"]}
        if what == "drop":
            call(self.replay, {"drop": name})
            self.loaded.discard(name)
        elif what == "load":
            self.loaded.add(name)
        elif what == "release":
            self.loaded.discard(name)
        return {}


class Caller(http.server.BaseHTTPRequestHandler):
    """One request to it."""

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def reply(self):
        """To both methods."""
        path, _, query = self.path.partition("?")
        size = int(self.headers.get("Content-Length") or 0)
        args = json.loads(self.rfile.read(size)) if size else dict(urllib.parse.parse_qsl(query))
        if path.startswith(f"/v{self.server.version}/"):
            data = self.server.answer(path, args)
            body = {"code": 101 if "query" in path else 100, "message": "not loaded or not there"} if data is None else {
                "code": 200 if self.server.version == 1 else 0, "data": data}
        else:
            body = None
        text = json.dumps(body).encode()
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = reply  # pylint: disable=invalid-name


class Place:
    """A stand-in of one generation, a Milvus before it, and a home with a service."""

    def __init__(self, generation):
        self.generation = generation
        self.port = PORT + 1 + "ABC".index(generation)
        subprocess.run([f"{PEER}/down", str(self.port), "--wipe"], check=False, capture_output=True)
        done = subprocess.run([f"{PEER}/up", str(self.port), "--generation", generation, "--seconds", "1"], check=True,
                              capture_output=True, text=True)
        self.replay = done.stdout.strip().replace("/api/v1", "/__replay")
        self.milvus = Milvus(self.replay, 1 if generation == "A" else 2)
        self.home = Home()
        self.home.cli = program("cli/reprise")
        self.prefix = 0
        self.forget()
        self.run("service", "add", "milvus", "Vectors", "--set", f"address=http://127.0.0.1:{self.port}/", "--set",
                 f"milvus-address={self.milvus.url}", "--set", "databases=default shop").expect(3)

    def forget(self):
        """All collections that were restored and all backups go; what is broken is mended."""
        call(self.replay, {"milvus": "up", "storage": "up", "http": "", "seconds": 1, "restart": True})
        for name in call(self.replay)["collections"]:
            if name not in ("default.films", "default.notes", "default.empty", "shop.items"):
                call(self.replay, {"drop": name})
        base = self.replay.replace("/__replay", "/api/v1")
        for name, whole in call(self.replay)["storage"]:
            if whole:
                call(f"{base}/delete?backup_name={name.split('/')[-1]}", method="DELETE")

    recover = forget

    def close(self):
        """Everything ends."""
        self.milvus.shutdown()
        self.home.remove()
        subprocess.run([f"{PEER}/down", str(self.port)], check=False, capture_output=True)

    def run(self, *args):
        """The command."""
        return self.home.run(*args)

    def set(self, **settings):
        """Of the service; the names with underscores."""
        self.run("service", "edit", "Vectors", *[word for key, value in settings.items()
                                                 for word in ("--set", f"{key.replace('_', '-')}={value}")])

    def rows(self, name):
        """Of a collection in the played Milvus, or None."""
        return call(self.replay)["collections"].get(name, {}).get("rows")

    def back_up(self, collections="", prefix="reprise"):
        """The name of a new backup on the service."""
        self.set(collections=collections, backup_name=prefix)
        return self.run("backup", "Vectors", "--on-service", "--json").expect().json["id"]

    def backups(self):
        """Those that are listed, by name."""
        return {each["id"]: each for each in self.run("list", "Vectors", "--json").expect().json}

    def break_it(self, **what):
        """What the stand-in is told."""
        call(self.replay, what)

    def while_running(self, state, action, *args):
        """Runs the command, and does something once the server is at work; the result of the command."""
        result = []
        thread = threading.Thread(target=lambda: result.append(self.run(*args)))
        thread.start()
        state(self)
        action()
        thread.join()
        return result[0]


def wait_for_task(place):
    """Until a backup is in the middle."""
    deadline = time.monotonic() + 30
    while not any(state == 1 for _, state in call(place.replay)["tasks"]):
        assert time.monotonic() < deadline, "no backup was begun"
        time.sleep(0.1)


def wait_a_little(place):  # pylint: disable=unused-argument
    """Until a restore, which the stand-in does not show, is in the middle."""
    time.sleep(3)


# --- the way of the document, and its neighbours


def chosen_collections(place):
    """Create with chosen collections, list, details."""
    name = place.back_up("films shop.items")
    listed = place.backups()[name]
    assert listed["state"] == "complete" and listed["on_service"] and listed["created_at"], listed
    shown = place.run("show", name, "--json").expect().json
    assert "films" in str(shown) and "shop.items" in str(shown) and "notes" not in str(shown), shown


def groups(place):
    """Databases and collections with their rows."""
    place.set(collections="")
    found = str(place.run("groups", "Vectors", "--json").expect().json)
    assert str(ITEMS) in found and "shop.items" in found, found
    assert (str(FILMS) in found) == (place.generation != "A"), found  # that of A was recorded when it was not loaded
    assert "counted once the collection is loaded" in found or place.generation != "A", found


def restore_with_suffix(place):
    """Beside what is there, followed and counted."""
    name = place.back_up("films notes")
    result = place.run("restore", "Vectors", name, "--to", "collections=films", "--to", "suffix=_recover", "--yes").expect(
        out="1 collection restored")
    assert place.rows("default.films_recover") == FILMS and place.rows("default.notes_recover") is None
    assert ("not reported" if place.generation == "A" else "counted") in result.out, result


def restore_in_place(place):
    """Dropped by hand, as the document tells; then refused where it exists; then dropped and replaced, and undone."""
    name = place.back_up("films")
    place.break_it(drop="default.films")
    place.run("restore", "Vectors", name, "--yes").expect(out="1 collection restored")
    assert place.rows("default.films") == FILMS
    place.run("restore", "Vectors", name, "--yes").fails(5, "exist already: films")
    place.run("restore", "Vectors", name, "--to", "existing=replace", "--yes").expect()
    assert place.rows("default.films") == FILMS
    place.run("undo", "Vectors", "--yes").expect()
    assert place.rows("default.films") == FILMS


def restore_renamed(place):
    """By another name, and into another database."""
    name = place.back_up("films shop.items")
    place.run("restore", "Vectors", name, "--to", "rename=films:movies", "--to", "database=archive", "--yes").expect()
    assert place.rows("default.movies") == FILMS and place.rows("archive.items") == ITEMS


def restore_without_index(place):
    """Nobody to ask leaves it without an index, and does not call it verified."""
    name = place.back_up("notes")
    result = place.run("restore", "Vectors", name, "--to", "suffix=_x", "--to", "indexes=false", "--yes").expect()
    assert "not reported" in result.out and "equal" not in result.out, result


def delete(place):
    """And what is gone is said to be."""
    name = place.back_up("notes")
    place.run("delete", name, "--yes").expect()
    assert name not in place.backups()


# --- what goes wrong


def restarted_in_mid_backup(place):
    """The server forgets what it did."""
    place.set(collections="films", backup_name="slow_4")
    result = place.while_running(wait_for_task, lambda: place.break_it(restart=True), "backup", "Vectors", "--on-service")
    result.fails(1, "was started again")


def restarted_in_mid_restore(place):
    """Half-filled collections are told."""
    name = place.back_up("films")
    place.break_it(seconds=20)
    result = place.while_running(wait_a_little, lambda: place.break_it(restart=True), "restore", "Vectors", name, "--to",
                                 "suffix=_cut", "--yes")
    result.fails(1, "half filled")
    place.break_it(seconds=1)
    place.run("restore", "Vectors", name, "--to", "suffix=_again", "--yes").expect(3, err="half filled")


def finished_before_a_restart(place):
    """Still listed as complete, shown, restored and deleted."""
    name = place.back_up("films")
    place.break_it(restart=True)
    assert place.backups()[name]["state"] == "complete"
    place.run("show", name).expect()
    place.run("restore", "Vectors", name, "--to", "collections=films", "--to", "suffix=_later", "--yes").expect(
        out="1 collection restored")
    place.run("delete", name, "--yes").expect()


def a_backup_that_fails(place):
    """With what the server says."""
    place.set(collections="films", backup_name="fail_at_40")
    place.run("backup", "Vectors", "--on-service").fails(1, "bucket does not exist")


def a_backup_that_is_lost(place):
    """Files without metadata are left."""
    place.set(collections="films", backup_name="partial")
    place.run("backup", "Vectors", "--on-service").fails(1, "started again|knows nothing")


def a_restore_that_fails(place):
    """With what the server says."""
    name = place.back_up("films", "restore_fail_at_40")
    place.run("restore", "Vectors", name, "--to", "suffix=_f", "--yes").fails(1, "no insert logs")


def a_collection_that_is_not_there(place):
    """The server accepts it, and fails later."""
    place.set(collections="films ghost", backup_name="reprise")
    place.run("backup", "Vectors", "--on-service").fails(1, "ghost")


def wrong_names(place):
    """Refused before anything is sent."""
    name = place.back_up("films")
    place.run("service", "edit", "Vectors", "--set", "backup-name=my-backup").fails(2, "my-backup")
    place.run("service", "edit", "Vectors", "--set", "backup-name=2026").fails(2, "begin with a letter")
    place.run("restore", "Vectors", name, "--to", "suffix=-recover", "--yes").fails(2, "suffix")
    place.run("restore", "Vectors", name, "--to", "collections=ghost", "--yes").fails(2, "ghost")


def milvus_is_down(place):
    """The side that is away is named; the oldest server does not answer at all then."""
    place.break_it(milvus="down")
    place.run("service", "test", "Vectors").fails(1, "Milvus")
    place.run("backup", "Vectors", "--on-service").expect(1 if place.generation == "A" else 5, err="Milvus")


def storage_is_down(place):
    """Likewise."""
    place.break_it(storage="down")
    place.run("service", "test", "Vectors").fails(1, "storage")
    place.run("backup", "Vectors", "--on-service").expect(1 if place.generation == "A" else 5, err="storage")


def storage_keys_are_wrong(place):
    """Likewise."""
    place.break_it(storage="badkey")
    place.run("service", "test", "Vectors").fails(1, "storage" if place.generation == "A" else "keys")


def stuck_for_ever(place):
    """Accepted, and never begun."""
    place.set(collections="films", backup_name="stuck")
    place.run("backup", "Vectors", "--on-service").fails(1, "not begun")


def storage_is_away_in_mid_backup(place):
    """The oldest does not answer then, the newer ones refuse to: both are waited for, and the backup is there."""
    place.set(collections="films", backup_name="slow_12")

    def shake():
        place.break_it(storage="down")
        time.sleep(8)
        place.break_it(storage="up")

    place.while_running(wait_for_task, shake, "backup", "Vectors", "--on-service", "--json").expect()
    assert any(name.startswith("slow_12") for name in place.backups())


def server_is_gone_in_mid_restore(place):
    """It does not come back: that is said, and the way on."""
    name = place.back_up("films")
    place.break_it(seconds=20)
    result = place.while_running(wait_a_little, lambda: place.break_it(http="close"), "restore", "Vectors", name, "--to",
                                 "suffix=_gone", "--yes")
    result.expect(1, err="no more news of the restore")
    place.break_it(http="", seconds=1)


def restore_with_a_side_away(place):
    """Refused before anything is done, with the side that is away."""
    name = place.back_up("films")
    place.break_it(milvus="down")
    place.run("restore", "Vectors", name, "--to", "suffix=_m", "--yes").expect(1 if place.generation == "A" else 5, err="Milvus")
    place.break_it(milvus="up", storage="down")
    result = place.run("restore", "Vectors", name, "--to", "suffix=_s", "--yes")
    assert result.code in (1, 5) and "storage" in result.err, result
    place.break_it(storage="up")
    assert place.rows("default.films_m") is None and place.rows("default.films_s") is None


def target_exists_and_nobody_can_tell(place):
    """Without the address of Milvus the server’s own refusal is what is said."""
    name = place.back_up("films")
    place.set(milvus_address="")
    try:
        result = place.run("restore", "Vectors", name, "--yes")
        assert result.code == 1 and "exist" in result.err, result
    finally:
        place.set(milvus_address=place.milvus.url)


def name_that_is_taken(place):
    """By somebody else: each of ours is new, and another backup of an old one’s name is not taken for it."""
    first, second = place.back_up("films"), place.back_up("films")
    assert first != second and {first, second} <= set(place.backups())


def another_program_answers(place):
    """A proxy with a page to sign in, a broken answer, an answer that is cut."""
    for trouble, words in (("html", "not Milvus Backup"), ("status=502", "not available|failed|HTTP 502"), ("truncate", "broke"),
                           ("close", "broke|answer")):
        place.break_it(http=trouble)
        place.run("service", "test", "Vectors").fails(1, words)
        place.break_it(http="")


# --- rehearsals


def collections(place):
    """All that are there, by name."""
    return {name: each["rows"] for name, each in call(place.replay)["collections"].items()}


def rehearsal(place):
    """Beside what is there, counted, dropped: everything is as before. Where no rows can be asked for, none are called equal."""
    place.back_up("films notes")
    before = collections(place)
    done = place.run("rehearse", "Vectors")
    done.expect(out="2 collections")
    assert ("the rows of 2 are not reported" in done.out) == (place.generation == "A") and "different" not in done.out, done
    assert collections(place) == before, collections(place)
    place.run("status").expect()


def rehearsal_that_is_killed(place):
    """Again and again in the midst of it; what was made goes, and what only looks like it stays."""
    name = place.back_up("films")
    made = place.run("restore", "Vectors", name, "--to", "suffix=_rehearsal_mine", "--yes")
    assert made.code in (0, 3), made  # 3: a test before this one may have left a restore that was cut off, which is told
    before = collections(place)
    for wait in (0.5, 1.5, 3):
        process = place.home.start("rehearse", "Vectors", "--progress=none")
        time.sleep(wait)
        process.kill()
        process.wait()
    deadline = time.monotonic() + 60
    while collections(place) != before:
        assert time.monotonic() < deadline, collections(place)
        time.sleep(1)
        place.run("rehearse", "Vectors")
    place.run("rehearse", "Vectors").expect(out="1 collection")
    assert collections(place) == before, collections(place)


TESTS = [chosen_collections, groups, restore_with_suffix, restore_in_place, restore_renamed, restore_without_index, delete,
         restarted_in_mid_backup, restarted_in_mid_restore, finished_before_a_restart, a_backup_that_fails, a_backup_that_is_lost,
         a_restore_that_fails, a_collection_that_is_not_there, wrong_names, milvus_is_down, storage_is_down, storage_keys_are_wrong,
         storage_is_away_in_mid_backup, server_is_gone_in_mid_restore, restore_with_a_side_away, target_exists_and_nobody_can_tell,
         name_that_is_taken, another_program_answers, rehearsal, rehearsal_that_is_killed]


def fresh(test):
    """A test that begins with a server as it should be."""
    @functools.wraps(test)
    def run(place):
        place.forget()
        test(place)
    return run


def make_suite(generation):
    """All of them, against one generation."""
    suite = Suite(f"generation-{generation.lower()}", lambda: Place(generation))
    for test in TESTS:
        suite.test(fresh(test))
    if generation != "A":  # where backups wait their turn, waiting may be right for long
        suite.test(fresh(stuck_for_ever))
    return suite


# --- the suite for real servers, against those of the tests


class Played(milvus_real.Real):
    """The same with the server of the tests in their place: so that the suite for real servers is known to work when they are there."""

    def __init__(self, generation, storage=True):
        self.folder = tempfile.mkdtemp(prefix="reprise-milvus-")
        os.makedirs(os.path.join(self.folder, "s3/a-bucket/backup"))
        self.gateway = reprise_milvus.Gateway(os.path.join(self.folder, "s3"), free_port())
        self.server = subprocess.Popen([program("util/fake-milvus"), generation, "1" if generation == "A" else "2",
                                        *([os.path.join(self.folder, "s3/a-bucket/backup")] if storage else [])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        address = self.server.stdout.readline().strip()
        os.environ.update(REPRISE_MILVUS_BACKUP_URL=address, REPRISE_MILVUS_URL=address, REPRISE_S3_URL=self.gateway.address if storage else "")
        try:
            super().__init__()
        except BaseException:
            self.end()
            raise

    def prepare(self):
        self.milvus.load_old = self.load_old

    def load_old(self, name):
        """In place of Milvus’s own library."""
        self.server.stdin.write(f"load {name}\n")
        self.server.stdin.flush()
        assert self.server.stdout.readline().strip() == "ok"

    def close(self):
        super().close()
        self.end()

    def end(self):
        """Of the servers"""
        self.server.stdin.close()
        self.server.wait()
        self.gateway.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def make_played_suites():
    """One of each generation, where there is an S3 server."""
    if not reprise_milvus.find_gateway():
        return []
    return [*[milvus_real.make_suite(f"played-{generation.lower()}", functools.partial(Played, generation)) for generation in "ABC"],
            milvus_real.make_suite("played-without-storage", functools.partial(Played, "B", storage=False))]


def enter_network():
    """Goes on in a network of its own with nothing but loopback, where that is allowed: Milvus listens on all interfaces, and takes ports
    that nobody chose, so that two of them do not run beside each other. What is not installed yet needs the other network."""
    named = any(name.startswith("REPRISE_MILVUS_") and name.endswith("_URL") for name in os.environ)
    if named or os.environ.get("REPRISE_ALONE") or not milvus_bridge.is_installed():
        return
    command = ["unshare", "-n" if os.geteuid() == 0 else "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0:
        os.execvpe(command[0], [*command, sys.executable, *sys.argv], {**os.environ, "REPRISE_ALONE": "1"})


def main():
    """The suites that can be run here."""
    if {"-h", "--help", "help"} & set(sys.argv[1:]):
        print(__doc__, milvus_real.__doc__, sep="\n\n")
        return
    enter_network()
    suites = [make_suite(generation) for generation in "ABC"] if os.path.exists(f"{PEER}/up") else []
    if os.environ.get("REPRISE_MILVUS_BACKUP_URL") and os.environ.get("REPRISE_MILVUS_URL"):
        suites.append(milvus_real.make_suite("real", milvus_real.Real))
    else:
        say("# REPRISE_MILVUS_BACKUP_URL and REPRISE_MILVUS_URL name no servers: “run milvus BUILD --help” tells of them")
        suites += make_played_suites()
    if os.path.exists(f"{PEER}/real-up"):
        suites += [milvus_storage.suite, milvus_bridge.suite]
    run_suites(suites)


if __name__ == "__main__":
    main()
