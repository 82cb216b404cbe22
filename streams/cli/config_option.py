"""Which configuration a verb reads: ``--config``, ``VEDETTE_CONFIG``, ``vedette.toml`` in this directory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from streams.config import BadSettings, Settings, load

_F = TypeVar("_F", bound=Callable[..., Any])
_DEFAULT = Path("vedette.toml")


def config_option(function: _F) -> _F:
    """Add ``--config`` to a verb; the parameter is ``settings``, loaded and checked."""
    return click.option(
        "--config",
        "settings",
        envvar="VEDETTE_CONFIG",
        default=str(_DEFAULT),
        show_default=True,
        metavar="FILE",
        callback=_load,
        help="Configuration (TOML or JSON); else VEDETTE_CONFIG. deploy/vedette.toml is an example.",
    )(function)


def _load(ctx: click.Context, parameter: click.Parameter, value: str) -> Settings:
    try:
        return load(Path(value))
    except BadSettings as problem:
        raise click.UsageError(str(problem), ctx) from problem
