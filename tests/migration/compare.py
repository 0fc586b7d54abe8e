"""A validation in a process of its own, for a test that measures how much memory it takes."""

import json
import resource
import sys

import psycopg

from generator.ops.checks_tables import SETTLED, Pair, compare, totals
from generator.ops.clock import SystemClock
from generator.ops.inventory import Table
from generator.ops.shape import shape

PAYMENTS = Table("public.payments", ("id",), ("amount",), "currency", "updated_at")

if __name__ == "__main__":
    source, replica = (psycopg.connect(info, autocommit=True) for info in sys.argv[1:])
    pair = Pair(source, replica, SETTLED, lambda: True, SystemClock())
    found = compare(pair, shape(source, replica, PAYMENTS), None, SETTLED).check
    (money,) = totals(pair, PAYMENTS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(json.dumps([found.status, found.evidence, money.status, peak]))
