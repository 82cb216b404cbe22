"""Where AIS is heard, and that it is not where nobody knows."""

import math

import numpy as np
import pytest

from streams.tracks.identity.coverage import Coverage, CoverageRules, hear, reception

RULES = CoverageRules()


def fed(rows: list[tuple[float, float, float, float]], cut: int) -> Coverage:
    """Rows of x, y, time, seconds since the sender's last; nominal interval 10 s."""
    state = Coverage.none()
    for start in range(0, len(rows), cut):
        part = np.array(rows[start : start + cut])
        state = hear(state, part[:, :2], part[:, 2], part[:, 3], np.full(len(part), 10.0), RULES)
    return state


def test_the_share_is_that_of_a_count_in_python() -> None:
    """Law: per cell, faded received over faded expected, whatever the batches."""
    rng = np.random.default_rng(1)
    rows = [
        (float(x), float(y), float(t), float(s))
        for x, y, t, s in zip(
            rng.uniform(-9000, 9000, 600), rng.uniform(-9000, 9000, 600), np.sort(rng.uniform(0, 4000, 600)),
            rng.choice([8.0, 10.0, 30.0, 900.0, np.nan], 600), strict=True,
        )
    ]  # fmt: skip
    counts: dict[tuple[int, int], tuple[float, float, float]] = {}
    for x, y, t, since in rows:
        if math.isnan(since) or since / 10.0 > RULES.longest:
            continue
        cell = (math.floor(x / RULES.cell_m), math.floor(y / RULES.cell_m))
        expected, received, at = counts.get(cell, (0.0, 0.0, t))
        fade = math.exp(-(t - at) / RULES.memory_s)
        counts[cell] = (expected * fade + max(since / 10.0, 1.0), received * fade + 1.0, t)
    for cut in (1, 600):
        state = fed(rows, cut)
        for (i, j), (expected, received, at) in counts.items():
            place = np.array([[(i + 0.5) * RULES.cell_m, (j + 0.5) * RULES.cell_m]])
            found = float(reception(state, place, rows[-1][2], RULES)[0])
            believed = expected * math.exp(-(rows[-1][2] - at) / RULES.memory_s) >= RULES.least_expected
            assert found == pytest.approx(received / expected if believed else 0.0, rel=1e-9)


def test_no_coverage_where_nobody_was_heard_or_the_receivers_are_silent() -> None:
    """Law: 0 in a cell without messages, with too few of them, and everywhere a minute after the last message."""
    steady = [(100.0, 100.0, 10.0 * i, 10.0) for i in range(40)]
    state = fed(steady, 40)
    here, away = np.array([[100.0, 100.0]]), np.array([[60_000.0, 100.0]])
    assert reception(state, here, 400.0, RULES).tolist() == [1.0]
    assert reception(state, away, 400.0, RULES).tolist() == [0.0]
    assert reception(state, here, 390.0 + RULES.healthy_s + 1.0, RULES).tolist() == [0.0]
    assert reception(fed(steady[:10], 10), here, 100.0, RULES).tolist() == [0.0]
    assert reception(Coverage.none(), here, 0.0, RULES).tolist() == [0.0]
    assert Coverage.load(state.dump()).dump() == state.dump()


def test_lost_messages_lower_the_share() -> None:
    """Law: every second message lost is a reception of one half."""
    state = fed([(100.0, 100.0, 20.0 * i, 20.0) for i in range(40)], 7)
    assert reception(state, np.array([[100.0, 100.0]]), 800.0, RULES)[0] == pytest.approx(0.5)
