-- What the shops deliver: the turnover of each customer and month, on the third of the next month.
create schema delivered;

create table delivered.turnover (
    customer_id integer not null,
    month date not null,
    amount decimal(12, 2) not null,
    delivered_at timestamptz not null
);

insert into delivered.turnover
select
    c,
    make_date(2025, m, 1),
    (c * 7919 + m * 104729) % 1900 + 100,
    timezone('UTC', make_timestamp(2025, m + 1, 3, 4, 0, 0))
from range(1, 101) as customers(c), range(1, 10) as months(m);

-- Late corrections: 26 turnovers are delivered a second time, 45 days after the first, with another amount.
insert into delivered.turnover
select customer_id, month, amount + 250, delivered_at + interval 45 days
from delivered.turnover
where (customer_id * 5 + month(month)) % 34 = 0;
