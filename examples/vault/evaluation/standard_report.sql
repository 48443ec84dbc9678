-- The standard report, as of now.
select month::varchar as month, customers, turnover, bonus from reports.bonus_by_month;
