"""The ``vedette`` command: one verb per module, loaded when it is asked for."""

import importlib
import sys
from collections.abc import Sequence
from typing import Final

import click
from click.utils import PacifyFlushWrapper

from streams.cli.codes import BROKER_UNREACHABLE, DONE, USAGE, BrokerUnreachable

# Verb -> module and one line for `vedette --help`, which therefore imports none of them.
VERBS: Final = {
    "up": ("streams.cli.up", "Run everything: broker, workers and a scenario or a file, with a live view."),
    "worker": ("streams.cli.worker", "Run any set of agents in this process."),
    "replay": ("streams.cli.replay", "Run the pipeline over files, without a broker."),
    "publish": ("streams.cli.publish", "Send a file's events to a vendor's raw topic."),
    "check": ("streams.cli.check", "Say what would become of a file's events, and why."),
    "schema": ("streams.cli.schema", "Print the published schema of a message."),
    "alerts": ("streams.cli.alerts", "List alerts, or follow them."),
    "show": ("streams.cli.show", "Show one alert with its evidence and history."),
    "ack": ("streams.cli.ack", "Acknowledge an alert."),
    "silence": ("streams.cli.silence", "Silence an alert for a while."),
    "close": ("streams.cli.close", "Close an alert with its outcome."),
    "tasks": ("streams.cli.tasks", "List what units are asked to do."),
    "accept": ("streams.cli.accept", "Accept a task for its unit."),
    "decline": ("streams.cli.decline", "Decline a task; it is offered to the next unit."),
    "en-route": ("streams.cli.en_route", "Say that a task's unit is on its way."),
    "on-scene": ("streams.cli.on_scene", "Say that a task's unit has arrived."),
    "abort": ("streams.cli.abort", "Call a task off; its unit is free."),
    "outcome": ("streams.cli.outcome", "Report how a task ended."),
    "ledger": ("streams.cli.ledger", "Prove that every event has exactly one fate."),
    "hole": ("streams.cli.hole", "Let an owner go on past rows that are missing."),
    "dead-letters": ("streams.cli.dead_letters", "List, follow and replay what could not be used."),
    "zones": ("streams.cli.zones", "Check, publish and show zones."),
    "clearances": ("streams.cli.clearances", "Check, publish and list who may enter which zone."),
    "rules": ("streams.cli.rules", "Check, publish and list the rules that fixes are judged by."),
    "topics": ("streams.cli.topics", "List, create and compare the Kafka topics."),
    "broker": ("streams.cli.broker", "Start and stop a broker of one's own."),
    "tracks": ("streams.cli.tracks", "List tracks; say which are one object, and which are not."),
    "track": ("streams.cli.track", "Follow the objects behind the plots of a file."),
    "simulate": ("streams.cli.simulate", "Make events of a scenario, with the truth beside them."),
    "score": ("streams.cli.score", "Compare alerts with the truth of a scenario."),
}

EPILOG = """\b
Examples:
  vedette up                                        broker, workers and a simulated strait
  vedette replay positions.csv --zones zones.json   alerts of a file, one JSON object per line
  vedette alerts --follow                           alerts as they open

\b
A broker is named by --broker or VEDETTE_BROKER.
Exit codes: 0 done, 1 input errors, 2 usage, 3 broker unreachable."""


class Verbs(click.Group):
    """A group whose commands live in :data:`VERBS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the table: the way through a working day, not the alphabet."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module; one that is not part of this installation is said so when it is invoked."""
        if cmd_name not in VERBS:
            return None
        module = VERBS[cmd_name][0]
        try:
            command = importlib.import_module(module).command
        except ModuleNotFoundError as missing:
            if missing.name != module:
                raise
            raise click.ClickException(f"`vedette {cmd_name}` is not part of this installation ({module})") from missing
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, line) for verb, (_, line) in VERBS.items()])


@click.group(
    cls=Verbs, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="vedette")
def vedette() -> None:
    """Border surveillance: one incident per intrusion, within seconds, with its evidence."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: run the verb and turn what went wrong into one line and an exit code."""
    try:
        code = vedette.main(args=arguments, prog_name="vedette", standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(USAGE if wrong.exit_code == 1 else wrong.exit_code)
    except BrokerUnreachable as away:
        click.echo(f"Error: {away}", err=True)
        sys.exit(BROKER_UNREACHABLE)
    except SystemExit:
        # Click has met a reader that went away (`vedette alerts | head`) and chose 1: nothing is wrong.
        if isinstance(sys.stdout, PacifyFlushWrapper):
            sys.exit(DONE)
        raise
    sys.exit(code if isinstance(code, int) else DONE)


if __name__ == "__main__":
    main()
