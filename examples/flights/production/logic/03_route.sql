-- Rebuilds marts.route from marts.flight. A route has one distance.

truncate marts.route;

insert into marts.route (
    origin, destination, distance_miles, flights, delayed_flights, delayed_share, mean_delay
)
select
    origin,
    destination,
    max(distance_miles),
    count(*),
    count(*) filter (where is_delayed),
    100.0 * count(*) filter (where is_delayed) / count(*),
    avg(delay_minutes)
from marts.flight
group by origin, destination
order by origin, destination;
