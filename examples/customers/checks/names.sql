-- Asked right after the swap: nobody lost the name that he had.
select count(*) = 0 as nobody_lost_his_name from crm.customer
where name is null and (first_name is null or last_name is null);
