-- The customers that gain most by the new rule. For the candidate, while its new rows are parked.
select
    new.customer_id,
    count(*) as months,
    sum(old.bonus) as old_bonus,
    sum(new.bonus) as new_bonus
from vault.bonus as new
join vault.bonus as old
    on old.customer_id = new.customer_id
    and old.valid_from = new.valid_from
    and old.tech_to = new.tech_from
where new.tech_from = timestamptz '9000-01-01 00:00:00+00'
group by new.customer_id
order by sum(new.bonus) - sum(old.bonus) desc, new.customer_id
limit 5;
