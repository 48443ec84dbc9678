-- Punctuality a month, now with the flights that came an hour late or more.
-- A month with fewer than 1,000 flights says nothing and is left out.

create or replace view reports.on_time_by_month as
select
    cast(date_trunc('month', flight_day) as date) as month,
    count(*)::integer as flights,
    (count(*) filter (where is_delayed))::integer as delayed_flights,
    cast(100.0 * count(*) filter (where not is_delayed) / count(*) as decimal(5, 2)) as on_time_share,
    (count(*) filter (where delay_class in ('very late', 'severe')))::integer as very_late_flights
from marts.flight
group by all
having count(*) >= 1000
order by month;
