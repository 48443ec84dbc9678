-- Rebuilds marts.flight: one row per flight of staging.flights.
-- A flight is delayed when it arrives 15 minutes late or more (the rule of the US DOT).

truncate marts.flight;

insert into marts.flight (
    flight_id, flight_day, origin, destination, distance_miles, delay_minutes, is_delayed, delay_class
)
select
    f.flight_id,
    cast(f.departed_at as date),
    f.origin,
    f.destination,
    f.distance_miles,
    f.delay_minutes,
    f.delay_minutes >= 15,
    c.delay_class
from staging.flights as f
left join marts.delay_class as c
    on f.delay_minutes >= c.from_minutes
    and (f.delay_minutes < c.until_minutes or c.until_minutes is null) -- the last class has no end
order by f.flight_id;
