"""An environment in; the browser that is found, and the pictures it makes, out."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from local.chromium import NAMES, find_chromium
from local.screenshot import shoot_element, shoot_page


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def size(picture: Path) -> tuple[int, int]:
    """Width and height out of the first chunk (PNG specification, 11.2.1 IHDR)."""
    return struct.unpack(">II", picture.read_bytes()[16:24])


@pytest.mark.parametrize("name", NAMES)
def test_a_browser_on_the_path_is_found_by_its_usual_names(tmp_path, name):
    assert find_chromium({"PATH": str(tmp_path)}) is None
    expected = program(tmp_path / name)
    assert find_chromium({"PATH": str(tmp_path)}) == expected


def test_the_named_browser_goes_before_those_on_the_path(tmp_path):
    program(tmp_path / "chromium")
    named = program(tmp_path / "another")
    assert find_chromium({"PATH": str(tmp_path), "CHROMIUM": str(named)}) == named


def test_pictures_have_the_size_that_was_asked_for_and_are_small(chromium, teams, post, card, tmp_path):
    post(card(*[{"type": "TextBlock", "text": "line"}] * 30))
    window, whole, element = tmp_path / "window.png", tmp_path / "whole.png", tmp_path / "element.png"
    shoot_page(teams.page_url, window, width=400, height=300, theme="dark", running=chromium)
    shoot_page(teams.page_url, whole, width=400, running=chromium)
    shoot_element(teams.page_url, ".card", element, width=400, running=chromium)
    assert size(window) == (800, 600)
    assert size(whole)[1] > size(element)[1] > size(window)[1]
    assert max(picture.stat().st_size for picture in (window, whole, element)) < 250_000
