"""Tracks and truth read from files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest

from sensors.observation import Identity
from simulator.spec import Kind
from simulator.track_files import BadTracks, TruthFrames, read_positions, read_tracks
from simulator.truth import TruePosition, Truth, What
from streams.messages import TrackPicture
from tests.simulator.small import ORIGIN, PLANE, START

HEADER = "time_s,track_id,x_m,y_m,confirmed\n"


def truth_file(directory: Path, seconds: int = 6) -> Path:
    """One object that goes east at 10 m/s from (2000, 3000), and one line that is no position."""
    lines: list[Truth] = [
        Truth(what=What.EXIT, object="other", identity=Identity(), onset=START, position=ORIGIN, zone_id="z")
    ]
    for t in range(seconds):
        xy_m = (2000.0 + 10.0 * t, 3000.0)
        lon, lat = PLANE.to_lonlat(np.array(xy_m)).tolist()
        onset = START + timedelta(seconds=t)
        lines.append(
            TruePosition(
                what=What.POSITION, object="a", identity=Identity(), onset=onset, position=(lon, lat),
                time_s=float(t), xy_m=xy_m, object_kind=Kind.WALKER, covered_by=("r",), reporting=False,
            )
        )  # fmt: skip
    path = directory / "truth.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, lines)) + b"\n")
    return path


@pytest.fixture
def truth(tmp_path: Path) -> TruthFrames:
    """The positions of the file."""
    return read_positions(truth_file(tmp_path))


def test_positions_are_read_and_the_plane_is_found(truth: TruthFrames) -> None:
    """Other lines of the truth are passed over; the plane is the one the world was made on."""
    assert list(truth.moments) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert truth.moments[1.0][0].xy_m == (2010.0, 3000.0)
    assert truth.start == START
    assert tuple(truth.plane) == pytest.approx(ORIGIN, abs=1e-9)


def test_a_table_is_taken_to_the_moments_of_the_truth(truth: TruthFrames, tmp_path: Path) -> None:
    """Rows at a moment are used as they are, between rows the straight line counts, beyond a gap nothing does, and
    unconfirmed rows never do."""
    path = tmp_path / "tracks.csv"
    path.write_text(HEADER + "0.5,t,0,0,1\n1.5,t,10,2,1\n2.0,t,11,2,1\n2.0,u,5,5,0\n5.0,t,20,0,1\n")
    found = read_tracks(path, truth, gap_s=2.0)
    places = {time_s: [(p.track_id, p.xy_m) for p in points] for time_s, points in found.items()}
    assert places == {0.0: [], 1.0: [("t", (5.0, 1.0))], 2.0: [("t", (11.0, 2.0))], 3.0: [], 4.0: [],
                      5.0: [("t", (20.0, 0.0))]}  # fmt: skip


def test_pictures_of_the_topic_are_read_as_well(truth: TruthFrames, tmp_path: Path) -> None:
    """``tracks.v1`` brings lon, lat and wall time onto the same plane and moments; a lost picture is no position, and
    an identity is no dark track."""

    def picture(track: str, second: float, x_m: float, identity: Identity, state: str = "live") -> TrackPicture:
        lon, lat = PLANE.to_lonlat(np.array([x_m, 3000.0])).tolist()
        at = datetime(2026, 6, 1, 4, 0, tzinfo=UTC) + timedelta(seconds=second)
        return TrackPicture(track_id=track, event_time=at, position=(lon, lat), identity=identity, state=state)

    pictures = [
        picture("t", 0.0, 2000.0, Identity()),
        picture("t", 2.0, 2020.0, Identity(mmsi=290000001)),
        picture("t", 4.0, 2040.0, Identity(), state="lost"),
    ]
    path = tmp_path / "tracks.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, pictures)))
    found = read_tracks(path, truth)
    assert [(t, p.dark) for t, points in found.items() for p in points] == [(0.0, True), (1.0, True), (2.0, False)]
    for time_s in (0.0, 1.0, 2.0):
        assert found[time_s][0].xy_m == pytest.approx((2000.0 + 10.0 * time_s, 3000.0), abs=1e-3)


@pytest.mark.parametrize(
    "text, told",
    [
        ("time_s,id,x_m,y_m,confirmed\n", "track_id"),
        (HEADER + "0,t,east,0,1\n", "line 2"),
        (HEADER + "0,t\n", "line 2"),
    ],
)
def test_a_bad_table_is_refused_by_line(text: str, told: str, truth: TruthFrames, tmp_path: Path) -> None:
    """The message names the column or the line."""
    path = tmp_path / "tracks.csv"
    path.write_text(text)
    with pytest.raises(BadTracks, match=told):
        read_tracks(path, truth)


def test_truth_without_positions_says_what_is_needed(tmp_path: Path) -> None:
    """Alerts' truth alone is not enough for tracks."""
    path = tmp_path / "truth.jsonl"
    path.write_bytes(truth_file(tmp_path).read_bytes().splitlines()[0])
    with pytest.raises(BadTracks, match="truth_every_s"):
        read_positions(path)
