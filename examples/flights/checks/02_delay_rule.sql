-- A flight is delayed from minute 15 on, and delayed flights are never of the class 'on time'.
-- One row per class of delay.
select
    bool_and(
        is_delayed = (delay_minutes >= 15)
        and delay_class is not null
        and is_delayed = (delay_class <> 'on time')
    ) as rule_holds
from marts.flight
group by delay_class;
