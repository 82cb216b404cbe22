"""The live view as rich renderables, for any width and height. Pure: the same view and moment give the same picture."""

from datetime import timedelta

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from streams.console.view import ACTIVE, OVER, StageRow, View, who
from streams.messages import Alert, AlertState, Severity, Task

NARROW, WIDE = 90, 140  # columns: below NARROW only what matters most, from WIDE on two panels side by side
_SEVERITY = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
_STATE = {"running": "green", "stopped": "dim", "silent": "bold red", "retrying": "bold red"}
_ALERT_STATE = {
    AlertState.ACTIVE_UNACK: "bold",
    AlertState.ACTIVE_ACK: "",
    AlertState.CLEARED_UNACK: "italic",
    AlertState.CLEARED_ACK: "dim italic",
    AlertState.CLOSED: "dim",
    AlertState.RETRACTED: "dim strike",
}
_ARROWS = {"inbound": "→ in", "outbound": "← out"}
_FRAME = 3  # lines a panel's frame and its table's header need besides rows


def render(view: View, now: float, width: int, height: int) -> RenderableType:
    """The whole screen."""
    stages, feeds = _stages(view, now, width), _feeds(view, now)
    above = stages.row_count + _FRAME + (0 if width >= WIDE else feeds.row_count + _FRAME)
    below = height - 1 - above
    tasks = _tasks(view, max(min(len(view.tasks), below // 4), 1))
    alerts = _alerts(view, max(below - tasks.row_count - _FRAME - 2, 2), width)
    top = _beside(stages, feeds) if width >= WIDE else Group(_panel("stages", stages), _panel("feeds", feeds))
    return Group(title(view, now, width), top, _panel("alerts", alerts), _panel("tasks", tasks))


def title(view: View, now: float, width: int) -> Text:
    """State, time up, rate, alerts and how fast they come, in one line."""
    rows = view.stages(now)
    rate = next((row.rate for row in rows if row.stage == "ingest"), 0.0)
    active = sum(count for state, count in view.states().items() if state in ACTIVE)
    state = "silent" if rows and all(row.state == "silent" for row in rows) else view.state
    parts = [
        (f" {view.title} ", "bold reverse"),
        (f" {state}", _STATE.get(state, "yellow")),
        (f" {timedelta(seconds=int(max(now - view.started, 0.0)))}", ""),
        (f"  {rate:,.0f} events/s", "bold"),
        (f"  {active} active of {view.opened.total()} alerts", "bold red" if active else ""),
    ]
    found = view.latency()
    if found.p50 is not None and width >= NARROW:
        parts.append((f"  event → alert p50 {found.p50:.0f} p95 {found.p95:.0f} p99 {found.p99:.0f} ms", ""))
    text = Text(no_wrap=True, overflow="ellipsis")
    for part, style in parts:
        text.append(part, style)
    return text


def _beside(left: Table, right: Table) -> Table:
    grid = Table.grid(expand=True)
    grid.add_column(ratio=3)
    grid.add_column(ratio=2)
    grid.add_row(_panel("stages", left), _panel("feeds", right))
    return grid


def _panel(name: str, content: RenderableType) -> Panel:
    return Panel(content, title=name, title_align="left", border_style="dim", padding=(0, 1))


def _table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", no_wrap=True, overflow="ellipsis")
    return table


def _stages(view: View, now: float, width: int) -> Table:
    wide = width >= NARROW
    numbers = ("in/s", "lag", "age p50", "age p95", "rejected", "repeats")
    names = ("stage", *numbers, "state") if wide else ("stage", "in/s", "lag", "rejected", "state")
    table = _table(*names, right=numbers)
    for row in view.stages(now):
        cells = _stage_cells(row)
        table.add_row(*(cells[name] for name in names))
    if not table.row_count:
        table.add_row(Text("waiting for the first word of a worker", style="dim"))
    return table


def _stage_cells(row: StageRow) -> dict[str, Text]:
    return {
        "stage": Text(row.stage, "bold"),
        "in/s": Text(f"{row.rate:,.0f}"),
        "lag": Text(f"{row.lag:,}", "yellow" if row.lag > 10 * row.rate + 100 else ""),
        "age p50": Text(_age(row.age_p50_s)),
        "age p95": Text(_age(row.age_p95_s)),
        "rejected": Text(f"{row.rejected:,}", "" if row.rejected else "dim"),
        "repeats": Text(f"{row.repeats:,}", "" if row.repeats else "dim"),
        "state": Text(row.state, _STATE.get(row.state, "yellow")),
    }


def _feeds(view: View, now: float) -> Table:
    table = _table("feed", "events", "in/s", "last heard", right=("events", "in/s", "last heard"))
    for row in view.feeds(now):
        heard = "never" if row.heard_s is None else f"{_age(row.heard_s)} ago"
        late = row.heard_s is None or row.heard_s > 15.0
        table.add_row(row.topic, f"{row.events:,}", f"{row.rate:,.0f}", Text(heard, "yellow" if late else "green"))
    if not table.row_count:
        table.add_row(Text("no feed yet", style="dim"))
    return table


def _alerts(view: View, lines: int, width: int) -> Group:
    inner = width - 4  # the panel's frame and padding
    shown: list[Text] = []
    for alert in view.latest_alerts(max(lines // 2, 1)):
        shown += (_alert_head(alert, inner), _alert_why(alert, inner))
    return Group(*(shown or [Text("none", style="dim")]))


def _alert_head(alert: Alert, width: int) -> Text:
    """When, how bad, what, where and which way, who, how it stands; the place gives way where it is narrow."""
    style = _ALERT_STATE[alert.state]
    direction = _ARROWS.get(alert.direction or "", "")
    head = Text(no_wrap=True)
    head.append(f"{alert.event_time:%H:%M:%S} ", style)
    head.append(f"{alert.severity.upper():^10}", _SEVERITY[alert.severity])
    head.append(f" {alert.kind}{' (sim)' if alert.simulated else ''} ", style)
    head.append(f"{direction} " if direction else "", "bold")
    tail = Text(no_wrap=True)
    if width >= NARROW - 4:
        tail.append(f"  {who(alert)}", style)
    tail.append(f"  {alert.state}", style)
    place = Text(alert.zone_name or alert.zone_id or "open sea", style, no_wrap=True)
    place.truncate(max(width - head.cell_len - tail.cell_len, 8), overflow="ellipsis", pad=True)
    return head + place + tail


def _alert_why(alert: Alert, width: int) -> Text:
    why = Text(f"{'':9}{'; '.join(alert.reasons) or 'no reason given'}", "dim", no_wrap=True)
    why.truncate(width, overflow="ellipsis")
    return why


def _tasks(view: View, lines: int) -> Table:
    table = _table("time", "unit", "task", "alert", "there in", right=("there in",))
    for task in view.latest_tasks(lines):
        style = "dim" if task.state in OVER else ""
        cells = (f"{task.offered_time:%H:%M:%S}", task.unit_id, str(task.state), task.alert_id[:8], _eta(task))
        table.add_row(*(Text(cell, style) for cell in cells))
    if not table.row_count:
        table.add_row(Text("none", style="dim"))
    return table


def _eta(task: Task) -> str:
    return "" if task.eta_s is None or task.state in OVER else f"{task.eta_s / 60:.0f} min"


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    if seconds < 120.0:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200.0 else f"{seconds / 3600:.0f} h"
