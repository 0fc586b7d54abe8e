-- Who may do what. The roles are there before: their logins differ from side to side, their rights do not.

revoke create on schema public from public;
revoke all on schema migration_control, payment_api from public;
revoke all on all functions in schema migration_control, payment_api from public;

grant usage on schema public, migration_control, payment_api
    to payment_app, payment_validation, payment_operator;

-- No delete: what was paid stays.
grant select, insert, update on public.payments, public.refunds, public.idempotency_keys, public.payment_events
    to payment_app;
grant usage on sequence public.payment_events_id_seq to payment_app;
grant select on migration_control.writer_epoch, migration_control.marker, migration_control.migrations to payment_app;
grant execute on all functions in schema payment_api to payment_app;
grant execute on function migration_control.require_writer(bigint), migration_control.writer_lock() to payment_app;

grant select on all tables in schema public, migration_control to payment_validation;
grant select on all sequences in schema public to payment_validation;
grant insert, delete on migration_control.marker to payment_validation;

grant select on all tables in schema public, migration_control to payment_operator;
grant select, update on all sequences in schema public to payment_operator;
grant insert, delete on migration_control.marker to payment_operator;
grant update on migration_control.writer_epoch to payment_operator;
grant execute on function migration_control.close_writes(bigint), migration_control.open_writes(bigint),
    migration_control.writer_lock() to payment_operator;

-- Replication reads and applies; it never reads or writes who the writer is.
grant usage on schema public, migration_control to payment_replication;
grant select, insert, update, delete on
    public.payments, public.refunds, public.idempotency_keys, public.payment_events, migration_control.marker
    to payment_replication;
