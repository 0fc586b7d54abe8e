"""Never two writers: what was committed where, and when, as both databases tell it."""

import itertools

import boto3
import psycopg
import pytest

from functions.payment.settings import build
from functions.payment.writer import Choice
from generator.ops.control import Control, Writer
from terraform.moto_server import serving

from .client import Client
from .conftest import REGION, TABLE, make_table, migrating, settings
from .fleet import back_off, fleet

WORKERS, PAYMENTS, FLIPS = 8, 60, 12
# When each side was open, and for which epoch.
_OPEN = """
select epoch, changed_at, coalesce(lead(changed_at) over moments, '9999-01-01'), open
from migration_control.writer_history window moments as (order by changed_at, epoch)
"""
_PAID = "select writer_epoch, pg_xact_commit_timestamp(xmin) from payments"
_EVENTS = "select pg_xact_commit_timestamp(xmin) from payment_events where currency = 'OLD'"


@pytest.fixture
def remote(tmp_path, monkeypatch):
    """An AWS account that several processes share."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with serving("333333333333", tmp_path / "moto.log") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        make_table(boto3.client("dynamodb"))
        control = Control(boto3.client("dynamodb"), TABLE)
        control.create(actor="test", reason="begin")
        yield control


class Stubborn:
    """A process that has seen the first state and will never look again."""

    def current(self):
        return Choice(Writer.ONPREM, 1)

    def forget(self):
        pass


@pytest.mark.slow
def test_nothing_is_committed_on_a_side_that_is_not_the_writer(remote, databases):
    environment = settings(databases) | migrating(databases)
    kinds = [pay] * (WORKERS - 2) + [insist, old]

    def work(calls):
        return kinds[calls[0]](environment, databases)

    with fleet(work, [[number] * PAYMENTS for number in range(WORKERS)]) as workers:
        for count in workers:
            if count % ((WORKERS - 2) * PAYMENTS // (FLIPS + 1)) == 0:
                flip(remote, databases)

    spans = {name: open_spans(side) for name, side in sides(databases)}
    in_turn = sorted(sum(spans.values(), []), key=lambda span: span[1])  # noqa: RUF017 - two short lists
    assert all(end <= start for (_, _, end), (_, start, _) in itertools.pairwise(in_turn))
    assert min(len(times) for times in spans.values()) >= FLIPS // 2
    for name, side in sides(databases):
        paid = side.rows(_PAID)
        assert len(paid) > PAYMENTS
        assert [row for row in paid if not within(row[1], spans[name], row[0])] == []
    written = databases.onprem.rows(_EVENTS)
    assert len(written) > 1
    assert [at for (at,) in written if not within(at, spans["onprem"])] == []
    assert workers.answers.count("paid") == (WORKERS - 2) * PAYMENTS


def sides(databases):
    return [("onprem", databases.onprem), ("aurora", databases.aurora)]


def pay(environment, _):
    client = Client(build(environment).answer)
    for _number in range(PAYMENTS):
        while client.pay().status != 201:
            back_off()
        yield "paid"


def insist(environment, _):
    """A process that has seen the first state and will never look again."""
    service = build(environment)
    service.ledger.__init__(service.ledger.databases, Stubborn())
    client = Client(service.answer)
    for _number in range(PAYMENTS):
        yield client.pay().status
        back_off()


def old(_, databases):
    """The application that was there before: it knows of no epoch."""
    with databases.onprem.connect("payment_app") as connection:
        for _number in range(PAYMENTS):
            yield _try(connection)
            back_off()


def _try(connection):
    try:
        connection.execute(
            "insert into payment_events (payment_id, kind, amount, currency, created_at)"
            " values (gen_random_uuid(), 'accepted', 1, 'OLD', now())"
        )
    except psycopg.Error as error:
        return error.sqlstate
    return "written"


def flip(control, databases):
    """Let the other side be the writer, in a hurry: nobody waits for anybody to notice."""
    state = control.read()
    old, new = (
        state.writer,
        {Writer.ONPREM: Writer.AURORA, Writer.AURORA: Writer.ONPREM}[state.writer],
    )
    epoch = state.epoch + 1
    fenced = control.change(state, actor="test", reason="flip", writer=Writer.FENCED)
    getattr(databases, old.value).run("select migration_control.close_writes(%s)", epoch)
    getattr(databases, new.value).run("select migration_control.open_writes(%s)", epoch)
    control.change(fenced, actor="test", reason="flip", writer=new, epoch=epoch)


def open_spans(database):
    return [(epoch, start, end) for epoch, start, end, open_ in database.rows(_OPEN) if open_]


def within(moment, spans, epoch=None):
    return any(start <= moment <= end and epoch in (None, of) for of, start, end in spans)
