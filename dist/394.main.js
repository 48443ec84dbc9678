const y=394,k=[394],$={8394:((b,g,o)=>{o.r(g),o.d(g,{init:()=>m});var i=o(1455),c=o(6760),f={duckdb:{files:/\.(duckdb|ddb|db)$/,lines:`# Greenlight's own records: a file of its own, so that nothing is written to live.
ledger: greenlight.duckdb`,example:"warehouse.duckdb"},postgres:{files:null,lines:`# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Host, user and password come from PGHOST, PGPORT, PGUSER and PGPASSWORD, or stand here, secrets as variables:
# connection: { host: db.example, user: release, password: "\${DB_PASSWORD}", sslmode: verify-full }`,example:"shop"}},u=o(5781);async function m(e){const{config:t,engine:s="duckdb"}=e,a=f[s];if(a===void 0)throw new Error(`No engine is called ${s}`);const l=(0,c.dirname)(t);if(await w(t))throw new u.eb({what:"There is a configuration already.",where:t,help:"Edit it, or remove it first."});const n=e.live??await v(l,s,a),r=[t];await(0,i.mkdir)(l,{recursive:!0}),await(0,i.writeFile)(t,p(s,a,n),{flag:"wx"});for(const h of["migrations","logic"]){const d=(0,c.join)(l,h);await w(d)||(await(0,i.mkdir)(d),await(0,i.writeFile)((0,c.join)(d,".gitkeep"),""),r.push(`${d}/`))}return{written:r,live:n}}async function v(e,t,{files:s,example:a}){if(s===null)throw new u.eb({what:"The database that production uses is not named.",help:`Name it: greenlight init --engine ${t} --live ${a}`});const n=(await(0,i.readdir)(e).catch(()=>[])).filter(h=>s.test(h)&&h!=="greenlight.duckdb"),[r]=n;if(r!==void 0&&n.length===1)return r;throw new u.eb({what:r===void 0?"There is no database file here.":`There are several databases here: ${n.join(", ")}.`,where:e,help:`Say which one production uses: greenlight init --live ${a}`})}async function w(e){return(0,i.access)(e).then(()=>!0,()=>!1)}function p(e,{lines:t},s){return`# Greenlight: how changes to this database go live. Paths are relative to this file.
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
