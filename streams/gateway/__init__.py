"""The way in for people and units: what they say, copied into the one input of the owner it concerns."""

from streams.gateway.core import GatewayCore

__all__ = ["GatewayCore"]
