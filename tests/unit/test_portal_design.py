"""Accessibility that can be told from the sources: contrast of the tokens, sizes of targets."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "src" / "dancu" / "portals" / "shared" / "static"

TEXT_PAIRS = [
    *[(text, ground) for text in ("ink", "ink-soft", "link") for ground in ("paper", "surface", "sunken")],
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-ribbon", "ribbon"),
    ("ink", "accent-soft"),
    *[(f"{kind}", f"{kind}-soft") for kind in ("ok", "warn", "bad", "past")],
    *[("ink", f"{kind}-soft") for kind in ("ok", "warn", "bad", "past")],
    *[("ink-soft", f"{kind}-soft") for kind in ("ok", "warn", "bad", "past")],
    ("ok", "surface"),
    ("bad", "surface"),
    ("surface", "bad"),
    ("surface", "ink"),
]
SHAPE_PAIRS = [("line-field", ground) for ground in ("paper", "surface", "sunken")] + [
    ("focus", ground) for ground in ("paper", "surface", "sunken")
]


def _tokens() -> dict[str, dict[str, str]]:
    light, _, dark = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8").partition("@media")
    read = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6})")
    day = dict(read.findall(light))
    return {"light": day, "dark": day | dict(read.findall(dark))}


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_its_ground(mode: str, text: str, ground: str) -> None:
    tokens = _tokens()[mode]
    assert _contrast(tokens[text], tokens[ground]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_borders_of_fields_and_the_focus_ring_stand_out(mode: str, shape: str, ground: str) -> None:
    tokens = _tokens()[mode]
    assert _contrast(tokens[shape], tokens[ground]) >= 3.0


def test_styles_and_templates_hold_nothing_inline() -> None:
    templates = STATIC.parents[1].rglob("*.html")
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)|javascript:")
    assert [file.name for file in templates if inline.search(file.read_text(encoding="utf-8"))] == []


def test_files_stay_readable() -> None:
    assert all(len(file.read_text(encoding="utf-8").splitlines()) < 400 for file in STATIC.rglob("*.css"))
