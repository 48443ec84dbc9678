-- No report is empty. One row per report.
select count(*) = 8 as report_has_rows from reports.top_delayed_airports
union all
select count(*) = 6 from reports.on_time_by_month
union all
select count(*) = 10 from reports.worst_routes;
