/** `$1`: a table, as SQL. Its partitions and heirs whose rows stand on another server; NULL: it has none. */
export const foreignParts = `WITH RECURSIVE member (oid) AS (
    SELECT $1::regclass::oid UNION SELECT inhrelid FROM member JOIN pg_inherits ON inhparent = member.oid)
  SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) AS parts
    FROM member JOIN pg_class c ON c.oid = member.oid WHERE c.relkind = 'f'`;
