-- The writes of the payment API, each one statement to its client: check the writer, take the key, write.

create schema payment_api;

create type payment_api.answer as (outcome varchar(16), status smallint, response varchar(4000));

-- What was answered to a key before: `replayed`, or `mismatch` if it came with another request.
create function payment_api.earlier(p_key varchar, p_hash varchar) returns payment_api.answer
    language sql stable as
$$
    select row(case when request_hash = p_hash then 'replayed' else 'mismatch' end, status, response)::payment_api.answer
    from public.idempotency_keys
    where key = p_key;
$$;

-- Take the key, or wait for who has it; false if it was used before.
create function payment_api.take_key(p_key varchar, p_hash varchar, p_status smallint, p_response varchar, p_at timestamptz)
    returns boolean language plpgsql as
$$
begin
    insert into public.idempotency_keys (key, request_hash, status, response, created_at)
    values (p_key, p_hash, p_status, p_response, p_at)
    on conflict do nothing;
    return found;
end
$$;

create function payment_api.create_payment(
    p_epoch bigint, p_key varchar, p_hash varchar, p_status smallint, p_response varchar, p_at timestamptz,
    p_id uuid, p_merchant varchar, p_amount bigint, p_currency varchar, p_token varchar, p_reference varchar
) returns payment_api.answer language plpgsql as
$$
declare
    here bigint;
begin
    perform migration_control.require_writer(p_epoch);
    if not payment_api.take_key(p_key, p_hash, p_status, p_response, p_at) then
        return payment_api.earlier(p_key, p_hash);
    end if;
    select epoch into here from migration_control.writer_epoch;
    insert into public.payments
        (id, merchant, amount, currency, payment_token, reference, status, writer_epoch, created_at)
    values (p_id, p_merchant, p_amount, p_currency, p_token, p_reference, 'accepted', here, p_at);
    insert into public.payment_events (payment_id, kind, amount, currency, created_at)
    values (p_id, 'accepted', p_amount, p_currency, p_at);
    return row('created', p_status, p_response)::payment_api.answer;
end
$$;

-- Raise TR404 where there is no such payment, TR409 where more is asked back than is left.
create function payment_api.create_refund(
    p_epoch bigint, p_key varchar, p_hash varchar, p_status smallint, p_response varchar, p_at timestamptz,
    p_id uuid, p_payment uuid, p_amount bigint
) returns payment_api.answer language plpgsql as
$$
declare
    here bigint;
    paid public.payments;
begin
    perform migration_control.require_writer(p_epoch);
    if not payment_api.take_key(p_key, p_hash, p_status, p_response, p_at) then
        return payment_api.earlier(p_key, p_hash);
    end if;
    select epoch into here from migration_control.writer_epoch;
    select * into paid from public.payments where id = p_payment for update;
    if not found then
        raise exception 'no such payment' using errcode = 'TR404';
    elsif p_amount > paid.amount - paid.refunded then
        raise exception 'more than is left' using errcode = 'TR409';
    end if;
    update public.payments
    set refunded = refunded + p_amount,
        status = case when refunded + p_amount = amount then 'refunded' else 'partially_refunded' end,
        updated_at = clock_timestamp()
    where id = p_payment;
    insert into public.refunds (id, payment_id, amount, currency, writer_epoch, created_at)
    values (p_id, p_payment, p_amount, paid.currency, here, p_at);
    insert into public.payment_events (payment_id, kind, amount, currency, created_at)
    values (p_payment, 'refunded', p_amount, paid.currency, p_at);
    return row('created', p_status, p_response)::payment_api.answer;
end
$$;
