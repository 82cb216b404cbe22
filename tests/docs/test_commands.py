"""Every command that the documentation names can be given: verb, options, make target, module."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from streams.cli.main import vedette
from tests.docs.pages import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```sh(?: \w+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`((?:vedette|make|python -m) [^`]+)`", re.DOTALL)
_TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
_STARTS = ("vedette ", "make ", "python -m ")


def commands(page: Path) -> Iterator[list[str]]:
    """The words of every command of a page: of its shell blocks, and of what stands as code in a sentence."""
    text = page.read_text()
    blocks = "\n".join(_FENCE.findall(text)).replace("\\\n", " ")
    blocks = re.sub(r"<<'(\w+)'.*?^\1$", "", blocks, flags=re.MULTILINE | re.DOTALL)
    found = [match for line in blocks.splitlines() for match in re.findall(r"(?:vedette|make|python -m) .*", line)]
    found += [" ".join(code.split()) for code in _INLINE.findall(text)]
    for command in found:
        words = shlex.split(re.sub(r"[)>|;&].*", "", command), comments=True)
        yield [word for word in words if word not in {"…", "..."}]


def wrong(words: list[str]) -> str:
    """What is wrong with a command; empty where nothing is."""
    if words[0] == "make":
        known = set(_TARGET.findall((ROOT / "Makefile").read_text()))
        unknown = [word for word in words[1:] if "=" not in word and word not in known]
        return f"no such target: {unknown}" if unknown else ""
    if words[0] == "python":
        path = ROOT.joinpath(*words[2].split("."))
        return "" if path.with_suffix(".py").exists() or (path / "__main__.py").exists() else f"no module {words[2]}"
    command: click.Command = vedette
    context = click.Context(vedette, info_name="vedette")
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        verbs = rest.pop(0).split("/")
        named = [command.get_command(context, verb) for verb in verbs]
        if None in named:
            return f"no verb {verbs}"
        command = named[0] or command
        context = click.Context(command, parent=context)
    options = {name for parameter in command.get_params(context) for name in parameter.opts + parameter.secondary_opts}
    unknown = [word for word in rest if word.startswith("-") and len(word) > 1 and word.split("=")[0] not in options]
    return f"no option {unknown}" if unknown else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_can_be_given(page: Path) -> None:
    """Law: a command that a page names has that verb and those options; a target and a module exist."""
    assert [f"{' '.join(words)}: {fault}" for words in commands(page) if (fault := wrong(words))] == []


def test_a_wrong_command_is_found() -> None:
    """Law: the check itself sees a verb, an option, a target and a module that do not exist."""
    for command in ("vedette zones fly", "vedette zones check --fly f", "make fly", "python -m benchmarks.fly"):
        assert wrong(command.split())
