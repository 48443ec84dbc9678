const y=394,k=[394],$={8394:((b,u,r)=>{r.r(u),r.d(u,{init:()=>m});var o=r(1455),g=r(6760),w={duckdb:{files:/\.(duckdb|ddb|db)$/,lines:`# Greenlight's own records: a file of its own, so that nothing is written to live.
ledger: greenlight.duckdb`,example:"warehouse.duckdb"},postgres:{files:null,lines:`# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Host, user and password come from PGHOST, PGPORT, PGUSER and PGPASSWORD, or stand here, secrets as variables:
# connection: { host: db.example, user: release, password: "\${DB_PASSWORD}", sslmode: verify-full }`,example:"shop"}},d=r(5781);async function m(e){const{config:t,engine:s="duckdb"}=e,i=w[s];if(i===void 0)throw new Error(`No engine is called ${s}`);const l=(0,g.dirname)(t);if(await f(t))throw new d.eb({what:"There is a configuration already.",where:t,help:"Edit it, or remove it first."});const a=e.live??await v(l,s,i),n=[t];await(0,o.mkdir)(l,{recursive:!0}),await(0,o.writeFile)(t,p(s,i,a),{flag:"wx"});for(const h of["migrations","logic"]){const c=(0,g.join)(l,h);await f(c)||(await(0,o.mkdir)(c),n.push(`${c}/`))}return{written:n,live:a}}async function v(e,t,{files:s,example:i}){if(s===null)throw new d.eb({what:"The database that production uses is not named.",help:`Name it: greenlight init --engine ${t} --live ${i}`});const a=(await(0,o.readdir)(e).catch(()=>[])).filter(h=>s.test(h)&&h!=="greenlight.duckdb"),[n]=a;if(n!==void 0&&a.length===1)return n;throw new d.eb({what:n===void 0?"There is no database file here.":`There are several databases here: ${a.join(", ")}.`,where:e,help:`Say which one production uses: greenlight init --live ${i}`})}async function f(e){return(0,o.access)(e).then(()=>!0,()=>!1)}function p(e,{lines:t},s){return`# Greenlight: how changes to this database go live. Paths are relative to this file.
# All keys: docs/configuration.md.
version: 1
engine: ${e}

# The database that production uses now.
live: ${JSON.stringify(s)}

${t}

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
`}})};export{y as id,k as ids,$ as modules};
