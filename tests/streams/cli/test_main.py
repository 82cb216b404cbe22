"""The command line: every verb known, none imported before it is asked for, one line and a code for each fault."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from streams.cli import main as main_module
from streams.cli.broker_option import require_broker
from streams.cli.codes import BrokerUnreachable
from streams.cli.main import VERBS, main, vedette
from streams.embedded.settings import free_ports

_CONFIG = ["--config", str(Path(__file__).parents[3] / "deploy" / "vedette.toml")]


def test_help_lists_every_verb_and_imports_none() -> None:
    """Law: ``vedette --help`` names every verb, with examples and exit codes, and loads no verb and no engine."""
    program = "import sys; from streams.cli.main import vedette\n"
    program += "vedette.main(['--help'], standalone_mode=False)\n"
    program += "loaded = [name for name in sys.modules if name.startswith(('faust', 'kafka', 'aiokafka', 'numpy'))]\n"
    program += "print('LOADED', loaded)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    text, _, loaded = done.stdout.partition("LOADED")
    assert loaded.strip() == "[]"
    assert all(f"  {verb} " in text for verb in VERBS)
    assert "Exit codes: 0 done, 1 input errors, 2 usage, 3 broker unreachable." in text


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_that_is_there_has_help_with_an_example(verb: str) -> None:
    """Law: every installed verb and subcommand explains itself and shows an example."""
    group = vedette
    context = click.Context(group)
    command = group.get_command(context, verb)
    assert isinstance(command, click.Command)
    for each in _leaves(command):
        shown = CliRunner().invoke(each, ["--help"]).output
        assert "vedette " + verb in shown, each.name
        assert "Example" in shown


def _leaves(command: click.Command) -> Iterator[click.Command]:
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from _leaves(inner)
    else:
        yield command


def test_a_verb_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Law: a registered verb without its module is one clear line when, and only when, it is invoked."""
    monkeypatch.setitem(main_module.VERBS, "absent", ("streams.cli.absent_verb", "Nothing."))
    assert "absent" in CliRunner().invoke(vedette, ["--help"]).output
    with pytest.raises(SystemExit) as ended:
        main(["absent"])
    assert ended.value.code == 2
    assert (
        capsys.readouterr().err
        == "Error: `vedette absent` is not part of this installation (streams.cli.absent_verb)\n"
    )


def test_a_broken_verb_is_not_called_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Law: a module that fails to import something else is a fault of ours and keeps its traceback."""
    (tmp_path / "broken_verb.py").write_text("import module_that_is_nowhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(main_module.VERBS, "broken", ("broken_verb", "Nothing."))
    with pytest.raises(ModuleNotFoundError, match="module_that_is_nowhere"):
        main(["broken"])


@pytest.mark.parametrize("arguments", [["nope"], ["topics", "nope"], ["topics", "list", "--nope"], []])
def test_usage_is_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Law: a word or option that is unknown, or none at all, is usage: exit code 2 and nothing on stdout."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


def test_bad_configuration_names_key_and_expectation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Law: a bad configuration is usage and its message names file, key and expectation."""
    file = tmp_path / "vedette.toml"
    file.write_text("feeds = []\nowners = {partitions = 'four'}\n")
    with pytest.raises(SystemExit) as ended:
        main(["topics", "list", "--config", str(file)])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert str(file) in said
    assert "$.owners.partitions" in said
    assert "int" in said


def test_no_broker_is_three(capsys: pytest.CaptureFixture[str]) -> None:
    """Law: a broker that is not there is exit code 3 and one line with the next step, soon and without a traceback."""
    address = f"127.0.0.1:{free_ports().client}"
    with pytest.raises(SystemExit) as ended:
        main(["topics", "diff", *_CONFIG, "--broker", address])
    assert ended.value.code == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert address in said
    assert "vedette broker start" in said


def test_several_brokers_and_none_answers() -> None:
    """Law: every address is tried before the broker is called unreachable."""
    addresses = ",".join(f"127.0.0.1:{port}" for port in free_ports())
    with pytest.raises(BrokerUnreachable, match=addresses):
        require_broker(addresses, timeout_s=0.05)


@pytest.mark.parametrize("address", ["localhost", "localhost:", ":9092", "localhost:kafka"])
def test_address_without_a_port(address: str) -> None:
    """Law: an address that cannot be one is usage, not an unreachable broker."""
    with pytest.raises(click.BadParameter, match="expected HOST:PORT"):
        require_broker(address)


def test_reader_that_goes_away() -> None:
    """Law: `vedette … | head` ends quietly: code 0, nothing on stderr."""
    program = "import sys, os; from streams.cli import main\n"
    program += "os.close(0); r, w = os.pipe(); os.close(r); os.dup2(w, 1)\n"
    program += f"main.main(['topics', 'list', *{_CONFIG!r}])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_list_in_a_pipe_is_one_line_a_topic() -> None:
    """Law: in a pipe a list has no header and tab-separated fields; with --json it is one JSON array."""
    plain = CliRunner().invoke(vedette, ["topics", "list", *_CONFIG]).output.splitlines()
    structured = json.loads(CliRunner().invoke(vedette, ["topics", "list", "--json", *_CONFIG]).output)
    assert [line.split("\t")[0] for line in plain] == [topic["name"] for topic in structured]
    assert {len(line.split("\t")) for line in plain} == {8}
