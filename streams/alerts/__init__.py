"""The lifecycle of alerts: one owner per area (docs/reference/alert-states.md)."""

from streams.alerts.core import AlertCore

__all__ = ["AlertCore"]
