-- Of each customer and month, one version is in force.
select count(*) = count(distinct (customer_id, valid_from)) as one_version, count(*) = 900 as complete
from vault.bonus
where tech_from <= now() and now() < tech_to;
