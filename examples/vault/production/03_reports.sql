create schema reports;

-- As of any instant: what the warehouse held for true then.
create macro reports.bonus_as_of(instant) as table
select valid_from as month, count(*) as customers, sum(bonus) as bonus
from vault.bonus
where tech_from <= instant::timestamptz and instant::timestamptz < tech_to
group by valid_from
order by valid_from;

-- The standard report: as of now.
create view reports.bonus_by_month as
select valid_from as month, count(*) as customers, sum(turnover) as turnover, sum(bonus) as bonus
from vault.bonus
where tech_from <= now() and now() < tech_to
group by valid_from
order by valid_from;
