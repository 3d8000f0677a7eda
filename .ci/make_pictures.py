"""Maker of the pictures in docs/pictures: a mail, a terminal session and two pages of the demo.

Run as `python .ci/make_pictures.py` after a change of mails, of output or of pages. It needs chromium.
"""

import html
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from email import message_from_bytes, policy
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
COLUMNS = 88
COMMANDS = ("events --kind revised", "diff 4", "copies 4 --relation altered")
MAIL_PX = 680
TERMINAL_PX = 860
PAGE_PX = 960
# Pages are long, and their pictures have to stay small.
PAGE_HEIGHT_PX = 880
PAGES = {"today.png": "", "statement.png": "statements/4"}
THEME = TerminalTheme(
    (255, 255, 255),
    (31, 35, 40),
    [
        (31, 35, 40),
        (179, 29, 40),
        (26, 110, 50),
        (140, 90, 0),
        (9, 90, 190),
        (110, 60, 170),
        (20, 110, 120),
        (90, 96, 104),
    ],
)
CONFIG = """
fetch: {contact: press-desk@embassy.example}
sources:
  - {name: state, role: canonical, endpoints: [{kind: feed, url: "https://www.state.gov/rss-feed/press-releases/feed/"}]}
alerts: {sender: statewire@embassy.example}
watches:
  - {name: River desk, to: [rivers@embassy.example], about: {words: [Port Merrow]}, when: [published, revised]}
"""
TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 14px 18px; background: #fff; }}
pre {{ margin: 0; font: 14px/1.45 "DejaVu Sans Mono", monospace; color: #1f2328; }}
</style><pre>{text}</pre>"""
HEADERS = """<table style="font: 14px/1.5 sans-serif; color: #1f2328; border-bottom: 1px solid #ccc; width: 100%;
padding: 12px 36px 10px">{rows}</table>"""
BORDER = "<style>html {{ box-sizing: border-box; border: 1px solid #d0d7de; min-height: {height}px }}</style>"


def main() -> None:
    """Write all pictures, or exit with a message without chromium."""
    if CHROMIUM is None:
        sys.exit("make_pictures: install chromium")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(folder, "-q", "demo", "--json")
        (folder / "config.yaml").write_text(CONFIG, "utf-8")
        run(folder, "alerts", "preview", "--kind", "statement.revised", "--watch", "River desk")
        photograph(mail(next(folder.glob("event-*.eml"))), MAIL_PX, PICTURES / "mail.png", folder)
        photograph(terminal(folder), TERMINAL_PX, PICTURES / "terminal.png", folder)
        run(folder, "site", "site")
        for name, path in PAGES.items():
            own = folder / "site" / path
            photograph(page(own / "index.html"), PAGE_PX, PICTURES / name, own, most_px=PAGE_HEIGHT_PX, scale=1.0)


def run(folder: Path, *arguments: str) -> str:
    """Run statewire on the demo's database in a folder, with colours, and return its stdout."""
    code = "from scraper.cli import main; main()"
    command = [sys.executable, "-c", code, "--color", "always", "--db", "demo.db", *arguments]
    environment = os.environ | {"COLUMNS": str(COLUMNS)}
    ran = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    return ran.stdout


def mail(path: Path) -> str:
    """Return the HTML part of a mail, below its headers as a mail program shows them."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    part = message.get_body(("html",))
    rows = "".join(
        f'<tr><td style="color: #666; width: 90px">{name}</td><td>{html.escape(str(message[name]))}</td></tr>'
        for name in ("From", "To", "Subject")
    )
    return re.sub(r"(<body[^>]*>)", lambda body: body[1] + HEADERS.format(rows=rows), part.get_content(), count=1)


def terminal(folder: Path) -> str:
    """Return a session in a terminal as HTML."""
    session = "".join(f"$ statewire {line}\n{run(folder, *line.split())}\n" for line in COMMANDS)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), highlight=False)
    console.print(Text.from_ansi(session.rstrip()), soft_wrap=False)
    return TERMINAL.format(text=console.export_html(inline_styles=True, theme=THEME, code_format="{code}").rstrip())


def page(path: Path) -> str:
    """Return a page without its policy, which forbids the script that measures it."""
    return re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", path.read_text("utf-8"))


def photograph(
    content: str, width: int, picture: Path, folder: Path, *, most_px: int = 2_000, scale: float = 1.3
) -> None:
    """Write a picture of a page, or of its beginning, at a width in CSS pixels; its links start in the folder."""
    path = folder / f"{picture.stem}.html"
    measure = "<script>onload=()=>document.title='height:'+document.documentElement.scrollHeight</script>"
    path.write_text(content + measure, "utf-8")
    found = re.search(r"height:(\d+)", browse(path, f"--window-size={width},100", "--dump-dom"))
    if found is None:
        sys.exit("make_pictures: the browser gave no height")
    height = min(most_px, int(found[1]))
    path.write_text(content + BORDER.format(height=height), "utf-8")
    browse(path, f"--window-size={width},{height}", f"--force-device-scale-factor={scale}", f"--screenshot={picture}")


def browse(path: Path, *flags: str) -> str:
    """Open a page in chromium and return its stdout."""
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *flags, path.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout  # noqa: S603


if __name__ == "__main__":
    main()
