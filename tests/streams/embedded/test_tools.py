"""Java, Maven and the cache: found, or one message that names the next step."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.cache import cache_dir
from streams.embedded.classpath import kafka_dir, recipe_dir, resolve_jars
from streams.embedded.errors import EmbeddedError, ToolMissing
from streams.embedded.java import find_java


@pytest.fixture(autouse=True)
def _forget_java() -> Iterator[None]:
    find_java.cache_clear()
    yield
    find_java.cache_clear()


def _program(directory: Path, name: str, script: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def test_no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: without a Java runtime the message names what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(ToolMissing, match=r"version 17 or newer, or run `make setup`"):
        find_java()


@pytest.mark.parametrize(
    "version, usable", [("1.8.0_392", False), ("11.0.21", False), ("17.0.9", True), ("25-ea", True), ("", False)]
)
def test_java_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, usable: bool) -> None:
    """Law: JAVA_HOME is asked first, and exactly the runtimes from 17 on are taken."""
    _program(tmp_path / "bin", "java", f"echo 'openjdk version \"{version}\" 2026-01-01' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    if usable:
        assert find_java() == (tmp_path / "bin" / "java", version)
    else:
        with pytest.raises(ToolMissing, match="needs Java 17 or newer"):
            find_java()


def test_cache_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: VEDETTE_CACHE wins over XDG_CACHE_HOME, and every recipe has a directory of its own below it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("VEDETTE_CACHE", raising=False)
    assert cache_dir() == tmp_path / "xdg" / "vedette"
    monkeypatch.setenv("VEDETTE_CACHE", str(tmp_path))
    one = kafka_dir()
    other = tmp_path / "recipe"
    other.mkdir()
    (other / "pom.xml").write_text("<project/>")
    monkeypatch.setattr("streams.embedded.classpath.recipe_dir", lambda: other)
    assert one.parent == kafka_dir().parent == tmp_path
    assert one != kafka_dir()


def test_no_maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: an empty cache without Maven is one message that names it."""
    monkeypatch.setenv("VEDETTE_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="no Maven found"):
        resolve_jars()


def test_maven_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: a failed fetch tells Maven's reason and leaves nothing that a later start would take for the jars."""
    monkeypatch.setenv("VEDETTE_CACHE", str(tmp_path / "cache"))
    _program(tmp_path / "bin", "mvn", "echo 'cannot reach the repository' && exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")
    with pytest.raises(EmbeddedError, match="cannot reach the repository"):
        resolve_jars()
    assert [file.name for file in kafka_dir().iterdir()] == [".lock"]


def test_jars_are_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: Maven runs for the first start only, and the order of the jars is fixed."""
    monkeypatch.setenv("VEDETTE_CACHE", str(tmp_path / "cache"))
    fetch = 'for a; do case "$a" in -DoutputDirectory=*) d="${a#*=}";; esac; done; mkdir -p "$d"; '
    fetch += f'touch "$d/zz.jar" "$d/kafka_2.13-4.jar"; echo ran >> {tmp_path}/runs'
    _program(tmp_path / "bin", "mvn", fetch)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    first = resolve_jars()
    assert [jar.name for jar in first] == ["kafka_2.13-4.jar", "zz.jar"]
    assert resolve_jars() == first
    assert (tmp_path / "runs").read_text() == "ran\n"


def test_recipe_names_no_address() -> None:
    """Law: the recipe says what to fetch and never from where; that is the machine's own configuration."""
    for file in recipe_dir().iterdir():
        text = file.read_text().replace("http://maven.apache.org/POM/4.0.0", "")
        assert "://" not in text, file.name
        assert "<repositor" not in text
