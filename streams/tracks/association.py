"""The plots of one turn of one sensor against the tracks: which track owns which plot, and what it believes then."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from streams.tracks import life
from streams.tracks.classes import NOISE
from streams.tracks.clutter import ClutterMap
from streams.tracks.existence import after_plot, likelihood_ratio, score
from streams.tracks.imm import mean
from streams.tracks.motion import innovation, predict
from streams.tracks.roles import Roles
from streams.tracks.rotations import Batch
from streams.tracks.sensor import Sensor
from streams.tracks.settings import Settings
from streams.tracks.state import Floats, Frame, Indices
from streams.tracks.table import Facts, Table

_LEAST_MODE: Final = 1e-4
_MOST_NOISE: Final = float(NOISE.max())
_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class Association:
    """Tracks that plots of one of the ``sensors`` may belong to; ``clutter`` has a map for each sensor."""

    table: Table
    sensors: tuple[Sensor, ...]
    clutter: list[ClutterMap]
    settings: Settings
    roles: Roles

    def apply(self, batch: Batch, plots: Frame) -> tuple[Indices, Indices]:
        """Update the tracks that own a plot, and the clutter map by what the others are; columns and their plots."""
        table, settings, roles = self.table, self.settings, self.roles
        sensor, clutter = self.sensors[batch.sensor], self.clutter[batch.sensor]
        clutter.pass_time(batch.newest_s)
        measured = np.array((plots.x_m, plots.y_m, plots.xx_m2, plots.yy_m2, plots.xy_m2))
        places = clutter.places(measured[0:2])
        density = clutter.density(places)  # also where no track is: the first plots say where to start
        track, plot = self._candidates(batch, measured)
        if not track.size:
            clutter.count(places, np.ones(len(plots)))
            return track, plot
        facts, z = Facts(table.facts.rows.take(track, axis=1)), measured.take(plot, axis=1)
        time_s = plots.time_s.take(plot)
        dt_s = time_s - facts.time_s
        late = float(np.minimum.reduce(dt_s)) < 0.0
        ahead_s = np.maximum(dt_s, 0.0) if late else dt_s
        if late:  # what may have happened since the plot is charged to the plot
            z[2:4] += (settings.late_noise / 3.0) * (ahead_s - dt_s) ** 3
        expected, mode = roles.predict(table.state.take(track, axis=2), facts.mode, dt_s, facts.noise, settings)
        seen = innovation(expected, z)
        each = mode * seen.likelihood
        likelihood = each[0] + each[1]
        existence = facts.existence * np.exp(ahead_s * (-1.0 / settings.survival_s))
        detection = sensor.detection_probability
        chance = density.take(plot) * (1.0 + settings.birth_ratio)
        ratio = likelihood_ratio(likelihood, detection, chance)
        value = score(existence, ratio, detection) - settings.least_score
        possible = value > 0.0
        possible &= np.minimum(seen.distance[0], seen.distance[1]) < settings.gate
        good = possible.nonzero()[0]
        chosen = roles.associate(track.take(good), plot.take(good), value.take(good), table.count, len(plots))
        pick = good.take(chosen)
        owner, owned = track.take(pick), plot.take(pick)
        state = roles.update(expected.take(pick, axis=2), seen.correction.take(pick, axis=2))
        if late:
            state = predict(state, (ahead_s - dt_s).take(pick), 0.0)
        table.state[:, :, owner] = state
        time_s = time_s.take(pick)
        facts = Facts(facts.rows.take(pick, axis=1))
        np.maximum(facts.time_s, time_s, out=facts.time_s)
        seen_s = facts.seen_s[2 * batch.sensor : 2 * batch.sensor + 2]
        np.maximum(seen_s, time_s, out=seen_s)
        likely = np.maximum(likelihood.take(pick), 1e-300)
        np.maximum(each.take(pick, axis=1) / likely, _LEAST_MODE, out=facts.mode)
        if sensor.evidence:
            facts.hits += 1.0
            self._believe(batch.sensor, places, owner, owned, facts, existence.take(pick), ratio.take(pick), density)
        table.facts.rows[:, owner] = facts.rows
        if sensor.evidence and plots.class_code is not None:
            life.tell_class(table, owner, plots.class_code.take(owned))
        return owner, owned

    def _believe(
        self,
        index: int,
        places: Indices,
        owner: Indices,
        owned: Indices,
        facts: Facts,
        existence: Floats,
        ratio: Floats,
        density: Floats,
    ) -> None:
        """Existence after the plots, and the clutter map after them: a plot nobody owns is false, the plots of a
        tentative track are by the chance that it is no object, those of a confirmed one are not.

        Each depends on the other, which matters while the map is young: then both are found in turns."""
        detection, clutter = self.sensors[index].detection_probability, self.clutter[index]
        confirmed = self.table.confirmed.take(owner)
        weight = np.ones(places.shape[1])
        if not clutter.young:
            after = after_plot(existence, ratio, detection)
            false = np.where(confirmed, 0.0, facts.hits * (1.0 - after))
            weight[owned] = false - facts.counted
            clutter.count(places, weight)
        else:
            weight[owned] = 0.0
            clutter.count(places, weight)
            mine, counted = places.take(owned, axis=1), facts.counted
            told = ratio * density.take(owned)
            for _ in range(_ROUNDS):
                after = after_plot(existence, told / clutter.density(mine), detection)
                false = np.where(confirmed, 0.0, facts.hits * (1.0 - after))
                clutter.count(mine, false - counted)
                counted = false
        facts.counted[:] = false
        np.minimum(after, self.settings.existence_cap, out=facts.existence)

    def _candidates(self, batch: Batch, measured: Floats) -> tuple[Indices, Indices]:
        """Pairs whose boxes at the middle of the plots' times meet."""
        table, n = self.table, self.table.count
        half = 0.5 * (batch.newest_s - batch.oldest_s)
        ahead = 0.5 * (batch.newest_s + batch.oldest_s) - table.time_s[:n]
        dt = np.abs(ahead)
        if half > 0.0:
            dt += half
        # The restless model is never the surer one; of x and y the greater of each counts.
        wide = table.state[:, 1, :n]
        radius = np.maximum(wide[11], wide[12])
        radius += (_MOST_NOISE / 3.0) * dt
        radius *= dt
        radius += 2.0 * np.maximum(wide[7], wide[8])
        radius *= dt
        radius += np.maximum(wide[4], wide[5])
        radius += float(np.maximum.reduce(measured[2:4], axis=None))
        radius *= self.settings.gate
        np.sqrt(radius, out=radius)
        at = mean(table.state[:, :, :n], table.mode[:, :n])
        if half > 0.0:
            radius += half * np.hypot(at[2], at[3])
        place = at[2:4] * ahead
        place += at[0:2]
        return self.roles.gate(place[0], place[1], radius, measured[0], measured[1])
