"""Sequences, carried from one side to the other."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.errors import OperationError
from generator.ops.sequences import advance


@pytest.fixture
def both(databases):
    with databases.onprem.connect() as onprem, databases.aurora.connect() as aurora:
        for connection in (onprem, aurora):
            connection.execute("create schema s")
            connection.execute('create sequence s."Odd name"')
            connection.execute("create sequence s.small as smallint")
            connection.execute("create sequence s.down increment -1")
            connection.execute("create table s.rows (id int generated always as identity)")
        yield onprem, aurora


def values(connection):
    query = "select sequencename, last_value from pg_sequences where schemaname = 's'"
    return dict(connection.execute(query).fetchall())


def test_every_ascending_sequence_is_put_beyond_what_was_given(both):
    onprem, aurora = both
    onprem.execute("select nextval('s.\"Odd name\"') from generate_series(1, 7)")
    onprem.execute("insert into s.rows overriding system value values (41)")
    moved = advance(onprem, aurora, ["s"], 100)

    assert moved == {"s.Odd name": 107, "s.rows_id_seq": 141, "s.small": 100}
    assert values(aurora) == {"Odd name": 107, "rows_id_seq": 141, "small": 100, "down": None}
    assert advance(onprem, aurora, ["s"], 100) == {}


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(turns=st.lists(st.integers(1, 50), min_size=1, max_size=6), gap=st.integers(1, 1000))
def test_no_value_is_given_twice_however_often_the_writer_moves(both, turns, gap):
    writer, other = both
    given_ = []
    for count in turns:
        query = "select nextval('s.\"Odd name\"') from generate_series(1, %s)"
        given_ += [value for (value,) in writer.execute(query, [count])]
        advance(writer, other, ["s"], gap)
        writer, other = other, writer

    assert len(set(given_)) == len(given_)


def test_a_sequence_without_room_is_told_before_it_ends(both):
    onprem, aurora = both
    onprem.execute("select setval('s.small', 32000)")

    with pytest.raises(OperationError, match=r"s\.small: 33000 is beyond its last value 32767"):
        advance(onprem, aurora, ["s"], 1000)


def test_a_sequence_that_only_one_side_has_is_told(both):
    onprem, aurora = both
    aurora.execute("drop sequence s.small")

    with pytest.raises(OperationError, match=r"s\.small: is missing"):
        advance(onprem, aurora, ["s"], 1)
