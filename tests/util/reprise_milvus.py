# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of Milvus as they lie in storage: recorded ones and one of any size, for the suite against real servers and the benchmark."""

import json
import os
import random
import socket
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(TOP, "tests", "data", "milvus")
MAGIC = b"\xbc\xfa\xff\x00"
COLLECTION, PARTITION = 470617309752216107, 470617309752216113
KEY, SECRET = "minioadmin", "minioadmin"


def _write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def lay_recorded(layout, root, name=None):
    """A recorded backup below @root, under its own name or @name: its metadata, and for each log as many bytes as there were. Gives its name."""
    with open(os.path.join(DATA, layout, "files.txt"), encoding="utf-8") as f:
        for line in f:
            path, size = line.split()
            own, rest = path.split("/", 1)
            name = name or own
            if rest.startswith("meta/"):
                with open(os.path.join(DATA, layout, os.path.basename(rest)), "rb") as meta:
                    data = meta.read()
            else:
                data = (MAGIC + random.Random(path).randbytes(int(size)))[:int(size)]
            assert len(data) == int(size)
            _write(os.path.join(root, name, rest), data.replace(f'"name":"{own}"'.encode(), f'"name":"{name}"'.encode()))
    return name


def lay_generated(root, name="generated", total=1 << 30, objects=2000, **more):
    """A backup of one collection below @root, of so many logs that are all alike in length. @more: what else the metadata says of it."""
    size, segments, made = total // objects, [], 0
    source = random.Random(5)
    while made < objects:
        segment, fields = 470617309752300000 + made, []
        for field in [0, 1, *range(100, 108)][:objects - made]:
            log = 470617309759000000 + made
            path = os.path.join(root, name, "binlogs/insert_log", f"{COLLECTION}/{PARTITION}/{segment}/{segment}/{field}/{log}")
            _write(path, MAGIC + source.randbytes(size - len(MAGIC)))
            fields.append({"fieldID": field, "binlogs": [
                {"log_path": f"files/insert_log/{COLLECTION}/{PARTITION}/{segment}/{field}/{log}", "log_size": size, "log_id": log}]})
            made += 1
        segments.append({"segment_id": segment, "collection_id": COLLECTION, "partition_id": PARTITION, "num_of_rows": 1000,
                         "binlogs": fields, "deltalogs": [{}], "size": size * len(fields), "group_id": segment})
    top = {"id": "generated", "state_code": 0, "name": name, "size": size * objects, "milvus_version": "v2.4.1", **more}
    schema = {"name": "films", "fields": [{"fieldID": 100, "name": "id", "is_primary_key": True, "data_type": 5}]}
    partition = {"partition_id": PARTITION, "partition_name": "_default", "collection_id": COLLECTION, "segment_backups": segments,
                 "size": size * objects, "load_state": "Loaded"}
    collection = {"collection_id": COLLECTION, "db_name": "default", "collection_name": "films", "schema": schema, "shards_num": 1,
                  "partition_backups": [partition], "size": size * objects, "has_index": False, "load_state": "Loaded",
                  "backup_physical_timestamp": 1795264353}
    for file, content in (("full_meta", {**top, "collection_backups": [collection]}), ("backup_meta", top)):
        _write(os.path.join(root, name, "meta", file + ".json"), json.dumps(content).encode())
    return name


def find_gateway():
    """The S3 server that the peers install, or None."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.path.join(cache, "reprise-peers", "milvus", "bin", "versitygw")
    return path if os.access(path, os.X_OK) else None


def bare_environment():
    """Without the path of our own modules: one of them has the name of Milvus's."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def run_real(peer, what, *args):
    """The peers' real-up or real-down: of a real Milvus and a real S3 server."""
    subprocess.run([os.path.join(peer, "real-" + what), *map(str, args)], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   env=bare_environment())


class Gateway:
    """A real S3 server over plain files: the buckets are the folders of @folder."""

    def __init__(self, folder, port):
        self.port, self.folder = port, folder
        with open(os.path.join(os.path.dirname(folder), "gateway.log"), "wb") as log:
            self.process = subprocess.Popen([find_gateway(), "--port", f"127.0.0.1:{port}", "--quiet", "posix", folder], stdout=log, stderr=log,
                                            env={**os.environ, "ROOT_ACCESS_KEY_ID": KEY, "ROOT_SECRET_ACCESS_KEY": SECRET})
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.1)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def environment(self, bucket, **more):
        """What milvus-store reads."""
        return {**os.environ, "S3": self.address, "S3_BUCKET": bucket, "S3_KEY": KEY, "S3_SECRET": SECRET, **more}

    def close(self):
        self.process.terminate()
        self.process.wait()


__all__ = ["DATA", "KEY", "SECRET", "Gateway", "bare_environment", "find_gateway", "lay_generated", "lay_recorded", "run_real"]
