-- Which database may be written, held inside each database: the fence that no stale process passes.
-- Only `marker` is replicated. The rest belongs to the side it is on.

create table migration_control.marker (
    id         uuid        primary key,
    origin     varchar(16) not null check (origin in ('onprem', 'aurora')),
    lsn        varchar(32) not null default pg_current_wal_insert_lsn()::varchar,
    written_at timestamptz not null default clock_timestamp()
);
comment on table migration_control.marker is 'a row written on one side and awaited on the other';
create index marker_by_time on migration_control.marker (written_at);

create table migration_control.writer_epoch (
    singleton  boolean     primary key default true check (singleton),
    side       varchar(16) not null check (side in ('onprem', 'aurora')),
    epoch      bigint      not null check (epoch >= 1),
    open       boolean     not null,
    changed_at timestamptz not null default clock_timestamp()
);
comment on table migration_control.writer_epoch is 'whether this side takes writes, and of which epoch';

create table migration_control.writer_history (
    changed_at timestamptz not null,
    epoch      bigint      not null,
    open       boolean     not null,
    changed_by varchar(63) not null default session_user,
    primary key (changed_at, epoch)
);

-- A writer shares this lock until it commits; a change of the epoch takes it alone. So a change waits for every
-- write that has passed the check, and whoever comes later waits for the change. A lock on the row would not do:
-- a stream of those who share it can keep the one who wants it alone waiting for ever.
create function migration_control.writer_lock() returns bigint
    language sql immutable parallel safe as 'select 7234017283807667300';

-- Raise TW001 where this side takes no writes, TW002 where it takes those of another epoch; null is any epoch.
create function migration_control.require_writer(p_epoch bigint) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$
declare
    here migration_control.writer_epoch;
begin
    perform pg_advisory_xact_lock_shared(migration_control.writer_lock());
    -- `for share` fails, rather than reads what was, in a transaction whose snapshot is older than the change.
    select * into here from migration_control.writer_epoch for share;
    if here.open is not true then
        raise exception 'this database takes no writes' using errcode = 'TW001';
    elsif p_epoch is not null and here.epoch <> p_epoch then
        raise exception 'the writer is of epoch %, not %', here.epoch, p_epoch using errcode = 'TW002';
    end if;
end
$$;

-- Every session is held to it but those that replicate (session_replication_role = replica fires no such trigger).
create function migration_control.refuse_when_closed() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$
begin
    perform migration_control.require_writer(null);
    return null;
end
$$;

create trigger writers_only before insert or update or delete or truncate on public.payments
    for each statement execute function migration_control.refuse_when_closed();
create trigger writers_only before insert or update or delete or truncate on public.refunds
    for each statement execute function migration_control.refuse_when_closed();
create trigger writers_only before insert or update or delete or truncate on public.idempotency_keys
    for each statement execute function migration_control.refuse_when_closed();
create trigger writers_only before insert or update or delete or truncate on public.payment_events
    for each statement execute function migration_control.refuse_when_closed();

-- For each statement, so that it comes before any row is locked: the same order as in require_writer.
create function migration_control.lock_writers() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$
begin
    perform pg_advisory_xact_lock(migration_control.writer_lock());
    return null;
end
$$;
create trigger a_lock before insert or update or delete or truncate on migration_control.writer_epoch
    for each statement execute function migration_control.lock_writers();

create function migration_control.record_writer() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$
begin
    if tg_op = 'UPDATE' and new.epoch < old.epoch then
        raise exception 'the epoch is % and cannot go back to %', old.epoch, new.epoch using errcode = 'TW003';
    end if;
    new.changed_at := clock_timestamp();
    insert into migration_control.writer_history (changed_at, epoch, open) values (new.changed_at, new.epoch, new.open);
    return new;
end
$$;
create trigger b_record before insert or update on migration_control.writer_epoch
    for each row execute function migration_control.record_writer();

-- Close this side for writes, or open it for those of an epoch. Repeating either changes nothing.
create function migration_control.close_writes(p_epoch bigint) returns void
    language sql as
$$
    update migration_control.writer_epoch set open = false, epoch = p_epoch where open or epoch <> p_epoch;
$$;

create function migration_control.open_writes(p_epoch bigint) returns void
    language sql as
$$
    update migration_control.writer_epoch set open = true, epoch = p_epoch where not open or epoch <> p_epoch;
$$;
