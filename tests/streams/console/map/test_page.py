"""The page as text: everything escaped, nothing from elsewhere, all in words."""

import re
from html.parser import HTMLParser

from streams.console.map import page, scene_of_alert, scene_of_zones
from tests.streams.console.map.sample import HOSTILE, SOURCE, alert, sightings, zones


class Tags(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_names_stay_text() -> None:
    """Law: a name of markup adds no element and no attribute, and is read as it was written."""
    plain = Tags(page(scene_of_alert(alert(), zones(), sightings())))
    hostile = Tags(page(scene_of_alert(alert(zone_name=HOSTILE), zones(name=HOSTILE), sightings())))
    assert hostile.tags == plain.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in plain.attributes]
    assert HOSTILE in hostile.text


def test_a_page_names_no_other_place() -> None:
    """Law: no address but the SVG namespace stands in the page, so it can be opened without any network."""
    text = page(scene_of_zones(zones()))
    assert set(re.findall(r"[a-z]+://[^\s\"'<>]+", text)) == {"http://www.w3.org/2000/svg"}
    sources = [value for name, value in Tags(text).attributes if name in {"src", "href"}]
    assert sources == ["data:,"]


def test_a_field_in_a_name_is_not_filled_in() -> None:
    """Law: what looks like the template's own field is not one where a zone is called so."""
    assert "{{script}}" in Tags(page(scene_of_zones(zones(name="{{script}}")))).text


def test_the_words_hold_what_the_picture_shows() -> None:
    """Law: sources, every zone and every position of the track stand in the page as text."""
    text = Tags(page(scene_of_alert(alert(), zones(), sightings()))).text
    for words in (SOURCE, "quiet-bay", "45.05000N 29.99500W", "2026-06-01 06:10:00Z", "crossing at"):
        assert words in text
