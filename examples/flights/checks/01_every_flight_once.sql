-- Every flight that was delivered is in marts.flight, once.
select
    count(*) = (select count(*) from staging.flights)
    and count(distinct flight_id) = count(*) as every_flight_once
from marts.flight;
