"""A table of a million rows is compared in memory that does not grow with it."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import ROOT
from migration import compare
from migration.rows import LONG_AGO, PAY, replica


def fill(databases, first, last):
    """Write the same payments on both sides."""
    statement = PAY.format(moment=LONG_AGO, first=first, last=last)
    both = (databases.onprem, databases.aurora)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda database: replica(database, statement), both))


def compared(databases):
    """Return what a process of its own found, and the most memory that it took, in KiB."""
    infos = []
    for database in (databases.onprem, databases.aurora):
        with database.connect() as connection:
            infos.append(f"{connection.info.dsn} password={connection.info.password}")
    done = subprocess.run(
        [sys.executable, compare.__file__, *infos], cwd=ROOT, check=True, capture_output=True
    )
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_million_rows_take_no_more_memory_than_a_few(databases):
    for database in (databases.onprem, databases.aurora):
        # Nothing here looks for these; filling them would take as long as all the rest.
        database.run("drop index payments_of_merchant, payments_by_change")
    fill(databases, 1, 20_000)
    *_, few = compared(databases)
    fill(databases, 20_001, 1_000_000)
    replica(databases.aurora, "delete from payments where id = md5('77')::uuid")
    replica(databases.aurora, "update payments set amount = 1 where id = md5('4711')::uuid")
    status, evidence, money, many = compared(databases)

    assert (status, money, evidence["rows"]) == ("fail", "fail", 1_000_000)
    lost = databases.onprem.rows("select md5('77')::uuid::text, md5('4711')::uuid::text")[0]
    kinds = {place["key"][0]: place["kind"] for place in evidence["differences"]}
    assert kinds == {lost[0]: "missing", lost[1]: "changed"}
    # Two ranges of ten thousand rows were looked into; a range takes a few MiB while it is.
    assert many - few < 24 * 1024
