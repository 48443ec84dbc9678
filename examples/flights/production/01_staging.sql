-- What the delivery systems brought: flights and airports, loaded from files.
-- Needs the variable flights_parquet (path of flights-3m.parquet); airports.csv lies beside that file.

create schema if not exists staging;

-- One row per flight. The file carries no key, so the row's place in the file is the key.
-- departed_at is the actual departure; delay_minutes is the delay at arrival (negative: early).
create or replace table staging.flights (
    flight_id      integer   not null,
    departed_at    timestamp not null,
    origin         varchar   not null,
    destination    varchar   not null,
    distance_miles integer   not null,
    delay_minutes  integer   not null
);

insert into staging.flights (flight_id, departed_at, origin, destination, distance_miles, delay_minutes)
select
    file_row_number + 1,
    date,
    origin,
    destination,
    distance,
    delay
from read_parquet(getvariable('flights_parquet'), file_row_number = true);

-- One row per airport. The file writes NA where city or state is not known.
create or replace table staging.airports (
    iata      varchar primary key,
    name      varchar not null,
    city      varchar,
    state     varchar,
    country   varchar not null,
    latitude  double  not null,
    longitude double  not null
);

insert into staging.airports (iata, name, city, state, country, latitude, longitude)
select iata, name, city, state, country, latitude, longitude
from read_csv(
    replace(getvariable('flights_parquet'), 'flights-3m.parquet', 'airports.csv'),
    header = true,
    nullstr = 'NA',
    columns = {
        'iata': 'varchar', 'name': 'varchar', 'city': 'varchar', 'state': 'varchar',
        'country': 'varchar', 'latitude': 'double', 'longitude': 'double'
    }
);
