ALTER TABLE sales.daily ADD returned int NULL;
GO
CREATE OR ALTER PROCEDURE sales.sum_days AS
BEGIN
  DELETE FROM sales.daily;
  INSERT INTO sales.daily (day, orders, amount, returned)
  SELECT day,
         COUNT(*),
         SUM(CASE WHEN state = 'returned' THEN 0 ELSE amount END),
         SUM(CASE WHEN state = 'returned' THEN 1 ELSE 0 END)
    FROM sales.orders GROUP BY day;
END;
