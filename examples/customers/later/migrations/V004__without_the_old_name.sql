-- First whatever refers to the column, then the column: PostgreSQL refuses to drop one that a view shows.
drop view crm.customer_list;
create view crm.customer_list as
select customer_id, city, first_name, last_name from crm.customer;
grant select on crm.customer_list to customers_app;

drop function crm.save_customer(integer, text, text, text, text);
create function crm.save_customer(
  p_customer_id integer,
  p_first_name  text,
  p_last_name   text,
  p_city        text default null
) returns integer
language sql as $$
  insert into crm.customer (customer_id, city, first_name, last_name)
  values (coalesce(p_customer_id, nextval('crm.customer_customer_id_seq')), p_city, p_first_name, p_last_name)
  on conflict (customer_id) do update
    set city = coalesce(excluded.city, customer.city), first_name = excluded.first_name, last_name = excluded.last_name,
        changed_at = now()
  returning customer_id
$$;

alter table crm.customer drop column name;
