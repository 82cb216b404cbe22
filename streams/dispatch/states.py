"""The states of a task and what moves it between them: only ever forward."""

from streams.messages import CommandKind, TaskState

_S = TaskState
LIVE = frozenset({_S.OFFERED, _S.ACCEPTED, _S.EN_ROUTE, _S.ON_SCENE})

ON_COMMAND: dict[TaskState, dict[CommandKind, TaskState]] = {
    _S.OFFERED: {
        CommandKind.ACCEPT: _S.ACCEPTED,
        CommandKind.DECLINE: _S.DECLINED,
        CommandKind.ABORT: _S.ABORTED,
    },
    _S.ACCEPTED: {
        CommandKind.EN_ROUTE: _S.EN_ROUTE,
        CommandKind.ON_SCENE: _S.ON_SCENE,
        CommandKind.OUTCOME: _S.DONE,
        CommandKind.ABORT: _S.ABORTED,
    },
    _S.EN_ROUTE: {
        CommandKind.ON_SCENE: _S.ON_SCENE,
        CommandKind.OUTCOME: _S.DONE,
        CommandKind.ABORT: _S.ABORTED,
    },
    _S.ON_SCENE: {
        CommandKind.OUTCOME: _S.DONE,
        CommandKind.ABORT: _S.ABORTED,
    },
    _S.DECLINED: {},
    _S.EXPIRED: {},
    _S.DONE: {},
    _S.ABORTED: {},
}
