"""One payment for one key, whoever dies meanwhile."""

import random
from collections import defaultdict

import pytest

from functions.payment.settings import build

from .client import Client
from .fleet import back_off, fleet

WRITES, KEYS, WORKERS = 2000, 200, 16


@pytest.mark.slow
def test_every_key_is_paid_once_and_answered_alike_whatever_dies(environment, databases):
    chance = random.Random(7)
    keys = [f"key-{number % KEYS}" for number in range(WRITES)]
    chance.shuffle(keys)

    def pay(calls):
        client = Client(build(environment).answer)
        for key in calls:
            # A client that is told to come back, or told nothing, comes back with its key.
            while (answer := client.pay(key, amount=100 + int(key[4:]))).status != 201:
                assert answer.status == 503
                back_off()
            yield key, answer.text

    kills, crashes = set(range(50, WRITES, 60)), {400, 900, 1400}
    with fleet(pay, [keys[number::WORKERS] for number in range(WORKERS)]) as workers:
        for count in workers:
            if count in kills:
                chance.choice([each for each in workers.workers if each.left]).kill()
            if count in crashes:
                databases.onprem.server.restart(chance.choice(["immediate", "fast"]))

    told = defaultdict(set)
    for key, text in workers.answers:
        told[key].add(text)
    assert len(workers.answers) == WRITES
    assert [len(texts) for texts in told.values()] == [1] * KEYS
    stored = databases.onprem.rows(
        "select k.key, k.response from idempotency_keys k"
        " join payments p on p.id::text = k.response::json ->> 'id'"
        " join payment_events e on e.payment_id = p.id"
    )
    assert {key: {text} for key, text in stored} == told
    assert databases.onprem.rows("select count(*), sum(amount) from payments") == [
        (KEYS, sum(range(100, 100 + KEYS)))
    ]
