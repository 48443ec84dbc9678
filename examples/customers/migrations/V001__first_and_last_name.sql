-- New columns are nullable, and the old one stays: clients that know only `name` go on for days. Existing names are not
-- split here: a client that knows its customer fills both parts when it next saves.
alter table crm.customer add column first_name text;
alter table crm.customer add column last_name text;

-- A client that no longer knows `name` must be able to save.
alter table crm.customer alter column name drop not null;
