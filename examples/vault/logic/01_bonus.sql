-- The latest delivery of each customer and month counts. The bonus is 1 % of the turnover, and 2 % from 1,000 on.
create temp table wanted as
select customer_id, month as valid_from, month + interval 1 month as valid_to, amount as turnover,
    amount * case when amount >= 1000 then 0.02 else 0.01 end as bonus
from delivered.turnover
qualify row_number() over (partition by customer_id, month order by delivered_at desc) = 1;

-- What is in force and not wanted any more ends now.
update vault.bonus as b
set tech_to = getvariable('greenlight_now')
where b.tech_to = 'infinity'
    and not exists (
        from wanted as w
        where w.customer_id = b.customer_id and w.valid_from = b.valid_from
            and w.turnover = b.turnover and w.bonus = b.bonus);

-- What is wanted and not in force begins now.
insert into vault.bonus
select w.*, getvariable('greenlight_now'), 'infinity'
from wanted as w
where not exists (
    from vault.bonus as b
    where b.tech_to = 'infinity' and b.customer_id = w.customer_id and b.valid_from = w.valid_from);
