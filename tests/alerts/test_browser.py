"""Tests of every kind of mail in a real browser, phone and desktop, light and dark: layout, contrast, safety."""

from __future__ import annotations

import html
import json
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from alerts_support import SETTINGS, every_kind, message, published, revised
from chromium import CHROMIUM, CONTRAST, needs_chromium
from hostile import hostile_details

from scraper.alerts.render import MAX_BYTES, render_message

if TYPE_CHECKING:
    from pathlib import Path

DARK = "@media (prefers-color-scheme: dark)"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --virtual-time-budget=20000 --dump-dom"
)
LOOK = """
function look(frame) {
  const page = frame.contentDocument, view = frame.contentWindow, seen = [];
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    const parent = node.parentElement, style = view.getComputedStyle(parent);
    if (!node.textContent.trim() || !parent.getClientRects().length || style.position === "absolute") continue;
    const back = behind(parent, view, "rgb(255, 255, 255)");
    seen.push([contrast(style.color, back), parseFloat(style.fontSize), node.textContent.trim()]);
  }
  return {
    name: frame.name, width: page.documentElement.scrollWidth, wanted: frame.clientWidth,
    texts: seen, background: view.getComputedStyle(page.body).backgroundColor,
    marks: [...page.querySelectorAll(".was, .now")].map(e => [
      e.className, view.getComputedStyle(e).textDecorationLine, e.previousElementSibling.textContent]),
    links: [...page.querySelectorAll("a")].map(a => [a.href, a.textContent]),
    loads: page.querySelectorAll("script, img, iframe, link, object, embed, form, base").length,
  };
}
window.onload = () => {
  const found = [...document.querySelectorAll("iframe")].map(look);
  const told = document.createElement("output");
  told.textContent = JSON.stringify({pages: found, ran: window.ran || 0});
  document.body.replaceChildren(told);
};
"""

pytestmark = needs_chromium


@dataclass(frozen=True)
class RenderedPages:
    pages: list[dict[str, Any]]
    ran: int
    sizes: dict[str, int]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> RenderedPages:
    """Measurements of all pages in one start of the browser, each in frames of two widths and two colour schemes."""
    folder: Path = tmp_path_factory.mktemp("browser")
    messages = every_kind() | {
        "hostile": message(*hostile_details("<script>parent.ran=1</script><img src=x onerror=parent.ran=2>")),
        "endless-word": message(*hostile_details("x" * 5_000)),
        "long-text": message(published("\n\n".join(["All of this is said at length. " * 40] * 200))),
        "long-diff": message(revised("One word is old here. " * 2_000, "One word is new there. " * 2_000)),
    }
    pages = {name: render_message(each, SETTINGS, name).html for name, each in messages.items()}
    frames = []
    for name, page in pages.items():
        assert page.count(DARK) == 1
        for scheme, media in (("light", "@media not all"), ("dark", "@media all")):
            source = html.escape(page.replace(DARK, media))
            frames += [
                f'<iframe name="{name} {scheme} {width}" srcdoc="{source}" style="border:0;width:{width}px"></iframe>'
                for width in (360, 800)
            ]
    (folder / "all.html").write_text(
        f"<!DOCTYPE html><meta charset=utf-8><script>{CONTRAST}{LOOK}</script>{''.join(frames)}"
    )
    command = [str(CHROMIUM), *FLAGS.split(), f"--user-data-dir={folder / 'profile'}", (folder / "all.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    dumped = re.search(r"<output>(.*)</output>", done.stdout, re.DOTALL)
    assert dumped, done.stderr[-2_000:]
    found = json.loads(html.unescape(dumped[1]))
    assert len(found["pages"]) == 4 * len(pages)
    return RenderedPages(found["pages"], found["ran"], {name: len(page.encode()) for name, page in pages.items()})


def test_nothing_is_wider_than_the_screen(rendered: RenderedPages) -> None:
    assert {page["wanted"] for page in rendered.pages} == {360, 800}
    assert [page["name"] for page in rendered.pages if page["width"] > page["wanted"]] == []


def test_every_text_contrasts_with_its_background(rendered: RenderedPages) -> None:
    weak = [(page["name"], *text) for page in rendered.pages for text in page["texts"] if text[0] < 4.5]
    assert weak == []
    assert all(len(page["texts"]) >= 3 for page in rendered.pages)


def test_dark_is_dark_and_light_is_light(rendered: RenderedPages) -> None:
    behind = {(page["name"].split()[1], page["background"]) for page in rendered.pages}
    assert behind == {("light", "rgb(255, 255, 255)"), ("dark", "rgb(22, 24, 28)")}


def test_no_text_is_too_small_to_read_on_a_phone(rendered: RenderedPages) -> None:
    assert min(text[1] for page in rendered.pages for text in page["texts"]) >= 13


def test_a_change_is_readable_without_its_colours(rendered: RenderedPages) -> None:
    marks = {tuple(mark) for page in rendered.pages for mark in page["marks"]}
    assert marks == {("was", "line-through", "[Removed: "), ("now", "underline", "[Added: ")}
    assert all(page["marks"] for page in rendered.pages if page["name"].startswith(("revised", "altered", "retitled")))


def test_links_lead_where_they_say(rendered: RenderedPages) -> None:
    links = [link for page in rendered.pages for link in page["links"]]
    assert len(links) > 50
    for address, words in links:
        assert re.match(r"https?://", address)
        assert words.startswith(re.sub(r"https?://([^/]+).*", r"\1", address))


def test_nothing_is_loaded_and_nothing_runs(rendered: RenderedPages) -> None:
    assert rendered.ran == 0
    assert [page["name"] for page in rendered.pages if page["loads"]] == []


def test_no_mail_is_so_long_that_clients_cut_it(rendered: RenderedPages) -> None:
    assert max(rendered.sizes.values()) <= MAX_BYTES
    # Those that have to be cut use the room that there is.
    assert rendered.sizes["long-text"] > 0.4 * MAX_BYTES
    assert rendered.sizes["long-diff"] > 0.2 * MAX_BYTES
