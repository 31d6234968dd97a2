# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage of Milvus Backup on a real S3 server: backups of the recorded layouts and one of 1 GiB are brought into a vault, inspected,
verified, damaged and found out, uploaded again, and compared byte for byte. REPRISE_MILVUS_OBJECTS and REPRISE_MILVUS_MIB make the large one smaller.
"""

import filecmp
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import reprise_milvus
from peer import Proxy, Suite, free_port, run_suites, say

STORE = os.path.join(os.environ.get("REPRISE_BUILD", "_build"), "tests", "util", "milvus-store")
OBJECTS = int(os.environ.get("REPRISE_MILVUS_OBJECTS", "2000"))
MIB = int(os.environ.get("REPRISE_MILVUS_MIB", "1024"))
LAYOUTS = {"small_A": "layout-v0.4.30", "small_B": "layout-v0.5.16"}
A_LOG = "binlogs/insert_log/470617309752216107/470617309752216113/470617309752216125/470617309752216125/105/470617309752004707"


def same(one, other):
    """Whether two folders hold the same files, byte for byte."""
    def files(folder):
        return sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)
    names = files(one)
    assert names == files(other), (one, other)
    assert names, one
    different = filecmp.cmpfiles(one, other, names, shallow=False)
    assert not different[1] and not different[2], different
    return len(names)


class Place:
    """The server, its backups, and a vault."""

    def __init__(self):
        if reprise_milvus.find_gateway() is None:  # the peers install it with their Milvus
            ports = [free_port(), free_port()]
            reprise_milvus.run_real(os.environ["REPRISE_PEER"], "up", *ports)
            reprise_milvus.run_real(os.environ["REPRISE_PEER"], "down", *ports)
        self.folder = tempfile.mkdtemp(prefix="reprise-milvus-")
        self.s3 = os.path.join(self.folder, "s3")
        self.bucket = os.path.join(self.s3, "a-bucket")
        for layout in LAYOUTS.values():
            reprise_milvus.lay_recorded(layout, os.path.join(self.bucket, "backup"))
        os.makedirs(os.path.join(self.s3, "milvus-bucket"))
        self.gateway = reprise_milvus.Gateway(self.s3, free_port())
        self.n_vaults = 0

    def close(self):
        self.gateway.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def recover(self):
        for name in os.listdir(os.path.join(self.s3, "milvus-bucket")):
            shutil.rmtree(os.path.join(self.s3, "milvus-bucket", name), ignore_errors=True)

    def at(self, *parts):
        return os.path.join(self.folder, *parts)

    def new_vault(self):
        self.n_vaults += 1
        return self.at(f"vault-{self.n_vaults}")

    def store(self, *args, fails=False, bucket="a-bucket", **more):
        """Lines of the client, by their first word; an error is one too."""
        done = subprocess.run([STORE, *args], env=self.gateway.environment(bucket, **more), text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=600, check=False)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        assert reprise_milvus.SECRET + "x" not in done.stdout + done.stderr
        lines = {}
        for line in done.stdout.splitlines():
            word, _, rest = line.partition(" ")
            lines.setdefault(word, []).append(rest)
        return lines

    def fetch(self, name, **more):
        """The folder of the backup in a new vault."""
        return self.store("fetch", self.new_vault(), name, **more)["folder"][0]


suite = Suite("storage", Place)


@suite.test
def lists(place):
    """What is there, with true dates and counts, and what a failed run left."""
    log = os.path.join(place.bucket, "backup", "failed_1", A_LOG)
    os.makedirs(os.path.dirname(log))
    with open(log, "wb") as f:
        f.write(b"x")
    assert place.store("check")["ok"] == [f"a-bucket/backup/ on 127.0.0.1:{place.gateway.port}"]
    assert place.store("list")["stored"] == ["failed_1 part -", "small_A whole -", "small_B whole -"]
    meta = place.store("meta", "small_A")
    assert re.match(r"small_A binlog v2.3.5-lite 2026-11-21T12:32:23Z rows 2000 files 34 bytes 170397", meta["backup"][0]), meta
    assert "films rows 2000 bytes 170397 partitions 3 indexes 2 fields 6 Loaded" in meta["collection"], meta
    assert "Nothing was deleted" in place.store("leftovers", "small_A", fails=True)["error"][0]
    assert "no whole backup" in place.store("fetch", place.new_vault(), "failed_1", fails=True)["error"][0]
    place.store("leftovers", "failed_1")
    assert place.store("list")["stored"] == ["small_A whole -", "small_B whole -"]


@suite.test
def refusals(place):
    """What is wrong is said in words."""
    for words, more in (("does not exist", {"S3_BUCKET": "no-bucket"}), ("does not know the access key", {"S3_KEY": "nobody"}),
                        ("does not belong to the access key", {"S3_SECRET": reprise_milvus.SECRET + "x"}), ("not allowed", {"S3_KEY": ""})):
        error = place.store("check", fails=True, **more)["error"][0]
        assert words in error, error


@suite.test
def recorded(place):
    """Each recorded layout into the vault and to another bucket; sha256sum agrees."""
    for name in LAYOUTS:
        folder = place.fetch(name)
        assert same(os.path.join(place.bucket, "backup", name), os.path.join(folder, "backup")) >= 39
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True)
        place.store("inspect", folder)
        place.store("verify", folder)
        place.store("upload", folder, bucket="milvus-bucket", S3_ROOT="other/root")
        same(os.path.join(place.bucket, "backup", name), os.path.join(place.s3, "milvus-bucket", "other", "root", name))
        assert "already" in place.store("upload", folder, fails=True, bucket="milvus-bucket", S3_ROOT="other/root")["error"][0]
        place.store("delete", name, bucket="milvus-bucket", S3_ROOT="other/root")
        assert "stored" not in place.store("list", bucket="milvus-bucket", S3_ROOT="other/root")


@suite.test
def levels(place):
    """Without the whole tree, the single levels say the same."""
    whole = place.store("meta", "small_B")
    os.rename(os.path.join(place.bucket, "backup/small_B/meta/full_meta.json"), place.at("full_meta.json"))
    try:
        pieced = place.store("meta", "small_B")
        folder = place.fetch("small_B")
        place.store("verify", folder)
    finally:
        os.rename(place.at("full_meta.json"), os.path.join(place.bucket, "backup/small_B/meta/full_meta.json"))
    assert [line + " pieced" for line in whole["backup"]] == pieced["backup"], pieced
    assert whole["collection"] == pieced["collection"]


@suite.test
def original_layout(place):
    """To a folder, which is a storage of its own again."""
    folder = place.fetch("small_A")
    place.store("save", folder, place.at("saved", "small_A"))
    same(os.path.join(place.bucket, "backup", "small_A"), place.at("saved", "small_A"))
    lines = place.store("fetch", place.new_vault(), "small_A", FOLDER=place.at("saved"))
    same(os.path.join(folder, "backup"), os.path.join(lines["folder"][0], "backup"))


@suite.test
def damaged(place):
    """In the storage and in the vault: missing, cut, other bytes. Each is found out and named."""
    source = os.path.join(place.bucket, "backup", "small_A", A_LOG)
    folder = place.fetch("small_A")
    with open(source, "rb") as f:
        whole = f.read()
    os.remove(source)
    error = place.store("fetch", place.new_vault(), "small_A", fails=True)["error"][0]
    assert "films" in error and A_LOG in error and "missing" in error, error
    with open(source, "wb") as f:
        f.write(whole[:-1])
    error = place.store("fetch", place.new_vault(), "small_A", fails=True)["error"][0]
    assert A_LOG in error and "34446 bytes instead of 34447" in error, error
    with open(source, "wb") as f:
        f.write(whole)

    copy = os.path.join(folder, "backup", A_LOG)
    with open(copy, "wb") as f:
        f.write(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    done = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=False, capture_output=True, text=True)
    assert A_LOG in done.stdout, done
    error = place.store("upload", folder, fails=True, bucket="milvus-bucket")["error"][0]
    assert A_LOG in error and "damaged" in error, error
    assert "stored" not in place.store("list", bucket="milvus-bucket")  # taken back
    with open(copy, "wb") as f:
        f.write(bytes(len(whole)))
    assert A_LOG in place.store("verify", folder, fails=True)["error"][0]
    os.remove(copy)
    assert A_LOG in place.store("inspect", folder)["damage"][0]
    assert A_LOG in place.store("verify", folder, fails=True)["error"][0]


@suite.test
def cut_connections(place):
    """Connections that break in the middle are gone on with."""
    proxy = Proxy(place.gateway.port)
    proxy.at(r"/105/", "answer", lambda head: True, after=20000, times=3)
    folder = place.fetch("small_B", S3=proxy.address)
    same(os.path.join(place.bucket, "backup", "small_B"), os.path.join(folder, "backup"))
    assert len(proxy.seen("/105/")) == 7, proxy.seen("/105/")
    proxy.close()


@suite.test
def large(place):
    """The generated one: stopped in the middle, gone on with, verified, uploaded, byte for byte, in bounded memory."""
    started = time.monotonic()
    name = reprise_milvus.lay_generated(os.path.join(place.bucket, "backup"), total=MIB << 20, objects=OBJECTS)
    say(f"# generated after {time.monotonic() - started:.0f} s")
    vault = place.new_vault()
    client = subprocess.Popen([STORE, "fetch", vault, name], env=place.gateway.environment("a-bucket"), text=True, stdout=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and client.poll() is None:
        if sum(len(names) for _, _, names in os.walk(vault)) > OBJECTS // 4:
            break
        time.sleep(0.05)
    client.send_signal(signal.SIGINT)
    text = client.communicate(timeout=60)[0]
    assert client.returncode == 1 and "error" in text, text
    lines = place.store("resume", vault, name)
    assert OBJECTS // 8 < int(lines["had"][0]) < OBJECTS, lines["had"]
    say(f"# gone on with after {lines['had'][0]} files, {lines['done,'][0]}")
    assert int(re.search(r"(\d+) KiB", lines["done,"][0])[1]) < 60 * 1024, lines
    folder = lines["folder"][0]
    source = os.path.join(place.bucket, "backup", name)
    assert same(source, os.path.join(folder, "backup")) == OBJECTS + 2
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True)
    place.store("verify", folder)
    shutil.rmtree(source)
    lines = place.store("upload", folder)
    assert int(re.search(r"(\d+) KiB", lines["done,"][0])[1]) < 60 * 1024, lines
    assert same(source, os.path.join(folder, "backup")) == OBJECTS + 2
    shutil.rmtree(source)


if __name__ == "__main__":
    run_suites([suite])
