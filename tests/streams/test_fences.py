"""A fence answers alike however it came about: built, mapped from the disk, or with an edit laid over it."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.fence import Fence
from geo.schedule import Schedule
from geo.zone_index import ZoneIndex
from geo.zones import Zone, ZoneId, ZoneKind, ZoneSet
from streams import fences
from streams.fences import Fences

VERTICES = 4_000


def island(number: int, *, lon: float | None = None) -> Zone:
    """A ragged island of many vertices."""
    angle = np.linspace(0.0, 2.0 * np.pi, VERTICES, endpoint=False)
    radius = 0.8 + 0.1 * np.sin(37 * angle + number) + 0.01 * np.cos(911 * angle)
    east = 2.0 * number if lon is None else lon
    ring = np.column_stack([east + radius * np.cos(angle), radius * np.sin(angle)])
    return Zone(ZoneId(f"i{number}"), ZoneKind.TERRITORY, f"Island {number}", shapely.Polygon(ring))


def port(number: int, schedule: Schedule | None = None) -> Zone:
    """A port of entry on an island's shore."""
    shape = shapely.box(2.0 * number + 0.6, -0.1, 2.0 * number + 1.0, 0.1)
    return Zone(ZoneId(f"p{number}"), ZoneKind.PORT_OF_ENTRY, f"Port {number}", shape, schedule=schedule)


WORLD = ZoneSet((*(island(number) for number in range(6)), port(1)))


def alike(one: Fence, other: Fence) -> None:
    """Sets, crossings and distances of both, over and beside the islands."""
    places = np.random.default_rng(5).uniform((-1.5, -1.5), (12.0, 1.5), (4_000, 2))
    names = [[fence.zones_of(number) for number in fence.sets(places).tolist()] for fence in (one, other)]
    assert names[0] == names[1]
    assert len(set(names[0])) > 5
    ends = places[:400], places[400:800]
    found = [
        [
            (row["segment"], row["lon"], row["lat"], fence.zones_of(row["before"]), fence.zones_of(row["after"]))
            for row in fence.crossings(*ends)
        ]
        for fence in (one, other)
    ]
    assert found[0] == found[1]
    assert len(found[0]) > 100


@pytest.fixture
def never_built(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Calling it makes building a large index an error."""
    build = ZoneIndex.from_zones

    def refuse(zones: ZoneSet) -> ZoneIndex:
        assert sum(shapely.get_num_coordinates(zone.geometry) for zone in zones) < fences.FEW_EDGES
        return build(zones)

    return lambda: monkeypatch.setattr(ZoneIndex, "from_zones", refuse)


def test_the_second_worker_maps_what_the_first_one_built(tmp_path: Path, never_built: Callable[[], None]) -> None:
    """It builds nothing, and answers alike."""
    plain = Fence(WORLD)
    alike(Fences(tmp_path / "zones")(WORLD), plain)
    never_built()
    alike(Fences(tmp_path / "zones")(WORLD), plain)


def test_an_edit_is_laid_over_the_version_before(tmp_path: Path, never_built: Callable[[], None]) -> None:
    """A zone moved, one removed and one new: nothing large is built, and the answers are those of a fresh fence. A
    second edit is laid over the same version, and undoing it all is no edit."""
    make = Fences(tmp_path)
    make(WORLD)
    first = ZoneSet((island(0, lon=0.1), *WORLD.zones[2:], port(3)))
    second = ZoneSet((*WORLD.zones, port(4)))
    expected = [Fence(first), Fence(second), Fence(WORLD)]
    never_built()
    for zones, fresh in zip((first, second, WORLD), expected, strict=True):
        alike(make(zones), fresh)


def test_a_port_that_gets_opening_hours_is_no_hole_any_more(tmp_path: Path) -> None:
    """Its kind in the index depends on its hours; that is an edit too."""
    make = Fences(tmp_path)
    make(WORLD)
    hours = Schedule({"from": "2026-01-01"})
    gated = ZoneSet((*WORLD.zones[:-1], replace(WORLD.zones[-1], schedule=hours)))
    alike(make(gated), Fence(gated))


def test_too_large_an_edit_is_built(tmp_path: Path) -> None:
    """Every position would be asked of it; the next edits are laid over that version."""
    make = Fences(tmp_path)
    make(WORLD)
    moved = ZoneSet(tuple(island(number, lon=2.0 * number + 0.3) for number in range(6)))
    alike(make(moved), Fence(moved))
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 2


def test_a_spoilt_index_is_built_again(tmp_path: Path) -> None:
    """A table cut short is found, and replaced."""
    Fences(tmp_path)(WORLD)
    (kept,) = (path for path in tmp_path.iterdir() if path.is_dir())
    table = max(kept.glob("*.npy"), key=lambda path: path.stat().st_size)
    os.truncate(table, 100)
    alike(Fences(tmp_path)(WORLD), Fence(WORLD))
    assert table.stat().st_size > 100


def test_what_cannot_be_kept_is_built(tmp_path: Path) -> None:
    """A file where the directory should be."""
    (tmp_path / "zones").write_text("")
    alike(Fences(tmp_path / "zones")(WORLD), Fence(WORLD))


def test_few_edges_leave_the_disk_alone(tmp_path: Path) -> None:
    """Looking would take longer than building."""
    Fences(tmp_path / "zones")(ZoneSet((port(1), port(2))))
    assert not (tmp_path / "zones").exists()


def test_only_the_latest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was used last stays, also when it was made first."""
    monkeypatch.setattr(fences, "MOST_KEPT", 2)
    worlds = [ZoneSet((*WORLD.zones, port(10 + number))) for number in range(3)]

    def kept() -> set[Path]:
        return {path for path in tmp_path.iterdir() if path.is_dir()}

    Fences(tmp_path)(worlds[0])
    (first,) = kept()
    Fences(tmp_path)(worlds[1])
    (second,) = kept() - {first}
    for path, then in ((first, 1_000), (second, 2_000)):
        os.utime(path, (then, then))
    Fences(tmp_path)(worlds[0])  # used again: now the second is the oldest
    Fences(tmp_path)(worlds[2])
    assert first in kept()
    assert second not in kept()
    assert len(kept()) == 2
