-- The result tables, empty. The files in logic/ fill them from staging.

create schema if not exists marts;

-- One row per flight. Key: flight_id. It is not declared: an index on three million rows slows the load.
create or replace table marts.flight (
    flight_id      integer not null,
    flight_day     date    not null,
    origin         varchar not null,
    destination    varchar not null,
    distance_miles integer not null,
    delay_minutes  integer not null,
    is_delayed     boolean not null
);

-- One row per day and airport of departure.
create or replace table marts.airport_day (
    flight_day      date    not null,
    origin          varchar not null,
    flights         integer not null,
    delayed_flights integer not null,
    mean_delay      decimal(7, 2) not null,
    longest_delay   integer not null,
    primary key (flight_day, origin)
);

-- One row per route.
create or replace table marts.route (
    origin          varchar not null,
    destination     varchar not null,
    distance_miles  integer not null,
    flights         integer not null,
    delayed_flights integer not null,
    delayed_share   decimal(5, 2) not null, -- percent
    mean_delay      decimal(7, 2) not null,
    primary key (origin, destination)
);

-- The scorecard: one row per month and airport of departure. Rank 1 is the most punctual.
create or replace table marts.airport_month (
    month            date    not null, -- first day of the month
    origin           varchar not null,
    flights          integer not null,
    delayed_flights  integer not null,
    on_time_share    decimal(5, 2) not null, -- percent
    mean_delay       decimal(7, 2) not null,
    p90_delay        integer not null, -- nine of ten flights were not later than this
    longest_delay    integer not null,
    punctuality_rank integer not null,
    primary key (month, origin)
);
