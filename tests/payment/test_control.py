"""The control state: who changes it, and who comes too late."""

import datetime as dt

import boto3
import pytest
from botocore.exceptions import ClientError

from generator.ops.control import ConflictError, Control, Writer

from .conftest import TABLE, make_table


def test_the_first_state_is_made_once(aws):  # noqa: ARG001 - has to be there
    make_table(boto3.client("dynamodb"))
    control = Control(boto3.client("dynamodb"), TABLE)
    assert control.read() is None

    first = control.create(actor="one", reason="begin")
    second = control.create(actor="two", reason="begin again")

    assert first == second == control.read()
    assert (first.traffic, first.writer, first.epoch, first.latch) == (0, Writer.ONPREM, 1, False)
    assert (first.actor, first.version, first.step) == ("one", 1, None)


def test_a_change_names_who_and_why_and_keeps_the_rest(control):
    before = control.read()

    after = control.change(before, actor="ada", reason="shift", traffic=10, step="weights")

    assert after == control.read()
    assert (after.traffic, after.step, after.writer, after.epoch) == (10, "weights", "onprem", 1)
    assert after.version == before.version + 1
    assert control.change(after, actor="ada", reason="done", step=None).step is None


def test_who_comes_too_late_changes_nothing(control):
    before = control.read()
    control.change(before, actor="one", reason="first", traffic=10)

    with pytest.raises(ConflictError, match="somebody else"):
        control.change(before, actor="two", reason="second", traffic=50)
    assert control.read().traffic == 10
    assert [entry.state.actor for entry in control.audit()] == ["one", "test"]


def test_every_change_is_in_the_audit_newest_first(aws):  # noqa: ARG001 - has to be there
    make_table(boto3.client("dynamodb"))
    hours = iter(range(24))
    control = Control(
        boto3.client("dynamodb"),
        TABLE,
        lambda: dt.datetime(2026, 11, 24, next(hours), tzinfo=dt.UTC),
    )
    state = control.create(actor="a", reason="begin")
    for writer in (Writer.FENCED, Writer.AURORA):
        state = control.change(
            state, actor="b", reason="cutover", writer=writer, epoch=state.epoch + 1, latch=True
        )

    shown = [(entry.at[:13], entry.state.writer, entry.state.epoch) for entry in control.audit()]
    assert shown == [
        ("2026-11-24T02", "aurora", 3),
        ("2026-11-24T01", "fenced", 2),
        ("2026-11-24T00", "onprem", 1),
    ]
    assert control.audit()[0].state == state
    assert len(control.audit(limit=1)) == 1


def test_an_error_of_aws_is_no_conflict(aws):  # noqa: ARG001 - has to be there
    control = Control(boto3.client("dynamodb"), "nowhere")

    with pytest.raises(ClientError, match="ResourceNotFound"):
        control.create(actor="a", reason="b")


class Cancelling:
    """A table that cancels the first write although there is no state: somebody deleted it."""

    def transact_write_items(self, **_):
        cancelled = {"Error": {"Code": "TransactionCanceledException"}}
        raise ClientError(cancelled, "TransactWriteItems")

    def get_item(self, **_):
        return {}


def test_a_state_that_vanished_meanwhile_is_a_conflict():
    with pytest.raises(ConflictError):
        Control(Cancelling(), TABLE).create(actor="a", reason="b")
