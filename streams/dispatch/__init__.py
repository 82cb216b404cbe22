"""Who is sent: one owner per area offers one task per alert to the unit that gets there first."""

from streams.dispatch.core import DispatchCore

__all__ = ["DispatchCore"]
