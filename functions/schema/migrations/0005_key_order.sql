-- Keys are compared range by range on two servers whose libraries may sort text differently; bytes sort alike.
-- A table in use is left as it is: while its index was built anew, nobody could pay. There an index is added instead.
do $$
begin
    if not exists (select from public.idempotency_keys) then
        alter table public.idempotency_keys alter column key type varchar(255) collate "C";
    end if;
end
$$;
