"""The figures of benchmarks.geo beside what is asked of them: one line each, so that nobody has to look for it."""

from collections.abc import Mapping

# path of the figure, what it is, the goal; a goal below zero is the most that is allowed
_GOALS: tuple[tuple[str, str, float], ...] = (
    ("points.uniform.million_per_s", "positions uniform, M/s", 40.0),
    ("points.near_world.million_per_s", "positions within 1 km of any border, M/s", 6.0),
    ("points.near_region.million_per_s", "positions within 1 km, one region, M/s", 10.0),
    ("points.uniform.by_batch_million_per_s.1", "positions far, one at a time, M/s", 1.0),
    ("points.near_world.by_batch_million_per_s.1", "positions near, one at a time, M/s", 0.25),
    ("segments.uniform.by_batch_million_per_s.8192", "segments far, M/s", 15.0),
    ("segments.near_world.by_batch_million_per_s.8192", "segments near, M/s", 1.5),
    ("segments.near_world.by_batch_million_per_s.1", "segments near, one at a time, M/s", 0.2),
    ("segments.near_world.by_batch_million_per_s.10", "segments near, ten at a time, M/s", 0.2),
    ("distance.within_1km.million_per_s", "distances within 1 km, M/s", 1.0),
    ("build.cpu_s", "build of the world, s", -15.0),
    ("build.peak_rss_mb", "peak memory, MB", -2000.0),
    ("build.open_ms", "opening the built index, ms", -10.0),
    ("edit.visible_s", "edit of the largest country visible, s", -1.0),
)


def beside_goals(figures: Mapping[str, object]) -> list[str]:
    """``figure (goal)`` lines, marked where the goal is missed; then the ratios to the peers of the same run."""
    lines = []
    for path, what, goal in _GOALS:
        value = _at(figures, path)
        if value is not None:
            met = value >= goal if goal > 0 else value <= -goal
            lines.append(f"{what}: {value:g} (goal {'at least' if goal > 0 else 'at most'} {abs(goal):g}){_mark(met)}")
    for name in ("uniform", "near"):
        few, many = (_at(figures, f"count.{count}.million_per_s.{name}") for count in (10, 10_000))
        if few is not None and many:
            lines.append(
                f"10 to 10,000 zones, {name}: {few / many:.1f} times slower (goal at most 3){_mark(few <= 3 * many)}"
            )
    for name in ("uniform", "near_world", "near_region"):
        mine = _at(figures, f"points.{name}.million_per_s")
        for peer, path in (("shapely", f"points.{name}.shapely_million_per_s"), ("S2", f"s2.{name}.million_per_s")):
            theirs = _at(figures, path)
            if mine and theirs:
                lines.append(f"positions {name}: {mine / theirs:.1f} times {peer} ({theirs:g} M/s)")
    mine, theirs = (
        _at(figures, "segments.near_world.by_batch_million_per_s.8192"),
        _at(figures, "segments.shapely_million_per_s"),
    )
    if mine and theirs:
        lines.append(f"segments near: {mine / theirs:.1f} times shapely ({theirs:g} M/s)")
    skipped = figures.get("s2")
    if isinstance(skipped, Mapping) and "skipped" in skipped:
        lines.append(f"S2 skipped: {skipped['skipped']}")
    return lines


def _mark(met: bool) -> str:
    return "" if met else "  MISSED"


def _at(figures: object, path: str) -> float | None:
    """The number at a dotted path, if there is one."""
    for key in path.split("."):
        if not isinstance(figures, Mapping) or key not in figures:
            return None
        figures = figures[key]
    return float(figures) if isinstance(figures, int | float) else None
