"""The servers that other tests stand on."""

import psycopg
import pytest

from generator.components.reserved import WORDS


def test_a_connection_without_tls_is_refused(databases):
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        databases.onprem.connect(sslmode="disable")


def test_a_server_restarts_where_it_was(databases):
    databases.onprem.server.restart("immediate")

    assert databases.onprem.rows("select side, open from migration_control.writer_epoch") == [
        ("onprem", True)
    ]


def test_no_user_and_no_database_is_given_a_name_that_the_server_reserves(servers):
    query = "select word from pg_get_keywords() where catcode in ('R', 'T')"
    with servers["aurora"].connect() as connection:
        reserved = {word for (word,) in connection.execute(query)}

    assert reserved <= WORDS
