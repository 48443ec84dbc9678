-- The column may only go when nothing is lost with it: the script ends here, and the release with it, as long as a customer
-- has but the old name.
alter table crm.customer alter column first_name set not null;
alter table crm.customer alter column last_name set not null;
