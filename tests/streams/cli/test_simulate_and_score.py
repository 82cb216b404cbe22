"""``vedette simulate`` and ``vedette score`` as a person uses them."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from streams.cli.codes import BrokerUnreachable
from streams.cli.main import vedette
from streams.embedded.settings import free_ports


def run(*arguments: str) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(vedette, arguments)


def simulate(directory: Path, *more: str) -> dict[str, bytes]:
    """A minute of the strait into files; their bytes by name."""
    paths = {name: directory / name for name in ("events", "truth", "zones")}
    options = [part for name, path in paths.items() for part in (f"--{'out' if name == 'events' else name}", str(path))]
    result = run("simulate", "strait", "--seconds", "60", *options, *more)
    assert result.exit_code == 0, result.output
    return {name: path.read_bytes() for name, path in paths.items()}


def test_a_scenario_becomes_the_same_files_each_time(tmp_path: Path) -> None:
    """Same scenario, same seed: the same bytes of events and truth; another seed is another world."""
    directories = [tmp_path / name for name in "abc"]
    for directory in directories:
        directory.mkdir()
    first, again = (simulate(directory) for directory in directories[:2])
    other = simulate(directories[2], "--seed", "99")
    assert first == again
    assert first["events"] != other["events"]
    assert json.loads(first["zones"])["type"] == "FeatureCollection"
    assert json.loads(first["events"].splitlines()[0])["simulated"] is True
    assert {json.loads(line)["schema"] for line in first["truth"].splitlines()} == {"vedette.truth.v1"}


def test_nmea_is_written_as_sentences(tmp_path: Path) -> None:
    """The other format is what a receiver logs."""
    assert b"!AIVDM," in simulate(tmp_path, "--format", "nmea")["events"].splitlines()[0]


def test_from_scenario_to_score(tmp_path: Path) -> None:
    """Simulate, replay and score give a whole result, for people and as JSON."""
    simulate(tmp_path)
    alerts, truth = str(tmp_path / "alerts"), str(tmp_path / "truth")
    replay = run(
        "replay", str(tmp_path / "events"), "--format", "json", "--zones", str(tmp_path / "zones"), "--out", alerts
    )
    assert replay.exit_code == 0, replay.output
    scored = run("score", alerts, "--truth", truth, "--json")
    result = json.loads(scored.output)
    assert result["expected"] >= 1
    assert (result["recall"], result["precision"], result["phantoms"]) == (1.0, 1.0, [])
    text = run("score", alerts, "--truth", truth).output
    assert "recall     100.00%" in text
    assert "distress" in text


def test_what_is_missed_is_listed(tmp_path: Path) -> None:
    """Without alerts recall is 0 and each miss is named with its reason."""
    simulate(tmp_path)
    (tmp_path / "none").write_bytes(b"")
    text = run("score", str(tmp_path / "none"), "--truth", str(tmp_path / "truth")).output
    assert "recall       0.00%" in text
    assert "runner-0 incursion north-territory: not alerted" in text


def test_files_that_are_something_else_are_refused(tmp_path: Path) -> None:
    """A swapped pair of files is a usage error, not a score."""
    simulate(tmp_path)
    swapped = run("score", str(tmp_path / "truth"), "--truth", str(tmp_path / "truth"))
    assert swapped.exit_code == 2
    assert "not alerts, or not truth" in swapped.output


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("no-such-place",), "no-such-place"),
        (("strait", "--live", "--speed", "60x"), "--live is for Kafka at 1x"),
        (("strait", "--live", "--out", "x"), "--live is for Kafka at 1x"),
        (("strait", "--speed", "quick"), "expected 1x, 60x"),
    ],
)
def test_a_wrong_call_is_explained(arguments: tuple[str, ...], told: str) -> None:
    """Exit code 2 and one line that says what was expected."""
    result = run("simulate", *arguments)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


@pytest.mark.parametrize("verb", [("simulate", "strait"), ("publish", __file__, "--format", "json")])
def test_without_a_broker_the_next_step_is_named(verb: tuple[str, ...]) -> None:
    """Exit code 3 within seconds, not a client's half-minute of silence."""
    port = free_ports().client
    result = run(*verb, "--broker", f"127.0.0.1:{port}")
    assert isinstance(result.exception, BrokerUnreachable)
    assert "vedette broker start" in str(result.exception)


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("a.csv", "b.csv", "c.csv", "--vendor", "x", "--vendor", "y"), "given 2 times for 3 inputs"),
        (("a.csv", "--kind", "Raw Data"), "--kind"),
        (("a.csv", "--vendor", "Coast Guard"), "vendor"),
    ],
)
def test_publish_explains_a_wrong_call(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    """A vendor's name is part of a topic's name, and inputs and vendors must fit together."""
    result = run("publish", *arguments, "--format", "csv")
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


def test_from_radars_to_the_score_of_tracks(tmp_path: Path) -> None:
    """Four radars and AIS, tracked offline and scored: hardly anything missed, false or switched, per set of sensors
    and as JSON; bounds are some times what is measured (0.2 missed, 0.03 false, 1 switch among 210 objects)."""
    truth, plots, sensors, tracks = (str(tmp_path / name) for name in ("truth", "plots.csv", "sensors.toml", "tracks"))
    made = run("simulate", "radars", "--seconds", "40", "--truth", truth, "--plots", plots, "--sensors", sensors)
    assert made.exit_code == 0, made.output
    tracked = run("track", plots, "--format", "plots-csv", "--sensors", sensors, "--at", "1.0", "--out", tracks)
    assert tracked.exit_code == 0, tracked.output
    scored = run("score", "--tracks", tracks, "--truth", truth, "--sensors", "sim-radar-ne,sim-radar-sw", "--json")
    both, some = json.loads(scored.output)
    assert (both["sensors"], some["sensors"]) == ("all", "sim-radar-ne+sim-radar-sw")
    assert both["objects"] > 200
    assert both["missed"] < 3.0
    assert both["false"] < 2.0
    assert both["switches"] <= 5
    assert both["localisation_m"] < 10.0
    assert both["confirm_s"]["p95"] <= 3.0
    text = run("score", "--tracks", tracks, "--truth", truth).output
    assert "GOSPA with c = 50 m" in text
    assert "sim-ais-radars" in text


def test_the_frontier_is_tracked_on_land(tmp_path: Path) -> None:
    """Two ground radars over the land frontier: most of what can be told apart is followed and little is invented.

    Radars that see 12 m and 0.8° apart cannot tell the members of a group or a herd apart, so much of the truth is
    missed by nature; what the bounds hold is that tracks lie on objects and are as near as the sensor allows."""
    truth, plots, sensors, tracks = (str(tmp_path / name) for name in ("truth", "plots.csv", "sensors.toml", "tracks"))
    made = run("simulate", "frontier", "--seconds", "120", "--truth", truth, "--plots", plots, "--sensors", sensors)
    assert made.exit_code == 0, made.output
    radars = "sim-radar-west,sim-radar-east"
    tracked = run(
        "track", plots, "--format", "plots-csv", "--sensors", sensors, "--at", "1.0", "--only", radars, "--out", tracks
    )
    assert tracked.exit_code == 0, tracked.output
    scored = run("score", "--tracks", tracks, "--truth", truth, "--sensors", radars, "--cutoff", "30", "--json")
    found = json.loads(scored.output)[1]
    assert found["false"] < 2.0
    assert found["localisation_m"] < 12.0
    assert found["missed"] < 0.6 * found["objects"]


def test_a_world_becomes_a_picture(tmp_path: Path) -> None:
    """The picture is well-formed SVG with a way for each object and the plots in one path."""
    picture = tmp_path / "world.svg"
    made = run("simulate", "frontier", "--seconds", "10", "--picture", str(picture))
    assert made.exit_code == 0, made.output
    root = ElementTree.fromstring(picture.read_text())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root) > 60
    assert "frontier: " in picture.read_text()


def test_load_is_made_at_the_rate_that_is_asked_for(tmp_path: Path) -> None:
    """``--plot-rate`` scales boats and clutter; AIS comes on top."""
    plots = tmp_path / "plots.csv"
    made = run("simulate", "radars", "--seconds", "4", "--plot-rate", "2000", "--plots", str(plots))
    assert made.exit_code == 0, made.output
    radar = [line for line in plots.read_text().splitlines() if ",sim-radar-" in line]
    assert len(radar) == pytest.approx(8000, rel=0.1)
    assert "no sensor sees anything" in run("simulate", "strait", "--plot-rate", "10", "--plots", str(plots)).output


@pytest.mark.parametrize("arguments", [("--truth", "t"), ("a", "--tracks", "a", "--truth", "t")])
def test_alerts_or_tracks_are_scored_not_both(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Neither and both are refused with what was expected."""
    for name in "at":
        (tmp_path / name).write_text("")
    paths = [argument if argument.startswith("-") else str(tmp_path / argument) for argument in arguments]
    told = run("score", *paths)
    assert told.exit_code == 2
    assert "expected ALERTS or --tracks" in told.output
