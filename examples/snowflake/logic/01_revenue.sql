DELETE FROM marts.revenue;
INSERT INTO marts.revenue (customer, amount)
SELECT customer, SUM(amount) FROM staging.orders WHERE amount >= 1 GROUP BY customer;
