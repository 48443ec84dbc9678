import { makeProject, type Project } from './project.ts';
import type { Quick } from './quick.ts';

/** A small bitemporal warehouse, and a change of its rules. */

export const candidate = '.greenlight/pr-1/candidate/warehouse.duckdb';
export const baseline = '.greenlight/pr-1/baseline/warehouse.duckdb';
export const parked = '9000-01-01T00:00:00Z';

/** One history three times: each table has another type of instants, and writes its open end in another way. */
export const kinds = {
  infinity: { type: 'timestamptz', open: `'infinity'::timestamptz` },
  nothing: { type: 'timestamp', open: 'null::timestamp' },
  far: { type: 'date', open: `'9999-12-31'::date` },
} as const;
export type Kind = keyof typeof kinds;
const each = (make: (kind: Kind, of: (typeof kinds)[Kind]) => string) =>
  (Object.keys(kinds) as Kind[]).map((kind) => make(kind, kinds[kind])).join('\n');

/** Customer 1 was corrected in March for January. */
const live = `
create schema raw; create schema vault; create schema reports;
create table raw.turnover (customer integer, month date, amount decimal(12, 2));
insert into raw.turnover values (1, '2025-01-01', 900), (1, '2025-02-01', 500), (2, '2025-01-01', 1200), (2, '2025-02-01', 40);
${each(
  (kind, { type, open }) => `
create table vault.${kind} (customer integer, valid_from date, valid_to date, bonus decimal(12, 2),
  tech_from ${type}, tech_to ${type}, primary key (customer, valid_from, tech_from));
insert into vault.${kind} values
  (1, '2025-01-01', '2025-02-01', 0, '2025-02-02', '2025-03-05'),
  (1, '2025-01-01', '2025-02-01', 9, '2025-03-05', ${open}),
  (1, '2025-02-01', '2025-03-01', 5, '2025-03-02', ${open}),
  (2, '2025-01-01', '2025-02-01', 12, '2025-02-02', ${open}),
  (2, '2025-02-01', '2025-03-01', 0.40, '2025-03-02', ${open});
create macro reports.${kind}_as_of(instant) as table
  select valid_from as month, sum(bonus) as bonus, count(*) as customers from vault.${kind}
  where tech_from <= instant::${type} and coalesce(tech_to > instant::${type}, true) group by all order by all;
create view reports.${kind}_now as select valid_from as month, sum(bonus) as bonus from vault.${kind}
  where tech_from <= now() and coalesce(tech_to > now(), true) group by all order by all;`,
)}`;

/** From 1,000 on, 2 % instead of 1 %: one of the four rows changes. What is gone is closed, what is new begins now. */
export const logicOf = (kind: Kind, { type, open }: (typeof kinds)[Kind]) => `
create temp table wanted as select customer, month as valid_from, (month + interval 1 month)::date as valid_to,
  (amount * case when amount >= 1000 then 0.02 else 0.01 end)::decimal(12, 2) as bonus from raw.turnover;
update vault.${kind} as old set tech_to = getvariable('greenlight_now')::${type}
where coalesce(tech_to > '2999-01-01', true)
  and not exists (from wanted w where w.customer = old.customer and w.valid_from = old.valid_from and w.bonus = old.bonus);
insert into vault.${kind} (customer, valid_from, valid_to, bonus, tech_from, tech_to)
select customer, valid_from, valid_to, bonus, getvariable('greenlight_now'), ${open} from wanted w
where not exists (from vault.${kind} old where coalesce(tech_to > '9000-06-01', true) and w.customer = old.customer and w.valid_from = old.valid_from);
drop table wanted;
`;
export const config = `version: 1
engine: duckdb
live: warehouse.duckdb
simulate: { run: [logic/*.sql], bitemporal: { technical: [tech_from, tech_to] } }
compare: { input: [raw.*] }
`;
const files = Object.fromEntries(
  (Object.keys(kinds) as Kind[]).map((kind) => [`logic/${kind}.sql`, logicOf(kind, kinds[kind])]),
);

/** The project, with these files and this configuration besides. */
export function makeBitemporal(
  more: {
    readonly config?: string;
    readonly live?: string;
    readonly files?: Readonly<Record<string, string>>;
  } = {},
): Promise<Project> {
  return makeProject({
    live: more.live === undefined ? live : `${live}; ${more.live}`,
    config: more.config ?? config,
    files: { ...files, ...more.files },
  });
}

export async function approveLatest(quick: Quick, project: Project): Promise<void> {
  const { releases } = await quick.json<{ releases: { digest: string }[] }>(project, 'status');
  await quick.json(project, 'approve', '--digest', releases[0]?.digest ?? '', '--by', 'alice');
}

export const rowsOf = (project: Project, file: string, kind: Kind) =>
  project.sql(file, `from vault.${kind} order by all`);
export const asOf = (project: Project, file: string, kind: Kind, instant: string) =>
  project.sql(file, `from reports.${kind}_as_of('${instant}')`);
export const oldNumbers = [
  { month: '2025-01-01', bonus: '21.00', customers: '2' },
  { month: '2025-02-01', bonus: '5.40', customers: '2' },
];
export const newNumbers = [
  { month: '2025-01-01', bonus: '33.00', customers: '2' },
  { month: '2025-02-01', bonus: '5.40', customers: '2' },
];
export const beforeCorrection = [
  { month: '2025-01-01', bonus: '12.00', customers: '2' },
  { month: '2025-02-01', bonus: '5.40', customers: '2' },
];

/** Every report of a database, exported as production exports it: as text, byte by byte. */
export async function reportsOf(project: Project, file: string): Promise<string> {
  const texts: string[] = [];
  for (const kind of Object.keys(kinds)) {
    for (const report of [
      `reports.${kind}_now`,
      `reports.${kind}_as_of('2025-03-03')`,
      `reports.${kind}_as_of(now())`,
    ]) {
      const out = project.path(`export.csv`);
      await project.sql(file, `copy (from ${report}) to '${out}'`);
      const [{ content } = {}] = await project.sql(file, `select content from read_text('${out}')`);
      texts.push(`${report}\n${content}`);
    }
  }
  return texts.join('\n');
}
