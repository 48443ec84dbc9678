-- January's bonus as of three instants: before its late corrections, after them, and as of now.
select '2025-02-15' as as_of, bonus as january from reports.bonus_as_of('2025-02-15') where month = '2025-01-01'
union all
select '2025-12-31', bonus from reports.bonus_as_of('2025-12-31') where month = '2025-01-01'
union all
select 'now', bonus from reports.bonus_as_of(now()) where month = '2025-01-01';
