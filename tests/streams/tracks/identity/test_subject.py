"""An incident keeps its subject, and with it its id."""

from streams.tracks.identity.subject import Subject, Subjects


def test_an_open_incident_keeps_its_subject_when_the_track_gets_a_name() -> None:
    """Law: opened nameless, it stays the track's until it closes; the next one is the name's."""
    state, subject = Subjects().open(7, "entry", "z", None)
    assert subject == Subject("track", 7)
    assert state.of(7, "entry", "z", 99) == subject
    again, same = state.open(7, "entry", "z", 99)
    assert (again, same) == (state, subject)
    assert state.of(7, "loitering", "z", 99) == Subject("name", 99)
    assert state.close(7, "entry", "z").of(7, "entry", "z", 99) == Subject("name", 99)


def test_a_named_incident_stays_named_when_the_bond_breaks() -> None:
    """Law: opened under a name, it stays the name's while open."""
    state, subject = Subjects().open(7, "entry", "z", 99)
    assert subject == Subject("name", 99)
    assert state.of(7, "entry", "z", None) == subject


def test_incidents_go_with_the_track_that_stays() -> None:
    """Law: a merge loses no incident and doubles none."""
    state, _ = Subjects().open(7, "entry", "z", None)
    state, _ = state.open(7, "loitering", "z", None)
    state, _ = state.open(9, "entry", "z", 4)
    merged = state.merged(7, 9)
    assert merged.of(9, "entry", "z", None) == Subject("name", 4)
    assert merged.of(9, "loitering", "z", 4) == Subject("track", 7)
    assert len(merged.opened) == 2
    assert Subjects.load(merged.dump()) == merged
