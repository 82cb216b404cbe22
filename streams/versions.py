"""The loaded versions of one side input: numbered 1, 2, 3, … in its log, each in force from an event time on."""

from typing import Generic, Protocol, TypeVar

from streams.core import NeedsVersion

EVER = -(2**63)  # in force since ever, microseconds
T = TypeVar("T")


class Versioned(Protocol):
    """One immutable version as published."""

    version: int
    in_force_from_us: int | None


class Versions(Generic[T]):
    """Grows only. Version 0 is that there are none."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._entries: dict[int, tuple[int, T]] = {}

    def begins_us(self, message: Versioned) -> int | None:
        """From when a version is in force; None where it is loaded already. Raises ValueError where its number or its
        time cannot be used: what was judged without it would be judged otherwise after a restart."""
        if message.version in self._entries:
            return None
        if message.version < max(self.newest, 1):
            raise ValueError(f"{self._name} version {message.version}: version: expected above {self.newest}")
        if message.in_force_from_us is None and message.version != 1:
            raise ValueError(f"{self._name} version {message.version}: in_force_from_us: expected a time")
        return EVER if message.in_force_from_us is None else message.in_force_from_us

    def put(self, version: int, from_us: int, what: T) -> None:
        """Take a version in."""
        self._entries[version] = (from_us, what)

    @property
    def newest(self) -> int:
        """The highest loaded version; 0 where there is none."""
        return max(self._entries, default=0)

    def until(self, announced: int) -> list[tuple[int, T]]:
        """Beginning and content of the versions up to ``announced``, in order; raises NeedsVersion where that one is
        not loaded. Versions stand in their log in order, so one below it that is missing was refused, and is passed
        over."""
        if announced > self.newest:
            raise NeedsVersion(self._name, announced)
        return [self._entries[version] for version in sorted(self._entries) if version <= announced]
