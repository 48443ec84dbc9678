-- The views that people read.

create schema if not exists reports;

-- The eight large airports of departure with the highest share of delayed flights.
create or replace view reports.top_delayed_airports as
select
    airport.origin,
    place.city,
    airport.flights,
    airport.delayed_flights,
    cast(100.0 * airport.delayed_flights / airport.flights as decimal(5, 2)) as delayed_share
from (
    select origin, sum(flights)::integer as flights, sum(delayed_flights)::integer as delayed_flights
    from marts.airport_month
    group by origin
    having sum(flights) >= 10000
) as airport
left join staging.airports as place on place.iata = airport.origin
order by delayed_share desc, airport.origin
limit 8;

-- Punctuality a month. A month with fewer than 1,000 flights says nothing and is left out.
create or replace view reports.on_time_by_month as
select
    month,
    sum(flights)::integer as flights,
    sum(delayed_flights)::integer as delayed_flights,
    cast(100.0 * (sum(flights) - sum(delayed_flights)) / sum(flights) as decimal(5, 2)) as on_time_share
from marts.airport_month
group by month
having sum(flights) >= 1000
order by month;

-- The ten busy routes with the highest share of delayed flights.
create or replace view reports.worst_routes as
select origin, destination, flights, delayed_flights, delayed_share, mean_delay
from marts.route
where flights >= 1000
order by delayed_share desc, origin, destination
limit 10;
