"""Visits to pages in a real browser: what each page is like in every width and scheme, printed, and by keyboard."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from chromium import CHROMIUM, CONTRAST
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

WIDTHS = (1_400, 800, 360)
HEIGHT = 400  # what is not in view is laid out and not painted, which is most of the CPU
MAX_TABS = 60
CONTENT_TABS = 5
TIMEOUT_MS = 15_000
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run")
# WCAG 2.1 AA, and the good practice of landmarks and headings that it leaves open.
_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
# Without selectors of all elements that keep the rules, and style sheets read twice: half of its time.
_AXE = """
rules => axe.run({
  runOnly: rules, resultTypes: ["violations"], selectors: false, iframes: false, preload: false,
}).then(found => found.violations.map(rule => [
  rule.id, rule.impact,
  rule.nodes.slice(0, 3).map(node => `${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 200)}`)]))
"""

# Elements that reach beyond the right edge, unless an element around them scrolls or clips by itself.
_LAYOUT = """
() => {
  const edge = document.documentElement.clientWidth, wide = [];
  const contained = new Set();
  for (const e of document.body.querySelectorAll("*")) {
    if (contained.has(e.parentElement)) { contained.add(e); continue; }
    if (getComputedStyle(e).overflowX !== "visible") contained.add(e);
    const box = e.getBoundingClientRect();
    if (box.width && box.right > edge + 1) wide.push(e.outerHTML.slice(0, 120));
  }
  return {scrolled: document.scrollingElement.scrollWidth, edge, wide: wide.slice(0, 5)};
}
"""
# Texts with too little contrast: on the screen, and on paper, for which browsers leave the backgrounds out.
_PALE = f"""
isPrinted => {{{CONTRAST}
  const pale = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const canvas = getComputedStyle(document.body).backgroundColor;
  for (let node; node = walker.nextNode();) {{
    const parent = node.parentElement;
    if (!node.textContent.trim() || !parent.checkVisibility()) continue;
    const colour = getComputedStyle(parent).color;
    const back = isPrinted ? "rgb(255, 255, 255)" : behind(parent, window, canvas);
    if (contrast(colour, back) < 4.5) pale.push([colour, back, node.textContent.trim().slice(0, 60)]);
  }}
  return pale.slice(0, 5);
}}
"""
_PRINTED = """
() => {
  const body = getComputedStyle(document.body);
  const shown = [...document.querySelectorAll("nav, form, summary, .skip, .switch, .actions")].filter(
    e => e.checkVisibility() && e.innerText.trim());
  return {ink: body.color, paper: body.backgroundColor, shown: shown.map(e => e.outerHTML.slice(0, 80))};
}
"""
# Record each stop of the keyboard: its place among all that can have the focus, and whether one sees that it has it.
_PLACES = """
() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  const places = all.filter(e => e.tabIndex >= 0 && !e.disabled && e.type !== "hidden" && e.checkVisibility());
  window.__stops = [];
  document.addEventListener("focusin", ({target: e}) => {
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
    const inside = box.width > 0 && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
    window.__stops.push({
      tag: e.outerHTML.slice(0, 120), href: e.getAttribute("href") || "", index: places.indexOf(e), marked, inside});
  });
  const content = document.querySelector("main");
  const before = e => !content || (e.compareDocumentPosition(content) & Node.DOCUMENT_POSITION_FOLLOWING);
  return {places: places.map(e => e.outerHTML.slice(0, 120)), first: places.filter(before).length};
}
"""
_CONTENT = """
() => ({
  hrefs: [...document.querySelectorAll("[href], [src], [action]")].map(
    e => e.getAttribute("href") || e.getAttribute("src") || e.getAttribute("action") || ""),
  scripts: document.querySelectorAll("script[src]").length,
  loads: document.querySelectorAll("iframe, object, embed, base").length,
  inline: document.querySelectorAll("[style], [onclick], [onerror], [onload], style, script:not([src])").length,
  headings: [...document.querySelectorAll("h1, h2, h3")].map(e => e.textContent.trim()),
  words: document.querySelector("main") ? document.querySelector("main").innerText.split(/\\s+/).length : 0,
})
"""


@dataclass(slots=True)
class Visit:
    """One visit to a page: its measurements, and what the browser reported."""

    path: str
    status: int = 0
    ran: str | None = None
    layout: dict[int, dict[str, Any]] = field(default_factory=dict)
    axe: list[tuple[str, str, list[str]]] = field(default_factory=list)
    pale_in_dark: list[tuple[str, str, str]] = field(default_factory=list)
    pale_in_print: list[tuple[str, str, str]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    first_place: int = 0  # in the content
    tabs: list[dict[str, Any]] = field(default_factory=list)
    printed: dict[str, Any] = field(default_factory=dict)
    content: dict[str, Any] = field(default_factory=dict)
    console: list[str] = field(default_factory=list)
    other_hosts: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@contextmanager
def started() -> Iterator[Browser]:
    """Start the system's chromium, and close it afterwards. Nothing is downloaded."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def context(browser: Browser, *, scripts: bool = True) -> BrowserContext:
    """Return a new context, as a new visitor has it."""
    found = browser.new_context(viewport={"width": WIDTHS[0], "height": HEIGHT}, java_script_enabled=scripts)
    found.set_default_timeout(TIMEOUT_MS)
    return found


def visit(page: Page, root: str, path: str, *, in_full: bool) -> Visit:
    """Return the measurements of a page after one request for it: its content, and its layout in every width.

    `in_full` adds what depends on templates and styles only: keyboard, axe, contrast in
    the dark scheme, and how the page is printed by a browser with a dark scheme.
    """
    found = Visit(path)
    on_console, on_error, on_request, on_response = _listeners(found, root)
    page.on("console", on_console)
    page.on("pageerror", on_error)
    page.on("request", on_request)
    page.on("response", on_response)
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    page.emulate_media(media="screen", color_scheme="light")
    response = page.goto(root + path)
    found.status = response.status if response else 0
    found.content = page.evaluate(_CONTENT)
    if in_full:
        tab_through(page, found, from_content=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found.layout[width] = page.evaluate(_LAYOUT)
    if in_full:
        page.evaluate(AXE_SCRIPT)  # not as an element of the page, whose policy stays in force
        found.axe = page.evaluate(_AXE, _RULES)
        page.emulate_media(color_scheme="dark")
        found.pale_in_dark = page.evaluate(_PALE, False)
        page.emulate_media(media="print")
        found.printed = page.evaluate(_PRINTED)
        found.pale_in_print = page.evaluate(_PALE, True)
    found.ran = page.evaluate("() => window.ran === undefined ? null : String(window.ran)")
    page.remove_listener("console", on_console)
    page.remove_listener("pageerror", on_error)
    page.remove_listener("request", on_request)
    page.remove_listener("response", on_response)
    return found


def _listeners(found: Visit, root: str) -> tuple[Any, Any, Any, Any]:
    host = urlsplit(root).netloc

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            found.console.append(message.text)

    def on_request(request: Request) -> None:
        if urlsplit(request.url).netloc not in {host, ""}:
            found.other_hosts.append(request.url)

    def on_response(response: Any) -> None:
        if response.status >= 400:
            found.failed.append(f"{response.status} {response.url}")

    return on_console, lambda error: found.console.append(str(error)), on_request, on_response


def tab_through(page: Page, found: Visit, *, from_content: bool) -> None:
    """Press Tab from the top of a page on; `from_content` follows the skip link, and goes on from where it leads."""
    measured = page.evaluate(_PLACES)
    found.places, found.first_place = measured["places"], measured["first"]
    page.keyboard.press("Tab")
    if from_content and page.evaluate("() => document.activeElement.getAttribute('href') === '#content'"):
        page.keyboard.press("Enter")
    behind = len(found.places) - (found.first_place if from_content else 1)
    for _ in range(min(behind, CONTENT_TABS if from_content else MAX_TABS)):
        page.keyboard.press("Tab")
    found.tabs = page.evaluate("() => window.__stops")
