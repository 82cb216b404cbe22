"""The project's frame: what is promised of the dependencies and of every tracked file."""

import re
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, entry_points, metadata
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
_LOCKS = {
    "runtime": _PROJECT["dependencies"],
    "dev": _PROJECT["dependencies"] + _PROJECT["optional-dependencies"]["dev"],
    "bench": _PROJECT["dependencies"]
    + _PROJECT["optional-dependencies"]["dev"]
    + _PROJECT["optional-dependencies"]["bench"],
}
_MOST_LINES = 400
_TEXT = {".py", ".toml", ".md", ".txt", ".xml", ".properties", ".sh", ".json", ""}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _locked(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", _lock(lock), re.MULTILINE):
        found.setdefault(_normal(name), set()).add(version)
    return found


def _lock(lock: str) -> str:
    return (_ROOT / "requirements" / f"{lock}.txt").read_text()


def _tracked() -> list[Path]:
    if not (_ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of the project's files")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in names.split("\0") if name and (path := _ROOT / name).is_file()]


@pytest.mark.parametrize("lock", sorted(_LOCKS))
def test_every_dependency_is_exact_and_locked(lock: str) -> None:
    """Law: what pyproject.toml names is pinned exactly and stands in the lock with that version."""
    locked = _locked(lock)
    for wanted in _LOCKS[lock]:
        name, separator, version = wanted.partition("==")
        assert separator, f"{wanted} is not exact"
        assert locked[_normal(name)] == {version}


@pytest.mark.parametrize("lock", sorted(_LOCKS))
def test_every_locked_file_has_a_hash_and_no_address(lock: str) -> None:
    """Law: each locked package has hashes, and nothing says where it is fetched from: that is the machine's matter."""
    entries = re.split(r"(?m)^(?=\S)", _lock(lock))
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)
    assert "://" not in _lock(lock)
    assert "--index" not in _lock(lock)
    assert "--find-links" not in _lock(lock)


def test_runtime_licences_allow_what_we_do() -> None:
    """Law: no runtime dependency is under the GPL or AGPL; LGPL and MPL ones are used as libraries, unchanged."""
    checked = 0
    for name in _locked("runtime"):
        try:
            about = metadata(name)
        except PackageNotFoundError:  # for another platform
            continue
        stated = " ".join([about["License-Expression"] or "", *(about.get_all("Classifier") or [])])
        assert not re.search(r"\bA?GPL|(?<!Lesser )General Public License", stated), f"{name}: {stated}"
        checked += 1
    assert checked > 30


def test_the_entry_points_are_installed() -> None:
    """Law: the command and the Faust transport are registered under the names that everything uses."""
    (command,) = entry_points(group="console_scripts", name="vedette")
    assert command.value == "streams.cli.main:main"
    (transport,) = entry_points(group="faust.transports", name="vedette")
    assert transport.value == "streams.engine.transport:Transport"
    assert transport.load().__name__ == "Transport"


def test_no_file_is_long() -> None:
    """Law: one noun or verb per file; none is over 400 lines."""
    long = {
        str(path.relative_to(_ROOT)): lines
        for path in _tracked()
        if path.suffix == ".py" and (lines := path.read_text().count("\n")) > _MOST_LINES
    }
    assert long == {}


def test_no_file_names_a_machine() -> None:
    """Law: no tracked text names a directory of the machine it was written on, or a package registry's address."""
    places = re.compile(
        r"(?<![\w.])/(?:work|root|home)/[a-z]|(?:pypi|files\.pythonhosted|repo1?\.maven|registry\.npmjs)\.\w"
    )
    named = [
        str(path.relative_to(_ROOT))
        for path in _tracked()
        if path.suffix in _TEXT and path != Path(__file__) and places.search(path.read_text(errors="replace"))
    ]
    assert named == []


def test_no_file_drops_faults_silently() -> None:
    """Law: the one broad ``except`` is in streams/boundary.py; a fault caught anywhere else is named."""
    broad = re.compile(r"^\s*except(?:\s*:|\s+\(?(?:Base)?Exception\b)", re.MULTILINE)
    found = [
        str(path.relative_to(_ROOT))
        for path in _tracked()
        if path.suffix == ".py"
        and path.relative_to(_ROOT).parts[0] in {"geo", "sensors", "streams", "simulator"}
        and broad.search(path.read_text())
    ]
    assert found in ([], ["streams/boundary.py"])
