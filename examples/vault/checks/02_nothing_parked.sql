-- Nothing is left in the far future.
select count(*) = 0 as nothing_parked
from vault.bonus
where tech_from > now() or (tech_to > now() and tech_to <> 'infinity');
