"""``docs/reference/track-picture.md`` names every field of the public picture of a track."""

from streams.messages import TrackPicture
from tests.docs.pages import rows


def test_every_field_is_on_the_page() -> None:
    """Law: the page's fields are exactly those of the message, in their order."""
    assert list(rows("reference/track-picture.md")) == list(TrackPicture.__struct_encode_fields__)
