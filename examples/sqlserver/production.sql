CREATE DATABASE shop;
GO
USE shop;
GO
CREATE SCHEMA sales;
GO
CREATE TABLE sales.orders (
  id int NOT NULL CONSTRAINT orders_pk PRIMARY KEY,
  day date NOT NULL,
  amount decimal(10, 2) NOT NULL,
  state varchar(10) NOT NULL
);
CREATE TABLE sales.daily (
  day date NOT NULL CONSTRAINT daily_pk PRIMARY KEY,
  orders int NOT NULL,
  amount decimal(12, 2) NOT NULL
);
GO
CREATE PROCEDURE sales.sum_days AS
BEGIN
  DELETE FROM sales.daily;
  INSERT INTO sales.daily (day, orders, amount)
  SELECT day, COUNT(*), SUM(amount) FROM sales.orders GROUP BY day;
END;
GO
INSERT INTO sales.orders (id, day, amount, state) VALUES
  (1, '2026-01-05', 19.90, 'paid'), (2, '2026-01-05', 5.00, 'paid'), (3, '2026-01-06', 42.00, 'returned'),
  (4, '2026-01-06', 8.50, 'paid'), (5, '2026-01-07', 12.00, 'paid');
EXECUTE sales.sum_days;
GO
