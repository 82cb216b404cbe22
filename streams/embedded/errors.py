"""What can go wrong before a broker answers.

::

    EmbeddedError
    ├── ToolMissing      no Java runtime >= 17, or no Maven while the class path is not resolved yet
    └── BrokerFailed     resolved and started, but it ended or did not answer in time
"""


class EmbeddedError(RuntimeError):
    """The embedded broker cannot be used; the message names the next step."""


class ToolMissing(EmbeddedError):
    """A program that the broker needs is not installed."""


class BrokerFailed(EmbeddedError):
    """The broker ended by itself or did not answer in time; the message holds the end of its log."""
