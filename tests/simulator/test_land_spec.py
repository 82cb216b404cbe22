"""What the files of the new worlds refuse, and by which name."""

from pathlib import Path

import pytest

from simulator.scenario import SCENARIOS, BadScenario, load

FRONTIER = SCENARIOS / "frontier.toml"


@pytest.mark.parametrize(
    "before, after, told",
    [
        ("revisit_s = 2.0", "revisit_s = 0.0", "revisit_s"),
        ("detection = [[0.0, 0.97], [3000.0, 0.93]", "detection = [[0.0, 0.97], [-1.0, 0.93]", "detection"),
        ("[[0.0, 0.97], [3000.0, 0.93], [7000.0", "[[0.0, 0.97], [9000.0, 0.93], [7000.0", "lowest first"),
        ("sees = {walker", "sees = {wolker", "sees"),
        ("facing_deg = 150.0", "facing_deg = 400.0", "facing_deg"),
        ("hold_s = 20.0", "hold_s = -1.0", "hold_s"),
        ('drone = "patrol-drone"', 'drone = "kite"', "kite"),
        ("group = [2, 7]", "group = [7, 2]", "group"),
        ("speed_mps = [0.9, 1.5]", "speed_mps = [1.5, 0.9]", "speed_mps"),
        ('broadcast = "remote-id"', 'broadcast = "radio"', "broadcast"),
        ('name = "sim-radar-east"', 'name = "sim-radar-west"', "sim-radar-west"),
        ('hears = "adsb"', 'hears = "fm"', "hears"),
        ("burst_share = 0.1", "burst_share = 1.5", "burst_share"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_by_name_of_key(before: str, after: str, told: str, tmp_path: Path) -> None:
    """The message names the file and the key or the value that is wrong."""
    text = FRONTIER.read_text()
    assert before in text
    path = tmp_path / "bad.toml"
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(BadScenario, match=r"bad\.toml") as problem:
        load(path)
    assert told in str(problem.value)


def test_a_world_that_nobody_watches_is_refused(tmp_path: Path) -> None:
    """Without receivers and sensors there would be no events."""
    path = tmp_path / "blind.toml"
    head = FRONTIER.read_text().split("[[receivers]]")[0]
    path.write_text(head)
    with pytest.raises(BadScenario, match="no receivers and no sensors"):
        load(path)


@pytest.mark.parametrize("name", ["frontier", "radars"])
def test_what_comes_along_can_be_loaded(name: str) -> None:
    """Both scenarios are whole and write true positions."""
    assert load(SCENARIOS / f"{name}.toml").truth_every_s == 1.0
