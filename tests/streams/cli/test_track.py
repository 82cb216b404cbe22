"""``vedette track`` as a person, and a measurement from outside, use it."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchmarks.track_autoferry import boats
from simulator.gospa import gospa
from streams.cli.main import vedette

SENSORS = """[[sensor]]
sensor_id = "r1"
modality = "radar"
revisit_s = 1.0
sigma_m = 10.0
detection_probability = 0.9
"""


def run(*arguments: str) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(vedette, ["track", *arguments])


@pytest.fixture
def plots(tmp_path: Path) -> Path:
    """Two objects on straight lines for twenty seconds, without noise."""
    lines = ["time_s,sensor_id,x_m,y_m"]
    for t in range(20):
        lines += [f"{t}.0,r1,{10 * t},0", f"{t}.0,r1,1000,{-5 * t}"]
    path = tmp_path / "plots.csv"
    path.write_text("\n".join(lines))
    return path


def rows(path: Path) -> list[dict[str, str]]:
    """What was written."""
    with path.open() as lines:
        return list(csv.DictReader(lines))


def test_two_objects_are_two_tracks_at_every_scan(plots: Path, tmp_path: Path) -> None:
    """Header, one row per track and scan, confirmed from the second or third hit on, near the object."""
    (tmp_path / "sensors.toml").write_text(SENSORS)
    out = tmp_path / "tracks.csv"
    result = run(str(plots), "--format", "plots-csv", "--sensors", str(tmp_path / "sensors.toml"), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert out.read_text().splitlines()[0] == "time_s,track_id,x_m,y_m,confirmed"
    found = rows(out)
    assert len(found) == 40
    assert len({row["track_id"] for row in found}) == 2
    assert all(row["confirmed"] == "1" for row in found if float(row["time_s"]) >= 3)
    last = sorted((float(row["x_m"]), float(row["y_m"])) for row in found if float(row["time_s"]) == 19.0)
    assert np.allclose(last, [(190.0, 0.0), (1000.0, -95.0)], atol=3.0)


def test_a_grid_and_the_bench_line(plots: Path, tmp_path: Path) -> None:
    """--at gives whole multiples; the last line of --bench --json is one object with the rate."""
    out = tmp_path / "tracks.csv"
    result = run(str(plots), "--format", "plots-csv", "--at", "0.5", "--out", str(out), "--bench", "--json")
    assert result.exit_code == 0, result.output
    last = json.loads(result.stdout.strip().splitlines()[-1])
    assert last["plots"] == 40
    assert last["plots_per_second"] > 0
    times = sorted({float(row["time_s"]) for row in rows(out)})
    assert np.allclose(np.diff(times), 0.5)
    assert times[-1] == 19.0


def test_the_same_file_gives_the_same_bytes(plots: Path, tmp_path: Path) -> None:
    """Ids too: they follow from the observations."""
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    for out in (first, second):
        assert run(str(plots), "--format", "plots-csv", "--out", str(out)).exit_code == 0
    assert first.read_bytes() == second.read_bytes()


def test_bad_rows_are_told_and_strict_ends_with_1(plots: Path, tmp_path: Path) -> None:
    """Line, field and expected value; the rest is tracked all the same."""
    plots.write_text(plots.read_text() + "\n20.0,r1,east,0\n")
    out = str(tmp_path / "tracks.csv")
    result = run(str(plots), "--format", "plots-csv", "--out", out)
    assert result.exit_code == 0
    assert "line 42: x_m: expected a finite number of metres, got 'east'" in result.stderr
    assert run(str(plots), "--format", "plots-csv", "--out", out, "--strict").exit_code == 1


@pytest.mark.parametrize("wrong", ["missing.csv", "header", "sensors", "only"])
def test_what_cannot_be_read_is_a_usage_error(wrong: str, plots: Path, tmp_path: Path) -> None:
    """Exit 2 and one line, no traceback."""
    arguments = [str(plots), "--format", "plots-csv"]
    if wrong == "missing.csv":
        arguments[0] = str(tmp_path / wrong)
    elif wrong == "header":
        plots.write_text("a,b\n1,2\n")
    elif wrong == "sensors":
        (tmp_path / "s.toml").write_text(SENSORS.replace("1.0", "-1.0"))
        arguments += ["--sensors", str(tmp_path / "s.toml")]
    else:
        arguments = [str(plots), "--format", "autoferry", "--only", "sonar"]
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


@pytest.mark.data
@pytest.mark.parametrize("only,most", [("radar", 15.0), ("radar,lidar", 14.6)])
def test_the_recorded_boats_are_followed(only: str, most: float, data_dir: Path, tmp_path: Path) -> None:
    """Scenarios 2 to 6, one configuration: mean GOSPA (c 20 m, 1 Hz) of radar alone at most 15.0; the lidar helps."""
    means = []
    for number in range(2, 7):
        out = tmp_path / f"{number}.csv"
        source = data_dir / "autoferry" / f"scenario{number}_detections.json.gz"
        result = run(str(source), "--format", "autoferry", "--only", only, "--at", "1.0", "--out", str(out))
        assert result.exit_code == 0, result.output
        means.append(_mean_gospa(out, data_dir, number))
    assert np.mean(means) <= most


def _mean_gospa(out: Path, data_dir: Path, number: int) -> float:
    truth = boats(data_dir / "autoferry" / f"scenario{number}_groundTruth.json.gz")
    shown: dict[float, list[tuple[float, float]]] = {}
    for row in rows(out):
        place = shown.setdefault(float(row["time_s"]), [])
        if row["confirmed"] == "1":
            place.append((float(row["x_m"]), float(row["y_m"])))
    totals = []
    for time_s, places in shown.items():
        there = [boat for boat in truth.values() if boat[0][0] <= time_s <= boat[0][-1]]
        here = [(np.interp(time_s, t, x), np.interp(time_s, t, y)) for t, x, y in there]
        if here:
            totals.append(gospa(np.array(here, np.float64), np.array(places).reshape(-1, 2), c_m=20.0).total)
    return float(np.mean(totals))
