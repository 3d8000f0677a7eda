"""Hostile responses against the fetcher: bombs of 1 GiB, endless bodies, slow drips, and ways into the private network.

    python -m benchmarks.bombs

Each is fetched in a process of its own, with the default bounds, from a local server that plays the public site
(127.0.0.2). A second one (127.0.0.1) plays the private network: every connection to it, on whatever port, reaches it
and is counted. The report gives for each case its outcome, its duration and the peak memory of the process. Exit code 0
if every case ended with its expected outcome, below 150 MB and within the deadline, and no request reached the private
server.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import httpcore
from fakes.wire import Server, not_here

from scraper.clock import SimulatedClock
from scraper.config.settings import FetchSettings
from scraper.fetch import Fetcher, MemoryHosts
from scraper.fetch.request import Request
from scraper.fetch.transport import GuardedTransport, system_resolver
from scraper.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fakes.wire import Exchange, Handler

GIB = 1 << 30
MAX_MB = 150
DEADLINE_S = 30.0
PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"
OUTSIDE = "93.184.215.14"
# 1 GiB of zeros as brotli's own compressor packs them (quality 11, window 24): 841 bytes, packed once more.
BROTLI = (
    "c-lMv|9|}tb%sY99TdL*oB#j+{}28QM-mwu-u<-)avsiS=s2vzaQAopzyJRa+cOHZvoh@Z{{PSa|Lyfm3VhrQCGY?L{QsZ-KZ}Em7{iNu|3"
    "Cl#FaM9T!9s`O!ruSS|NpoDBg{}3!LXqE|9PlI8yFmLS;RDI(Wpg3)FOKTR_Nxa"
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


# Responses of the public server


def deflated(window_bits: int) -> bytes:
    """Deflate 1 GiB of zeros to about a megabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, window_bits)
    piece = bytes(1 << 20)
    return b"".join(packer.compress(piece) for _ in range(GIB >> 20)) + packer.flush()


def zstandard() -> bytes:
    """Return 1 GiB of zeros by RFC 8878: a frame of RLE blocks, each for 128 KiB of one byte."""
    size = 1 << 17
    block = ((size << 3) | 2).to_bytes(3, "little") + b"\0"
    last = ((size << 3) | 3).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x58" + block * (GIB // size - 1) + last


def packed(encoding: str, body: bytes) -> Handler:
    """Return a response with a bomb and its true Content-Encoding."""
    fields = f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return lambda exchange: exchange.send(HEAD + fields.encode() + body)


def endless(exchange: Exchange) -> NoReturn:
    """Send chunks without end."""
    exchange.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        exchange.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


def drip(first: bytes) -> Handler:
    """Return a response that sends one byte every 0.2 seconds."""

    def run(exchange: Exchange) -> NoReturn:
        exchange.send(first)
        while True:
            exchange.send(b"x")
            time.sleep(0.2)

    return run


def leads_to(location: str) -> Handler:
    """Return a redirect."""
    return lambda exchange: exchange.redirect(location)


# The client process


class Detour(httpcore.NetworkBackend):
    """Network backend that connects the outside IP address to the public server and all others to the private one."""

    def __init__(self, public_port: int, private_port: int) -> None:
        self._public, self._private = (PUBLIC, public_port), (PRIVATE, private_port)

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any) -> httpcore.NetworkStream:
        """Connect to one of the two servers."""
        place = self._public if host in {OUTSIDE, PUBLIC} else self._private
        return httpcore.SyncBackend().connect_tcp(*place, timeout, *rest)


def resolver(kind: str) -> Callable[[str, int], Sequence[str]]:
    """Return a resolver; `rebinding` gives the public IP address once, for robots.txt, and then the private one."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        if kind == "mixed":
            return [OUTSIDE, PRIVATE]
        return [PRIVATE if len(asked) > 1 else OUTSIDE]

    return resolve if kind else system_resolver


def ask(url: str, kind: str, public_port: int, private_port: int) -> None:
    """Fetch once and print the outcome as JSON."""
    place = f"{PUBLIC}:{public_port}"
    settings = FetchSettings(contact="https://watch.example/about", retries=0, allow_private=(place,))
    transport = GuardedTransport(
        resolver=resolver(kind), dial=Detour(public_port, private_port), allow_private=settings.allow_private
    )
    clock = SimulatedClock(datetime(2026, 3, 2, tzinfo=UTC))  # pauses between requests take no time
    with Fetcher(settings, clock=clock, hosts=MemoryHosts(), transport=transport) as fetcher:
        began = time.monotonic()
        capture = fetcher.get(Request(url))
        seconds = time.monotonic() - began
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024
    print(json.dumps({"outcome": capture.outcome, "detail": capture.detail, "seconds": seconds, "mb": peak}))


# The judge


@dataclass(frozen=True)
class Case:
    """URL that is fetched, and the outcome that it must have."""

    name: str
    outcome: Outcome
    answer: Handler = not_here
    host: str = ""
    resolver: str = ""


def cases(private_port: int) -> list[Case]:
    """Return all cases by name. Ways into the private network are tried on its server's own port and on port 80."""
    gzip_bomb = deflated(31)
    large, encoding, blocked = Outcome.TOO_LARGE, Outcome.BAD_ENCODING, Outcome.BLOCKED_ADDRESS
    brotli = zlib.decompress(base64.b85decode(BROTLI))
    inward = ("127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]")
    ways = [f"http://{host}{port}/" for host in inward for port in ("", f":{private_port}")]
    ways += ["//127.0.0.1/", f"//127.0.0.1:{private_port}/", "http://169.254.169.254/latest/meta-data/", "//[::1]/"]
    return [
        Case("gzip bomb", large, packed("gzip", gzip_bomb)),
        # Each layer is opened only as far as it begins like a document, so what is left is a file of gzip.
        Case("double gzip bomb", Outcome.UNEXPECTED_TYPE, packed("gzip, gzip", gzip.compress(gzip_bomb))),
        Case("double gzip bomb, labelled once", Outcome.UNEXPECTED_TYPE, packed("gzip", gzip.compress(gzip_bomb))),
        Case("deflate bomb", encoding, packed("deflate", deflated(15))),
        Case("br bomb", encoding, packed("br", brotli)),
        Case("zstd bomb", encoding, packed("zstd", zstandard())),
        Case("endless body", large, endless),
        Case("drip of a body", Outcome.TIMEOUT, drip(HEAD + b"Content-Length: 100000\r\n\r\n")),
        Case("drip of headers", Outcome.TIMEOUT, drip(b"HTTP/1.1 200 OK\r\nX-More: ")),
        *(Case(f"redirect to {way}", blocked, leads_to(way)) for way in ways),
        Case("rebinding resolver", blocked, host="rebinding.example", resolver="rebinding"),
        Case("mixed addresses", blocked, host="mixed.example", resolver="mixed"),
    ]


def main() -> int:
    """Run all cases and return the exit code."""
    public, private = Server(PUBLIC), Server(PRIVATE)
    bad = 0

    def run(number: int, case: Case) -> dict[str, Any]:
        public.routes[f"/{number}"] = case.answer
        url = f"http://{case.host}/" if case.host else f"http://{PUBLIC}:{public.port}/{number}"
        command = [sys.executable, "-m", "benchmarks.bombs", url, case.resolver, str(public.port), str(private.port)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=4 * DEADLINE_S)
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    tried = cases(private.port)
    print(f"{'':54} {'ended as':16} {'seconds':>8} {'MB':>5}")
    # The two drips run until their deadline, so two cases run in parallel.
    with ThreadPoolExecutor(2) as pool:
        for case, said in zip(tried, pool.map(run, range(len(tried)), tried), strict=True):
            holds = said["outcome"] == case.outcome and said["mb"] < MAX_MB and said["seconds"] < DEADLINE_S + 1
            bad += not holds
            verdict = "" if holds else f"  SHOULD BE {case.outcome}: {said['detail']}"
            print(f"{case.name:54} {said['outcome']:16} {said['seconds']:8.2f} {said['mb']:5.0f}{verdict}")
    print(f"connections to the private server: {private.connections}; cases that do not hold: {bad} of {len(tried)}")
    return 1 if bad or private.connections else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        ask(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        sys.exit(main())
