-- Each aggregate counts as many flights and as many delayed flights as marts.flight. One row per aggregate.
with expected as (
    select count(*) as flights, count(*) filter (where is_delayed) as delayed_flights
    from marts.flight
),
aggregates as (
    select sum(flights) as flights, sum(delayed_flights) as delayed_flights from marts.airport_day
    union all
    select sum(flights), sum(delayed_flights) from marts.route
    union all
    select sum(flights), sum(delayed_flights) from marts.airport_month
)
select
    aggregates.flights = expected.flights
    and aggregates.delayed_flights = expected.delayed_flights as totals_agree
from aggregates, expected;
