"""A scene as a picture."""

from pathlib import Path

from PIL import Image

from streams.console.map import scene_of_alert
from streams.console.map.picture import picture
from tests.streams.console.map.sample import SOURCE, alert, sightings, zones


def test_png_shows_the_deciding_segment_and_names_its_sources(tmp_path: Path) -> None:
    """Law: the segment's colour is on the picture, and the sources travel in its metadata."""
    file = tmp_path / "alert.png"
    picture(scene_of_alert(alert(), zones(), sightings()), file)
    with Image.open(file) as drawn:
        colours = {colour for _, colour in drawn.convert("RGB").getcolors(1_000_000) or []}
        assert (0xD1, 0x49, 0x0A) in colours
        assert SOURCE in drawn.info["Description"]


def test_svg_is_the_same_each_time_and_reads_dollars_as_dollars(tmp_path: Path) -> None:
    """Law: the same scene gives the same file, and a name is never read as mathematics."""
    files = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for file in files:
        picture(scene_of_alert(alert(zone_name="$x_1$"), zones(name="$x_1$"), sightings()), file)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert "$x_1$" in files[0].read_text(encoding="utf-8")
