-- Asked right after the swap: everybody has both parts of his name.
select count(*) = 0 as everybody_has_a_name from crm.customer where first_name is null or last_name is null;
