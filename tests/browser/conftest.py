"""The browser, once for the whole folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import NAMES, Browser, installed


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A real browser; skips where none is installed."""
    program = installed()
    if program is None or not Path(program).exists():
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed (`apt-get install chromium`)")
    opened = Browser(program, tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()
