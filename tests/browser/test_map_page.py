"""The map page in a real browser: it stands alone, nothing in it runs that is not ours, and hands and keys move it."""

from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from streams.console.map import page, scene_of_alert, scene_of_zones
from tests.browser.chromium import Browser
from tests.streams.console.map.sample import HOSTILE, alert, sightings, zones

pytestmark = pytest.mark.slow


@pytest.fixture
def map_page(tmp_path: Path) -> Path:
    """The page of an alert whose zone and subject have hostile names."""
    file = tmp_path / "alert.html"
    file.write_text(page(scene_of_alert(alert(zone_name=HOSTILE), zones(name=HOSTILE), sightings())), encoding="utf-8")
    return file


def view(browser: Browser) -> tuple[float, float, float]:
    """Pixels a metre, and the metres in the middle."""
    k, x, y = browser.value("['k', 'x', 'y'].map((name) => +document.getElementById('map').dataset[name])")
    return k, x, y


def test_a_page_asks_for_nothing_but_itself(browser: Browser, map_page: Path) -> None:
    """Law: opened from a file it makes no network request at all, and the browser has nothing to complain of."""
    browser.open(map_page, 1200, 900)
    assert {address.partition(":")[0] for address in browser.requested()} <= {"file", "data"}
    assert [address for address in browser.requested() if address.startswith("file:")] == [map_page.as_uri()]
    assert browser.complaints() == []


def test_a_name_that_is_markup_does_not_run(browser: Browser, map_page: Path) -> None:
    """Law: a zone's name is text wherever it stands; no element and no handler comes of it."""
    browser.open(map_page, 1200, 900)
    assert browser.value("window.owned === undefined && document.querySelectorAll('script, img').length") == 1
    assert HOSTILE in browser.value("document.querySelector('h1').textContent")


def test_the_policy_alone_stops_a_script_that_got_in(browser: Browser, map_page: Path) -> None:
    """Law: even unescaped, a script that is not the page's own does not run (escaping is not the only wall)."""
    text = map_page.read_text(encoding="utf-8")
    map_page.write_text(text.replace("<h1>", "<script>window.owned = 1</script><h1>"), encoding="utf-8")
    browser.open(map_page, 1200, 900)
    assert browser.value("window.owned === undefined")
    assert any("Content Security Policy" in words for words in browser.complaints())


def test_keys_move_and_zoom_the_map(browser: Browser, map_page: Path) -> None:
    """Law: the focused map is moved by arrows, zoomed by + and -, and 0 shows the first view again."""
    browser.open(map_page, 1200, 900)
    browser.value("document.getElementById('map').focus()")
    first = view(browser)
    browser.press("ArrowRight")
    k, x, y = view(browser)
    assert (k, y) == (first[0], first[2])
    assert x - first[1] == pytest.approx(80 / k)
    browser.press("+")
    assert view(browser)[0] == pytest.approx(k * 1.5)
    browser.press("-")
    browser.press("ArrowUp")
    assert view(browser)[2] < y
    browser.press("0")
    assert view(browser) == first


def test_the_wheel_keeps_the_place_under_the_pointer(browser: Browser, map_page: Path) -> None:
    """Law: zooming by the wheel leaves the position under the pointer where it is."""
    browser.open(map_page, 1200, 900)
    where = "document.getElementById('pointer').textContent"
    browser.ask("Input.dispatchMouseEvent", type="mouseMoved", x=800, y=300)
    before = browser.value(where)
    browser.ask("Input.dispatchMouseEvent", type="mouseWheel", x=800, y=300, deltaX=0, deltaY=-60)
    browser.ask("Input.dispatchMouseEvent", type="mouseMoved", x=800, y=300)
    assert before
    assert browser.value(where) == before


def test_grid_scale_and_names_fit_the_view(browser: Browser, map_page: Path) -> None:
    """Law: there is a scale of a round length, a labelled grid, and no two shown names lie on each other."""
    browser.open(map_page, 1200, 900)
    assert browser.value("document.querySelector('#scale text').textContent").split()[1] in {"m", "km"}
    assert browser.value("document.querySelectorAll('#graticule text').length") >= 4
    boxes = browser.value(
        "[...document.querySelectorAll('#marks text')].filter((t) => t.style.display !== 'none').map((t) => "
        "{ const b = t.getBoundingClientRect(); return [b.left, b.right, b.top, b.bottom]; })"
    )
    assert len(boxes) >= 2
    for a, b in pairwise(sorted(boxes)):
        assert a[1] <= b[0] or a[3] <= b[2] or b[3] <= a[2], (a, b)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_in_light_and_dark(browser: Browser, map_page: Path, scheme: str, tmp_path: Path) -> None:
    """Law: 390 pixels are enough (nothing is cut off sideways), and text stands out from its paper in both schemes."""
    browser.open(map_page, 390, 844, scheme=scheme, phone=True)
    assert browser.value("document.documentElement.scrollWidth") <= 390
    ink, paper = (
        browser.value(f"getComputedStyle(document.body).{name}.match(/\\d+/g).slice(0, 3).map(Number)")
        for name in ("color", "backgroundColor")
    )
    assert contrast(ink, paper) >= 7
    shot = tmp_path / "shot.png"
    browser.screenshot(shot)
    with Image.open(shot) as picture:
        assert len(picture.convert("RGB").getcolors(1_000_000) or []) > 50


def contrast(one: list[int], other: list[int]) -> float:
    """The contrast ratio of two sRGB colours (WCAG 2)."""

    def luminance(colour: list[int]) -> float:
        parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_a_map_of_zones_says_them_in_words(browser: Browser, tmp_path: Path) -> None:
    """Law: what the picture shows stands in a table too, and the map has a name and a description."""
    file = tmp_path / "zones.html"
    file.write_text(page(scene_of_zones(zones(), "my zones")), encoding="utf-8")
    browser.open(file, 1000, 800)
    words = browser.value("document.querySelector('table').textContent")
    for zone in zones():
        assert zone.zone_id in words
    described = browser.value("document.getElementById('map').getAttribute('aria-describedby').split(' ')")
    assert all(browser.value(f"document.getElementById('{name}').textContent.length > 20") for name in described)
