-- Adds the classes of delay, and a column for the class of each flight.
-- The logic fills the column; until then it is null, and the old logic can run on.

create table marts.delay_class (
    delay_class   varchar primary key,
    from_minutes  integer not null, -- first minute of the class
    until_minutes integer           -- first minute after the class; null: the class has no end
);

insert into marts.delay_class (delay_class, from_minutes, until_minutes)
values
    ('on time',   -1440, 15), -- a day early and no earlier
    ('late',      15,    60),
    ('very late', 60,    180),
    ('severe',    180,   null);

alter table marts.flight add column delay_class varchar;
