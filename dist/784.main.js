const v=784,y=[784],b={4784:((m,l,a)=>{a.r(l),a.d(l,{init:()=>u});var n=a(1455),h=a(6760),d=a(5781);async function u(e){const{config:s}=e,t=(0,h.dirname)(s);if(await c(s))throw new d.eb({what:"There is a configuration already.",where:s,help:"Edit it, or remove it first."});const i=e.live??await f(t),r=[s];await(0,n.mkdir)(t,{recursive:!0}),await(0,n.writeFile)(s,g(i),{flag:"wx"});for(const w of["migrations","logic"]){const o=(0,h.join)(t,w);await c(o)||(await(0,n.mkdir)(o),r.push(`${o}/`))}return{written:r,live:i}}async function f(e){const t=(await(0,n.readdir)(e).catch(()=>[])).filter(r=>/\.(duckdb|ddb|db)$/.test(r)&&r!=="greenlight.duckdb"),[i]=t;if(i!==void 0&&t.length===1)return i;throw new d.eb({what:i===void 0?"There is no database file here.":`There are several databases here: ${t.join(", ")}.`,where:e,help:"Say which one production uses: greenlight init --live warehouse.duckdb"})}async function c(e){return(0,n.access)(e).then(()=>!0,()=>!1)}function g(e){return`# Greenlight: how changes to this database go live. Paths are relative to this file.
# All keys: docs/configuration.md.
version: 1
engine: duckdb

# The database that production uses now.
live: ${JSON.stringify(e)}

# Greenlight's own records: a file of its own, so that nothing is written to live.
ledger: greenlight.duckdb

# V<version>__<name>.sql runs once, R__<name>.sql again whenever it changed.
# Or the team's own tool: { command: "...", paths: [...] }
migrate:
  scripts: migrations/

# The logic that makes the results: SQL files and commands, in this order.
simulate:
  run:
    - logic/*.sql

compare:
  # What the delivery systems bring, as schema.table. Everything else is a result of the logic.
  input: []
  # Keys of tables and views that declare none. Without a key, rows are compared as a whole.
  # keys: { marts.delay: [carrier, day] }

# What the ledger keeps of deviating rows: keys, masked, full or none.
privacy: keys

# Queries whose every value must be true on live after the swap; if not, Greenlight swaps back.
# swap: { verify: [checks/*.sql] }
`}})};export{v as id,y as ids,b as modules};
