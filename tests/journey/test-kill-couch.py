#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-kill-couch [KILLS]: kill -9 at random instants of backup, roll-up and restore over a stand-in of CouchDB; against real servers the
same runs oftener, in tests/peers."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))
os.environ.setdefault("REPRISE_TEST_SEED", str(int.from_bytes(os.urandom(3), "big")))

import peer_couchdb_kills as kills  # pylint: disable=wrong-import-position
from peer_couchdb import SEED, Place  # pylint: disable=wrong-import-position
from reprise_test import program  # pylint: disable=wrong-import-position

N = int(sys.argv[1]) if len(sys.argv) > 1 else 4

print(f"# seed {SEED}\n1..3", flush=True)
failed = 0
for number, (journey, options) in enumerate([(kills.backups, {"n": 300}), (kills.roll_ups, {}), (kills.restores, {"n": 300})], 1):
    server = subprocess.Popen([program("util/fake-couch")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    place = None
    try:
        place = Place(server.stdout.readline().strip())
        seen = journey(place, N, **options)
        print(f"ok {number} - {journey.__name__}: {seen.seen} of {seen.tries} killed while it ran", flush=True)
    except Exception as error:  # pylint: disable=broad-except
        failed += 1
        print("# " + repr(error).replace("\n", "\n# ") + f"\nnot ok {number} - {journey.__name__}", flush=True)
    finally:
        if place is not None:
            place.home.remove()
            place.proxy.close()
        server.kill()
        server.wait()
sys.exit(1 if failed else 0)
