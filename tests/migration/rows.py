"""Payments as they are found in a database that is in use."""

PAY = """
    insert into payments (id, merchant, amount, currency, payment_token, status, writer_epoch,
                          created_at, updated_at)
    select md5(i::text)::uuid, 'm' || mod(i, 7), 100 + mod(i, 900),
           (array['EUR', 'USD', 'JPY'])[1 + mod(i, 3)], 'tok', 'accepted', 1, moment, moment
    from (select i, {moment} as moment from generate_series({first}, {last}) i) as numbers
"""
KEYS = """
    insert into idempotency_keys (key, request_hash, status, response, created_at, updated_at)
    select id::text, 'hash', 201, '{}', created_at, updated_at from payments on conflict do nothing
"""
EVENTS = """
    insert into payment_events (payment_id, kind, amount, currency, created_at, updated_at)
    select id, 'accepted', amount, currency, created_at, updated_at from payments p
    where not exists (select from payment_events e where e.payment_id = p.id)
"""
LONG_AGO = "timestamptz '2026-01-01' + mod(i, 100) * interval '1 hour'"
NOW = "clock_timestamp()"


def pay(database, count, *, moment=LONG_AGO, first=1, user="postgres"):
    """Write *count* payments as *user*, each with its key and its event."""
    with database.connect(user) as connection:
        connection.execute(PAY.format(moment=moment, first=first, last=first + count - 1))
        connection.execute(KEYS)
        connection.execute(EVENTS)


def replica(database, statement):
    """Change *database* alone, as replication would if it went wrong."""
    with database.connect() as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(statement)
