"""``vedette zones``: problems with their next step, a table, a picture, an import."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from streams.cli.zones import command

LAND = {
    "type": "Feature",
    "properties": {"zone_id": "land", "kind": "territory", "name": "Land", "source": "a chart", "accuracy_m": 50},
    "geometry": {"type": "Polygon", "coordinates": [[[0, 50], [1, 50], [1, 51], [0, 51], [0, 50]]]},
}
LINE = {
    "type": "Feature",
    "properties": {"zone_id": "line", "kind": "border_line", "name": "Line"},
    "geometry": {"type": "LineString", "coordinates": [[0, 50], [0.5, 49.9], [1, 50]]},
}
BOW_TIE = {
    "type": "Feature",
    "properties": {"zone_id": "tie", "kind": "exclusion", "name": "Tie"},
    "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
}


def written(tmp_path: Path, *features: object) -> str:
    """A zones file."""
    file = tmp_path / "zones.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(file)


def run(*arguments: str) -> Result:
    """The command's result."""
    return CliRunner().invoke(command, list(arguments))


def test_check_accepts_a_sound_file(tmp_path: Path) -> None:
    """Law: a sound file is exit code 0 and says how many zones it holds."""
    result = run("check", written(tmp_path, LAND, LINE))
    assert (result.exit_code, result.output) == (0, "2 zones, no problems\n")


def test_check_names_feature_zone_reason_and_next_step(tmp_path: Path) -> None:
    """Law: a faulty file is exit code 1 and each problem says where it is and what to do."""
    result = run("check", written(tmp_path, LAND, BOW_TIE))
    assert result.exit_code == 1
    for word in ("feature 1", "tie", "self-intersection", "0.5, 0.5", "--mend"):
        assert word in result.output


def test_check_as_json(tmp_path: Path) -> None:
    """Law: --json prints one object with every problem in fields."""
    result = run("check", "--json", written(tmp_path, BOW_TIE))
    report = json.loads(result.output)
    assert result.exit_code == 1
    assert report["ok"] is False
    assert {"feature", "zone_id", "code", "message", "next_step"} == set(report["problems"][0])


def test_mend_writes_a_file_that_is_sound(tmp_path: Path) -> None:
    """Law: what --mend writes passes the check without it."""
    out = tmp_path / "mended.geojson"
    assert run("check", "--mend", "--out", str(out), written(tmp_path, BOW_TIE)).exit_code == 0
    assert run("check", str(out)).exit_code == 0


def test_a_missing_file_is_a_reason(tmp_path: Path) -> None:
    """Law: a file that is not there ends with its reason, not with a traceback."""
    for verb in ("check", "show"):
        result = run(verb, str(tmp_path / "none.geojson"))
        assert result.exit_code == 1
        assert "cannot read" in result.output


def test_show_lists_and_draws(tmp_path: Path) -> None:
    """Law: show prints a row per zone; --png is a picture with more than one colour on it."""
    png = tmp_path / "zones.png"
    result = run("show", written(tmp_path, LAND, LINE), "--png", str(png))
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == ["zone", "land", "line", "wrote"]
    with Image.open(png) as picture:
        assert picture.format == "PNG"
        assert len(picture.convert("RGB").getcolors(1_000_000) or []) > 50


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """An unpacked package of one country."""
    feature = {"type": "Feature", "properties": {"isoA3": "AAA", "isoA2": "AA"}, "geometry": LAND["geometry"]}
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "borders.geo.json").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return tmp_path


def test_import_writes_zones_with_attribution(tmp_path: Path, unpacked: Path) -> None:
    """Law: an imported file passes the check and carries the licence's attribution."""
    out = tmp_path / "out.geojson"
    arguments = ("import", "osm-borders", "--countries", "AA", "--package", str(unpacked), "--out", str(out))
    assert run(*arguments).exit_code == 0
    assert run("check", str(out)).exit_code == 0
    assert "OpenStreetMap" in out.read_text()


def test_import_of_an_unknown_country(tmp_path: Path, unpacked: Path) -> None:
    """Law: a code that is not there is a usage error that names it."""
    out = str(tmp_path / "out.geojson")
    result = run("import", "osm-borders", "--countries", "AA,XX", "--package", str(unpacked), "--out", out)
    assert result.exit_code == 2
    assert "XX" in result.output


def test_import_without_npm_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: where npm is missing one clear message names it and the way round it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("import", "osm-borders", "--countries", "AA", "--out", str(tmp_path / "out.geojson"))
    assert result.exit_code == 1
    assert "npm is not installed" in result.output
    assert "--package" in result.output


def test_schedules_are_listed(tmp_path: Path) -> None:
    """Law: show says when a zone is in force."""
    hours = {"weekly": [{"days": ["mon"], "from": "08:00", "until": "18:00"}], "time_zone": "Asia/Singapore"}
    port = {**LAND, "properties": {**LAND["properties"], "schedule": hours}}  # type: ignore[dict-item]
    result = run("show", written(tmp_path, port, LINE))
    assert "mon 08:00-18:00; Asia/Singapore" in result.output
    assert "always" in result.output


def test_derive_writes_an_indicative_zone(tmp_path: Path) -> None:
    """Law: derived zones pass the check, say that they are indicative and how far off, and keep the attribution."""
    document = {"type": "FeatureCollection", "features": [LAND], "attribution": "© A. Surveyor"}
    coast = tmp_path / "coast.geojson"
    coast.write_text(json.dumps(document))
    for sea, kind in (("territorial-sea", "territory"), ("contiguous", "protected")):
        out = tmp_path / f"{sea}.geojson"
        result = run("derive", "--kind", sea, "--from", str(coast), "--out", str(out))
        assert result.exit_code == 0, result.output
        assert "indicative" in result.output
        assert run("check", str(out)).output == "1 zone, no problems\n"
        written_ = json.loads(out.read_text())
        (feature,) = written_["features"]
        assert (feature["properties"]["kind"], feature["properties"]["indicative"]) == (kind, True)
        assert feature["properties"]["zone_id"] == f"land-{sea}"
        assert feature["properties"]["accuracy_m"] == 51.5
        assert written_["attribution"] == "© A. Surveyor"


def test_derive_from_what_is_none(tmp_path: Path) -> None:
    """Law: a file that is not there, no JSON, or a point ends with its reason, not with a traceback."""
    (tmp_path / "text").write_text("text")
    point = written(tmp_path, {**LAND, "geometry": {"type": "Point", "coordinates": [0, 0]}})
    for coast, word in ((str(tmp_path / "none"), "cannot read"), (str(tmp_path / "text"), "JSON"), (point, "Polygon")):
        result = run("derive", "--kind", "contiguous", "--from", coast)
        assert result.exit_code == 1
        assert word in result.output
