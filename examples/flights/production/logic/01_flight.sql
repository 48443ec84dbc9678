-- Rebuilds marts.flight: one row per flight of staging.flights.
-- A flight is delayed when it arrives more than 15 minutes late.

truncate marts.flight;

insert into marts.flight (
    flight_id, flight_day, origin, destination, distance_miles, delay_minutes, is_delayed
)
select
    f.flight_id,
    cast(f.departed_at as date),
    f.origin,
    f.destination,
    f.distance_miles,
    f.delay_minutes,
    f.delay_minutes > 15
from staging.flights as f
order by f.flight_id;
