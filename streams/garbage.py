"""When Python looks for unreachable cycles: seldom, because the pipeline makes almost none.

Decoding makes several small objects an event, so with the default threshold (700) the collector runs many times a
batch, and now and then over the whole state: 40 % of ingest's time, and pauses of tens of milliseconds. Reference
counts free these objects anyway; the threshold counts what is *left*, so true cycles are still found.
"""

import gc

_LEFT_OVER = 50_000  # containers made and not freed before the young ones are looked at


def collect_seldom() -> None:
    """Set the collector for a process that streams; what exists now (modules, classes) is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_LEFT_OVER, 20, 100)
