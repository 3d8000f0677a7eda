"""Browser of the tests: the system's chromium. Tests that need it are skipped where it is missing."""

from __future__ import annotations

import shutil

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Functions of JavaScript: luminance of a colour (WCAG), background behind an element, contrast of two colours.
CONTRAST = """
function channels(colour) { return colour.match(/[\\d.]+/g).map(Number); }
function light(colour) {
  const [r, g, b] = channels(colour).map(v => v / 255).map(
    v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function behind(element, view, canvas) {
  for (let e = element; e; e = e.parentElement) {
    const colour = view.getComputedStyle(e).backgroundColor, alpha = channels(colour)[3];
    if (alpha === undefined || alpha === 1) return colour;
  }
  return canvas;
}
function contrast(colour, back) {
  const [low, high] = [light(colour), light(back)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
"""
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed")
