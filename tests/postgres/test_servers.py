"""The servers that other tests stand on."""

import psycopg
import pytest


def test_a_connection_without_tls_is_refused(databases):
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        databases.onprem.connect(sslmode="disable")


def test_a_server_restarts_where_it_was(databases):
    databases.onprem.server.restart("immediate")

    assert databases.onprem.rows("select side, open from migration_control.writer_epoch") == [
        ("onprem", True)
    ]
