-- Every order is counted once.
SELECT CAST(CASE WHEN (SELECT SUM(orders) FROM sales.daily) = (SELECT COUNT(*) FROM sales.orders) THEN 1 ELSE 0 END AS bit) AS all_counted;
