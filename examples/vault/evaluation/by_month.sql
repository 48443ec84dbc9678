-- Old and new rule side by side, in one query over one table. For the candidate, while its new rows are parked.
with
    old as (
        from reports.bonus_as_of('8999-12-31')
    ),
    new as (
        from reports.bonus_as_of('9000-01-02')
    )
select month::varchar as month, old.bonus as old_bonus, new.bonus as new_bonus, new.bonus - old.bonus as more
from old full join new using (month)
order by month;
