-- What production is before the release.
CREATE DATABASE shop;
USE DATABASE shop;
CREATE SCHEMA staging;
CREATE SCHEMA marts;
CREATE TABLE staging.orders (id INTEGER PRIMARY KEY, customer VARCHAR(40) NOT NULL, amount NUMBER(12, 2));
INSERT INTO staging.orders VALUES
  (1, 'Ada', 12.50), (2, 'Ada', 7.50), (3, 'Grace', 100.00), (4, 'Edsger', 20.25), (5, 'Grace', 0.75);
CREATE TABLE marts.revenue (customer VARCHAR(40) PRIMARY KEY, amount NUMBER(18, 2));
INSERT INTO marts.revenue SELECT customer, SUM(amount) FROM staging.orders GROUP BY customer;
CREATE VIEW marts.top AS SELECT customer, amount FROM marts.revenue WHERE amount > 50;
