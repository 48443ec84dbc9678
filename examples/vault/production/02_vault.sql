-- The bonus of each customer, with two validities. valid_from and valid_to: for which month it holds, in the business.
-- tech_from and tech_to: from when until when the warehouse held it for true. What a late correction replaced is still
-- there, with an end.
create schema vault;

create table vault.bonus (
    customer_id integer not null,
    valid_from date not null,
    valid_to date not null,
    turnover decimal(12, 2) not null,
    bonus decimal(12, 2) not null,
    tech_from timestamptz not null,
    tech_to timestamptz not null,
    primary key (customer_id, valid_from, tech_from)
);

-- As production's loads have filled it, one delivery after the other.
insert into vault.bonus
select
    customer_id,
    month,
    month + interval 1 month,
    amount,
    amount * 0.01,
    delivered_at,
    coalesce(lead(delivered_at) over (partition by customer_id, month order by delivered_at), 'infinity')
from delivered.turnover
order by delivered_at, customer_id, month;
