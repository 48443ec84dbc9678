-- Rebuilds marts.airport_month from marts.flight: the scorecard of the airports.
-- Airports with the same share of punctual flights share a rank.

truncate marts.airport_month;

insert into marts.airport_month (
    month, origin, flights, delayed_flights, on_time_share, mean_delay, p90_delay, longest_delay,
    punctuality_rank
)
with scorecard as (
    select
        cast(date_trunc('month', flight_day) as date) as month,
        origin,
        count(*) as flights,
        count(*) filter (where is_delayed) as delayed_flights,
        cast(100.0 * count(*) filter (where not is_delayed) / count(*) as decimal(5, 2)) as on_time_share,
        avg(delay_minutes) as mean_delay,
        quantile_disc(delay_minutes, 0.9) as p90_delay,
        max(delay_minutes) as longest_delay
    from marts.flight
    group by all
)
select
    month, origin, flights, delayed_flights, on_time_share, mean_delay, p90_delay, longest_delay,
    rank() over (partition by month order by on_time_share desc)
from scorecard
order by month, origin;
