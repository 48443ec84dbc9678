-- New columns come last: whoever reads the view by position reads what it always did.
create or replace view crm.customer_list as
select customer_id, name, city, first_name, last_name from crm.customer;

-- New parameters have NULL as their default, so that old calls still fit, and a NULL never overwrites a value.
drop function crm.save_customer(integer, text, text);
create function crm.save_customer(
  p_customer_id integer,
  p_name        text default null,
  p_city        text default null,
  p_first_name  text default null,
  p_last_name   text default null
) returns integer
language sql as $$
  insert into crm.customer (customer_id, name, city, first_name, last_name)
  values (coalesce(p_customer_id, nextval('crm.customer_customer_id_seq')), p_name, p_city, p_first_name, p_last_name)
  on conflict (customer_id) do update
    set name = coalesce(excluded.name, customer.name), city = coalesce(excluded.city, customer.city),
        first_name = coalesce(excluded.first_name, customer.first_name),
        last_name = coalesce(excluded.last_name, customer.last_name), changed_at = now()
  returning customer_id
$$;
