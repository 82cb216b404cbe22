"""A worker whose surveil core raises once, in the middle of its work, as a fault of ours would.

Run as a module in place of ``streams.cli.main``. A marker file beside the configuration makes it happen once only,
whatever is restarted meanwhile.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from streams.cli.main import main
from streams.log import Output, Record
from streams.surveil import SurveilCore

AT_OFFSET = 40


def arm(marker: Path) -> None:
    """Let the first core that reaches the offset raise, after it has already moved its state."""
    whole = SurveilCore.apply

    def apply(self: SurveilCore, records: Sequence[Record]) -> list[Output]:
        outputs = whole(self, records)
        if records[-1].offset >= AT_OFFSET and not marker.exists():
            marker.touch()
            raise ZeroDivisionError("a fault of ours")
        return outputs

    SurveilCore.apply = apply  # type: ignore[method-assign]


if __name__ == "__main__":
    arm(Path(sys.argv[sys.argv.index("--config") + 1]).parent / "raised")
    main()
