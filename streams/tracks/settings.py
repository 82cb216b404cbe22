"""The tracker's constants. One set serves every world measured; each says what it trades."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Times in s, speeds in m/s, probabilities 0..1."""

    into_manoeuvre_per_s: float = 1 / 60
    out_of_manoeuvre_per_s: float = 1 / 5
    birth_sigma_mps: float = 6.5  # of the velocity nobody has seen yet; 6 to 16 are as good
    birth_manoeuvring: float = 0.3
    birth_ratio: float = 0.03  # new objects per false plot: a first plot is worth 3 %
    first_birth_ratio: float = 0.5  # on a sensor's first look: what has been there all along is new too
    gate: float = 20.0  # squared Mahalanobis distance
    least_score: float = -3.0  # worse explanations of a plot are not considered
    survival_s: float = 200.0  # mean life of an object nobody looks at
    confirmed_from: float = 0.95
    confirmed_hits: int = 2
    confirmed_age_s: float = 0.0  # where short-lived echoes abound: from the first plot to the last
    shown_from: float = 0.5
    deleted_below: float = 0.001  # long hidden by then: one that comes back keeps its id
    tentative_deleted_below: float = 0.003
    existence_cap: float = 0.999  # some three misses in a row hide a track, six end it
    late_noise: float = 1.0  # m²/s³ charged to a late plot for what happened since
    lag_s: float = 5.0  # plots later than this are not applied
    birth_lateness: float = 0.5  # revisits behind the front after which a plot starts nothing
    clutter_memory_s: float = 300.0
    clutter_cell_sigmas: float = 10.0
    merge_every_s: float = 5.0
    merge_distance: float = 9.0
    classify_every_s: float = 5.0
