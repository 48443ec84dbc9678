-- Rebuilds marts.airport_day from marts.flight.

truncate marts.airport_day;

insert into marts.airport_day (
    flight_day, origin, flights, delayed_flights, mean_delay, longest_delay
)
select
    flight_day,
    origin,
    count(*),
    count(*) filter (where is_delayed),
    avg(delay_minutes),
    max(delay_minutes)
from marts.flight
group by flight_day, origin
order by flight_day, origin;
