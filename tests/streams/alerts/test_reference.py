"""The reference pages and the transition tables say the same."""

from pathlib import Path

from streams.alerts.states import ON_COMMAND, ON_SIGNAL
from streams.dispatch.states import ON_COMMAND as ON_TASK_COMMAND

PAGES = Path(__file__).parents[3] / "docs" / "reference"


def tables(page: str) -> list[dict[str, dict[str, str]]]:
    """The Markdown tables of a page: row, column, cell; a dash is nothing."""
    found: list[dict[str, dict[str, str]]] = []
    header: list[str] = []
    for line in (PAGES / page).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            header = []
        elif not header:
            header = cells
            found.append({})
        elif not set(line) <= set("|-"):
            found[-1][cells[0]] = {name: cell for name, cell in zip(header[1:], cells[1:], strict=True) if cell != "-"}
    return found


def test_the_pages_list_every_transition() -> None:
    """What an operator reads is what the owners do."""
    signals, commands = tables("alert-states.md")
    assert signals == {
        str(state or "(none)"): {str(k): str(v) for k, v in moves.items()} for state, moves in ON_SIGNAL.items()
    }
    assert commands == {str(state): {str(k): str(v) for k, v in moves.items()} for state, moves in ON_COMMAND.items()}
    [tasks] = tables("task-states.md")
    assert tasks == {str(s): {str(k): str(v) for k, v in moves.items()} for s, moves in ON_TASK_COMMAND.items()}
