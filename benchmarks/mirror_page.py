"""CPU of one page of a mirror, from its request to the stored copy.

    python -m benchmarks.mirror_page [--checkout DIR]

`statewire fetch` polls a mirror on this machine five times in one process. Each time its feed names five new pages of
123 KB, with 300 links, 900 blocks beside the article, and a claim. Prints the milliseconds of CPU for each page (the
request, robots.txt and the feed included) of each poll and their median without the first, which loads libraries.
`--checkout` measures the code of another checkout with the interpreter that runs this command: compare in pairs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from itertools import count
from pathlib import Path

from benchmarks.loopback import polled_site

POLLS, PAGES = 5, 5
_ARTICLE = "".join(
    f"<p>Paragraph {n}: the United States gives {n} lamps to the keepers of Harbour {n}, who wait since storm {n}.</p>"
    for n in range(40)
)
_LINKS = "".join(f"<li><a href='/link-{n}/'>Link number {n}</a></li>" for n in range(300))
_BLOCKS = "".join(
    f"<div class='c'><p>The quick keeper lights lamp {n} and runs along the quay to sea with rope and oil.</p></div>"
    for n in range(900)
)


def _feed(poll: int, port: int) -> bytes:
    items = "".join(
        f"<item><title>Lamps {n}</title><link>http://127.0.0.1:{port}/page-{n}/</link></item>"
        for n in range(poll * PAGES, (poll + 1) * PAGES)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def _page(number: str) -> bytes:
    head = f"<!doctype html><html lang=en><head><title>Lamps {number}</title></head>"
    claim = f"<p>Source: https://www.state.gov/lamps-{number}/</p>"
    article = f"<article><h1>Lamps {number}</h1>{_ARTICLE}{claim}</article>"
    return f"{head}<body><nav><ul>{_LINKS}</ul></nav>{article}<aside>{_BLOCKS}</aside></body></html>".encode()


def main() -> int:
    """Print the figures for a checkout."""
    parser = argparse.ArgumentParser(prog="benchmarks.mirror_page")
    parser.add_argument("--checkout", type=Path, default=Path.cwd())
    polls = count()

    def answer(path: str, port: int) -> tuple[str, bytes] | None:
        if path == "/feed/":
            return "application/rss+xml", _feed(next(polls), port)
        if path.startswith("/page-"):
            return "text/html; charset=utf-8", _page(path.strip("/").removeprefix("page-"))
        return None

    figures = []
    with polled_site(parser.parse_args().checkout.resolve(), "mirror", answer) as poll:
        for _ in range(POLLS):
            started_s = time.process_time()
            poll()
            figures.append((time.process_time() - started_s) / PAGES * 1000)
    print(*(f"{figure:.0f}" for figure in figures), f"ms a page; median {statistics.median(figures[1:]):.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
