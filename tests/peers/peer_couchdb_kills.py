# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line killed at random instants of a backup, of a roll-up, and of a restore of CouchDB databases: nothing is lost, nothing is
stored twice, and the next run ends well."""

import glob
import os
import random
import sqlite3
import time

from peer_couchdb import PREFIX, SEED, Work, assert_same


def timed(function):
    """What it gives, and how many seconds it took."""
    started = time.monotonic()
    result = function()
    return result, time.monotonic() - started


class Aim:
    """Random instants at which a command is killed: it learns how long that takes, so that about four of five come while it runs."""

    def __init__(self, place, rng, seconds):
        self.place, self.rng, self.seconds = place, rng, seconds
        self.seen = self.tries = 0

    def kill(self, *args):
        """Whether it was still running; only such a kill is counted."""
        alive = self.place.kill(self.rng.uniform(0, self.seconds), *args)
        self.seconds *= 1.05 if alive else 0.8
        self.seen += alive
        self.tries += 1
        assert self.tries < 3 * self.seen + 30, (self.tries, self.seen, self.seconds)
        return alive


def check_vault(place):
    """Every backup in it is whole."""
    place.home.run("verify", "--all").expect(0)


def check_stored_once(place, backups):
    """Of all revisions of one line of backups the body is there once, and every one is there."""
    seen = {}
    for backup in backups:
        folder = glob.glob(os.path.join(place.home.path, "data_home", "reprise", "vault", "*", f"*-{backup}"))
        assert len(folder) == 1, (backup, folder)
        for file in sorted(glob.glob(os.path.join(folder[0], "*.sqlite"))):
            segment = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
            database = segment.execute("SELECT value FROM segment WHERE name = 'database'").fetchone()[0]
            for row in segment.execute("SELECT id, rev FROM revision WHERE block IS NOT NULL AND rev <> ''"):
                key = (database, *row)
                assert key not in seen, f"{key} is stored twice: {seen[key]}, {file}"
                seen[key] = file
            segment.close()
    return seen


def no_debris(place):
    """Nothing of what was broken off is left in the vault."""
    left = [file for file in place.home.vault_files() if ".partial" in file]
    assert not left, left


def rewrite(work, number, n=700):
    """Much to do for the next increment."""
    rows = work.server.winners(work.name)
    ids = [document for document in sorted(rows) if document.startswith("doc-")][:n]
    work.server.bulk(work.name, [{"_id": document, "_rev": rows[document], "number": number, "text": "y" * 500} for document in ids])


def backups(place, kills, n=3000):
    """Killed while it backs up in full, and then while it backs up what has changed."""
    rng = random.Random(SEED)
    works = [Work(place.server, f"{PREFIX}kill-{i}", rng) for i in range(2)]
    for work in works:
        work.begin(n)
        work.do(0)
    place.add("Kill", f"{PREFIX}kill-*")
    place.add("Sample", f"{PREFIX}kill-*")
    _, seconds = timed(lambda: place.back_up("Sample"))
    aim, done, states, since, made = Aim(place, rng, seconds), [], {}, 0, 0
    while aim.seen < kills:
        since += aim.kill("backup", "Kill", "--progress=none")
        check_vault(place)
        if since == (4 if done else 12) or len(place.list("Kill")) > made:
            done.append(place.back_up("Kill"))  # the next ones are increments
            for number, work in enumerate(works):
                states[done[-1], work.name] = place.server.state(work.name)
                work.do(len(done))
                rewrite(work, len(done) + number)
            no_debris(place)
            since, made = 0, len(place.list("Kill"))
    done.append(place.back_up("Kill"))
    for work in works:
        states[done[-1], work.name] = place.server.state(work.name)
    all_made = [entry["id"] for entry in reversed(place.list("Kill"))]  # those too that were committed just before the kill
    stored = check_stored_once(place, all_made)
    for work in works:
        for document, rev in [key for key in states[done[-1], work.name] if key != "_security"]:
            assert (work.name, document, rev) in stored, (work.name, document, rev)
    for (backup, name), state in states.items():
        place.assert_restores(backup, name, state, service="Kill")
    no_debris(place)
    place.server.drop_all()
    return aim


def roll_ups(place, kills, n=1500):
    """Killed while it rolls up and cleans up: every point that was not rolled up before is there."""
    rng = random.Random(SEED)
    work = Work(place.server, f"{PREFIX}roll", rng)
    work.begin(n)
    place.go_to(0)
    place.add("Roll", f"{PREFIX}roll", "keep-daily=2", "keep-weekly=1", "clean-up-days=0", "roll-up-after-backup=false")
    states, day, aim, idle = {}, 0, Aim(place, rng, 0.5), True
    while aim.seen < kills:
        for _ in range(3 if idle else 0):
            place.go_to(day)
            work.do(day)
            rewrite(work, day, 400)
            place.back_up("Roll")
            states[place.now.date().isoformat()] = place.server.state(work.name)
            day += 1
        idle = not aim.kill("rollup", "Roll", "--progress=none") or aim.tries % 3 == 2
        check_vault(place)
        if idle:
            place.run("rollup", "Roll", "--progress=none").expect(0)
            no_debris(place)
    place.run("rollup", "Roll", "--progress=none").expect(0)
    kept = {entry["created_at"][:10]: entry["id"] for entry in place.list("Roll")}
    newest = sorted(states)[-2:]
    assert set(newest) <= set(kept) and len(kept) < len(states), (sorted(kept), sorted(states))
    for date, backup in kept.items():
        place.assert_restores(backup, work.name, states[date], service="Roll")
    no_debris(place)
    place.now = None
    place.server.drop_all()
    return aim


def repeat(place, *command):
    """A restore after one that was cut off, which it tells."""
    done = place.run(*command)
    assert done.code in (0, 3) and "read again and compared" in done.out, done
    assert done.code == 0 or "An earlier restore had been cut off" in done.err, done


def safety_copies(place):
    """How many there are."""
    return len([entry for entry in place.list("Back") if entry["origin"] == "safety"])


def restores(place, kills, n=3000):
    """Killed while it restores: into a new database, where it goes on, and into the same one, where it is repeated or undone."""
    rng = random.Random(SEED)
    work = Work(place.server, f"{PREFIX}back", rng)
    work.begin(n)
    for day in range(3):
        work.do(day)
    place.add("Back", work.name)
    place.add("Fresh", work.name)  # whose safety copies nobody goes back to
    backup, state, saved = place.back_up("Back"), place.server.state(work.name), place.server.live(work.name)
    scratch, fresh, same = f"{PREFIX}scratch", Aim(place, rng, 1), Aim(place, rng, 1)
    command = [backup, "--yes", "--progress=none"]
    while fresh.seen + same.seen < kills:
        if fresh.seen <= same.seen:
            fresh.kill("restore", "Fresh", *command, "--to", f"target={scratch}")
            check_vault(place)
            repeat(place, "restore", "Fresh", *command, "--to", f"target={scratch}")
            assert_same(state, place.server.state(scratch))
            place.server.drop(scratch)
            continue
        rows = place.server.winners(work.name)
        ids = [document for document in sorted(saved) if document.startswith("doc-")]
        ids = rng.sample(ids, min(1000, len(ids)))
        place.server.bulk(work.name, [{"_id": document, "_rev": rows[document], "wrong": same.tries} for document in ids])
        before, copies = place.server.live(work.name), safety_copies(place)
        same.kill("restore", "Back", *command, "--to", "into=same", "--to", "conflicts=keep")
        check_vault(place)
        if same.tries % 2 == 1 and safety_copies(place) > copies:
            repeat(place, "undo", "Back", "--yes")
            assert place.server.live(work.name) == before
        repeat(place, "restore", "Back", *command, "--to", "into=same", "--to", "conflicts=keep")
        assert place.server.live(work.name) == saved
    no_debris(place)
    place.server.drop_all()
    fresh.seen, fresh.tries = fresh.seen + same.seen, fresh.tries + same.tries
    return fresh
