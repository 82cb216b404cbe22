"""Ingest: bytes of one raw partition to checked observations, each sent to the owner of its sector."""

from streams.ingest.core import IngestCore

__all__ = ["IngestCore"]
