-- Payments, refunds, and what makes a write happen once.
-- Text has a length everywhere: replication treats text without one as a large object and may cut it.

create table public.payments (
    id            uuid         primary key,
    merchant      varchar(64)  not null,
    amount        bigint       not null check (amount > 0),
    currency      varchar(3)   not null check (currency ~ '^[A-Z]{3}$'),
    payment_token varchar(128) not null,
    reference     varchar(140),
    status        varchar(20)  not null check (status in ('accepted', 'partially_refunded', 'refunded')),
    refunded      bigint       not null default 0 check (refunded between 0 and amount),
    writer_epoch  bigint       not null,
    created_at    timestamptz  not null,
    updated_at    timestamptz  not null default clock_timestamp()
);
comment on column public.payments.amount is 'in minor units of the currency';
comment on column public.payments.writer_epoch is 'epoch of the writer that accepted it';
-- Identifiers begin with their time, so the newest of a merchant are found by identifier.
create index payments_of_merchant on public.payments (merchant, id);
create index payments_by_change on public.payments (updated_at);

create table public.refunds (
    id           uuid        primary key,
    payment_id   uuid        not null references public.payments (id),
    amount       bigint      not null check (amount > 0),
    currency     varchar(3)  not null check (currency ~ '^[A-Z]{3}$'),
    writer_epoch bigint      not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null default clock_timestamp()
);
create index refunds_of_payment on public.refunds (payment_id);
create index refunds_by_change on public.refunds (updated_at);

create table public.idempotency_keys (
    key          varchar(255)  primary key,
    request_hash varchar(64)   not null,
    status       smallint      not null,
    response     varchar(4000) not null,
    created_at   timestamptz   not null,
    updated_at   timestamptz   not null default clock_timestamp()
);
comment on table public.idempotency_keys is 'the answer to each write, kept in the transaction of the write';
create index idempotency_keys_by_change on public.idempotency_keys (updated_at);

create table public.payment_events (
    id         bigserial   primary key,
    payment_id uuid        not null,
    kind       varchar(32) not null check (kind in ('accepted', 'refunded')),
    amount     bigint      not null,
    currency   varchar(3)  not null,
    created_at timestamptz not null,
    updated_at timestamptz not null default clock_timestamp()
);
comment on table public.payment_events is 'what happened, in order; its sequence does not replicate, a cutover carries it over';
create index payment_events_of_payment on public.payment_events (payment_id);
create index payment_events_by_change on public.payment_events (updated_at);
