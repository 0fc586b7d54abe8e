"""The control state: which database takes writes, how much traffic AWS answers, and who said so.

One item of a DynamoDB table, changed by compare-and-set together with a line of the audit. Without
the item nobody may write: a missing state is no fence, but a fault.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from botocore.exceptions import ClientError

from generator.errors import OperationError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

# How long a process may act on a state that it has read. The fence waits longer than that (and than
# the slowest request) before it counts on silence; what makes it safe is the epoch in the database.
CACHE_SECONDS = 2.0
FENCE_SECONDS = 5.0

_STATE = {"id": {"S": "state"}, "at": {"S": "-"}}


class Writer(StrEnum):
    """The database that takes writes; `fenced` is neither."""

    ONPREM = "onprem"
    FENCED = "fenced"
    AURORA = "aurora"


class ConflictError(OperationError):
    """Somebody else changed the control state since it was read."""


@dataclass(frozen=True, slots=True)
class State:
    """The control state as it was read."""

    traffic: int  # per cent of requests that AWS answers
    writer: Writer
    epoch: int  # grows with every change of the writer
    latch: bool  # set by a rollback; nothing moves forward until a person clears it
    version: int  # grows with every change; what compare-and-set compares
    actor: str
    reason: str
    changed_at: str
    step: str | None = None  # last completed step of the procedure that is under way
    since: str | None = None  # when a rollback that is under way was called for


class Changes(TypedDict, total=False):
    """What of a state a change may name."""

    traffic: int
    writer: Writer
    epoch: int
    latch: bool
    step: str | None
    since: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit: the state that a change led to, and when."""

    at: str
    state: State


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Control:
    """The control table of one environment."""

    def __init__(
        self, client: "DynamoDBClient", table: str, now: Callable[[], dt.datetime] = _now
    ) -> None:
        self._client = client
        self._table = table
        self._now = now

    def read(self) -> State | None:
        """Return the state, read consistently; None where it was never created."""
        answer = self._client.get_item(TableName=self._table, Key=_STATE, ConsistentRead=True)
        return _state(answer["Item"]) if "Item" in answer else None

    def create(self, *, actor: str, reason: str, writer: Writer = Writer.ONPREM) -> State:
        """Write the first state, unless there is one; return what is there now."""
        first = State(
            0, writer, 1, latch=False, version=1, actor=actor, reason=reason, changed_at=""
        )
        try:
            return self._write(first, "attribute_not_exists(id)", {})
        except ConflictError:
            found = self.read()
            if found is None:
                raise
            return found

    def change(self, before: State, *, actor: str, reason: str, **to: Unpack[Changes]) -> State:
        """Make *before* into itself with *to*; raise `ConflictError` if it is the state no more."""
        after = replace(before, actor=actor, reason=reason, version=before.version + 1, **to)
        return self._write(after, "version = :was", {":was": {"N": str(before.version)}})

    def audit(self, limit: int = 100) -> list[Entry]:
        """Return the newest *limit* lines of the audit, newest first."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="id = :audit",
            ExpressionAttributeValues={":audit": {"S": "audit"}},
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
        )
        return [Entry(item["at"]["S"], _state(item)) for item in answer["Items"]]

    def _write(self, state: State, condition: str, values: dict[str, Any]) -> State:
        """Put the state and its line of the audit, both or neither."""
        stamp = self._now().isoformat(timespec="milliseconds")
        state = replace(state, changed_at=stamp)
        put: PutTypeDef = {
            "TableName": self._table,
            "Item": _STATE | _item(state),
            "ConditionExpression": condition,
        }
        if values:
            put["ExpressionAttributeValues"] = values
        # The version is nobody else's, and puts in order what happened in one millisecond.
        line = {"id": {"S": "audit"}, "at": {"S": f"{stamp}#{state.version:010}"}}
        audit: PutTypeDef = {"TableName": self._table, "Item": line | _item(state)}
        try:
            self._client.transact_write_items(TransactItems=[{"Put": put}, {"Put": audit}])
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            raise ConflictError("the control state was changed by somebody else") from error
        return state


def _item(state: State) -> dict[str, Any]:
    item: dict[str, Any] = {
        "traffic": {"N": str(state.traffic)},
        "writer": {"S": state.writer.value},
        "epoch": {"N": str(state.epoch)},
        "latch": {"BOOL": state.latch},
        "version": {"N": str(state.version)},
        "actor": {"S": state.actor},
        "reason": {"S": state.reason},
        "changed_at": {"S": state.changed_at},
    }
    under_way = {"step": state.step, "since": state.since}
    return item | {name: {"S": text} for name, text in under_way.items() if text}


def _state(item: dict[str, Any]) -> State:
    return State(
        traffic=int(item["traffic"]["N"]),
        writer=Writer(item["writer"]["S"]),
        epoch=int(item["epoch"]["N"]),
        latch=item["latch"]["BOOL"],
        version=int(item["version"]["N"]),
        actor=item["actor"]["S"],
        reason=item["reason"]["S"],
        changed_at=item["changed_at"]["S"],
        step=item["step"]["S"] if "step" in item else None,
        since=item["since"]["S"] if "since" in item else None,
    )
