# SPDX-License-Identifier: GPL-3.0-or-later
"""What ./dev bench measures over blobs, beside curl at the same storage emulator, from ../shared/peers. REPRISE_BENCH_MIB=N sends files
of N MiB in place of 1024.
"""
import base64
import contextlib
import hashlib
import itertools
import os
import re
import socket
import statistics
import subprocess

MIB = int(os.environ.get("REPRISE_BENCH_MIB", "1024"))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PEER = os.path.join(os.environ.get("REPRISE_SHARED", os.path.join(TOP, "..", "shared")), "peers", "azure")


def free_ports(count):
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [str(probe.getsockname()[1]) for probe in probes]


class Storage:
    """The peers of Azure, of which the storage is used."""

    def __init__(self):
        self.ports = free_ports(4)
        done = subprocess.run([os.path.join(PEER, "up"), *self.ports], check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.sas = re.search(r"^CONTAINER_SAS='(.*)'$", done.stdout, re.M).group(1)

    def address(self, name):
        """Of a blob, with the signature."""
        container, _, signature = self.sas.partition("?")
        return f"{container}/{name}?{signature}"

    def close(self):
        subprocess.run([os.path.join(PEER, "down"), *self.ports], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write_random(path):
    """MIB of what no storage can shorten. Returns: its digest, as a storage keeps it."""
    digest = hashlib.md5()
    with open(path, "wb") as out:
        for _ in range(MIB):
            block = os.urandom(1 << 20)
            digest.update(block)
            out.write(block)
    return base64.b64encode(digest.digest()).decode()


class Uploads:
    """Of one file, into a storage of its own: that keeps what was deleted in memory for some time, and becomes slow by it."""

    def __init__(self, bench, client, path):
        self.bench, self.client, self.path, self.number = bench, client, path, itertools.count()
        self.storage = Storage()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.storage.close()

    def send(self, command):
        """Seconds; the blob is gone again."""
        address = self.storage.address
        name = f"blob-{next(self.number)}"
        seconds = self.bench.run(command(name))
        self.bench.run(["curl", "-sf", "-X", "DELETE", "-H", "x-ms-version: 2021-12-02", address(name)])
        return seconds

    def ours(self, *digest):
        return self.send(lambda name: [self.client, "upload", self.storage.sas, self.path, name, *digest])

    def theirs(self):
        return self.send(lambda name: ["curl", "-sf", "-T", self.path, "-H", "x-ms-blob-type: BlockBlob", "-H", "x-ms-version: 2021-12-02",
                                       self.storage.address(name)])


def bench_uploads(bench, client, path, md5):
    """The digest of a backup that came from a storage is in its manifest; that of any other file is taken while it is sent."""
    with Uploads(bench, client, path) as uploads:
        uploads.theirs()  # the first is slower than those to come
        pairs = bench.paired(lambda: uploads.ours(md5), uploads.theirs, 3)
    best = max(MIB / ours for ours, _ in pairs)
    bench.row(f"upload of {MIB} MiB in blocks, from the vault", pairs, 1.1, f"beside curl -T in one piece; the best: {best:.0f} MiB/s")
    with Uploads(bench, client, path) as uploads:
        bench.report("  the same of a file that is no backup", statistics.median(uploads.ours() for _ in range(3)))
        bench.limit("  memory of the upload", bench.memory_of(client, "upload", uploads.storage.sas, path, "again"), 60, "MiB")


def bench_downloads(bench, client, path, got):
    storage = Storage()
    try:
        bench.run([client, "upload", storage.sas, path, "large"])

        def theirs():
            return bench.run(["curl", "-sf", "-o", got, storage.address("large")]) + bench.run(["sha256sum", got])

        bench.row(f"download of {MIB} MiB by signature, verified", bench.paired(lambda: bench.run([client, "download", storage.sas, "large", got]), theirs, 3),
                  1.15, "beside curl -o, then sha256sum")
        bench.limit("  memory of the download", bench.memory_of(client, "download", storage.sas, "large", got), 60, "MiB")
    finally:
        storage.close()


def run(bench):
    """The part “azure” of the benchmark."""
    subprocess.run(["ninja", "-C", bench.build, "--quiet", "tests/util/azure-client"], check=True, stdout=subprocess.DEVNULL)
    client, path = bench.build + "/tests/util/azure-client", bench.work + "/large.bin"
    md5 = write_random(path)
    bench_uploads(bench, client, path, md5)
    bench_downloads(bench, client, path, bench.work + "/got.bin")
