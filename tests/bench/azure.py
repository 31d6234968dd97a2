# SPDX-License-Identifier: GPL-3.0-or-later
"""What ./dev bench measures over blobs, beside curl at the same storage emulator, from ../shared/peers. REPRISE_BENCH_MIB=N sends files
of N MiB in place of 1024.
"""
import contextlib
import itertools
import os
import re
import socket
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


def run(bench):
    """The part “azure” of the benchmark."""
    subprocess.run(["ninja", "-C", bench.build, "--quiet", "tests/util/azure-client"], check=True, stdout=subprocess.DEVNULL)
    client, path, got = bench.build + "/tests/util/azure-client", bench.work + "/large.bin", bench.work + "/got.bin"
    with open(path, "wb") as out:
        for _ in range(MIB):
            out.write(os.urandom(1 << 20))
    storage, number = Storage(), itertools.count()
    try:
        def drop(name):
            bench.run(["curl", "-sf", "-X", "DELETE", "-H", "x-ms-version: 2021-12-02", storage.address(name)])

        def send(*command, name):
            seconds = bench.run([*command])
            drop(name)
            return seconds

        def ours_up():
            name = f"ours-{next(number)}"
            return send(client, "upload", storage.sas, path, name, name=name)

        def theirs_up():
            name = f"theirs-{next(number)}"
            return send("curl", "-sf", "-T", path, "-H", "x-ms-blob-type: BlockBlob", "-H", "x-ms-version: 2021-12-02", storage.address(name), name=name)

        pairs = bench.paired(ours_up, theirs_up, 3)
        best = max(MIB / ours for ours, _ in pairs)
        bench.row(f"upload of {MIB} MiB in blocks, with digests", pairs, 1.1, f"beside curl -T in one piece; the best: {best:.0f} MiB/s")
        bench.run([client, "upload", storage.sas, path, "large"])

        def theirs_down():
            return bench.run(["curl", "-sf", "-o", got, storage.address("large")]) + bench.run(["sha256sum", got])

        bench.row(f"download of {MIB} MiB by signature, verified", bench.paired(lambda: bench.run([client, "download", storage.sas, "large", got]), theirs_down, 3),
                  1.15, "beside curl -o, then sha256sum")
        bench.limit("  memory of the upload", bench.memory_of(client, "upload", storage.sas, path, "again"), 60, "MiB")
        bench.limit("  memory of the download", bench.memory_of(client, "download", storage.sas, "large", got), 60, "MiB")
    finally:
        storage.close()
