const y=8394,S=[8394],E={8394:((b,w,o)=>{o.r(w),o.d(w,{init:()=>m});var a=o(1455),c=o(6760),f={duckdb:{files:/\.(duckdb|ddb|db)$/,lines:`# Greenlight's own records: a file of its own, so that nothing is written to live.
ledger: greenlight.duckdb`,example:"warehouse.duckdb"},postgres:{files:null,lines:`# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Host, user and password come from PGHOST, PGPORT, PGUSER and PGPASSWORD, or stand here, secrets as variables:
# connection: { host: db.example, user: release, password: "\${DB_PASSWORD}", sslmode: verify-full }`,example:"shop"},snowflake:{files:null,lines:`# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Account, user, role, warehouse and key come from SNOWFLAKE_ACCOUNT, SNOWFLAKE_USER, SNOWFLAKE_ROLE, SNOWFLAKE_WAREHOUSE
# and SNOWFLAKE_PRIVATE_KEY_PATH, or stand here, secrets as variables. In a CI job its identity is enough:
# connection: { account: my_org-my_account, user: release, role: release_role, warehouse: release_wh, authenticator: WORKLOAD_IDENTITY }`,example:"shop"},sqlserver:{files:null,lines:`# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Host, user and password come from SQLCMDSERVER, SQLCMDUSER and SQLCMDPASSWORD, or stand here, secrets as variables:
# connection: { host: db.example, user: release, password: "\${DB_PASSWORD}" }
# In Azure without any secret, after azure/login: connection: { host: name.database.windows.net, auth: entra-default }`,example:"shop"}},u=o(5781);async function m(e){const{config:t,engine:s="duckdb"}=e,n=f[s];if(n===void 0)throw new Error(`No engine is called ${s}`);const l=(0,c.dirname)(t);if(await g(t))throw new u.eb({what:"There is a configuration already.",where:t,help:"Edit it, or remove it first."});const i=e.live??await v(l,s,n),r=[t];await(0,a.mkdir)(l,{recursive:!0}),await(0,a.writeFile)(t,p(s,n,i),{flag:"wx"});for(const h of["migrations","logic"]){const d=(0,c.join)(l,h);await g(d)||(await(0,a.mkdir)(d),await(0,a.writeFile)((0,c.join)(d,".gitkeep"),""),r.push(`${d}/`))}return{written:r,live:i}}async function v(e,t,{files:s,example:n}){if(s===null)throw new u.eb({what:"The database that production uses is not named.",help:`Name it: greenlight init --engine ${t} --live ${n}`});const i=(await(0,a.readdir)(e).catch(()=>[])).filter(h=>s.test(h)&&h!=="greenlight.duckdb"),[r]=i;if(r!==void 0&&i.length===1)return r;throw new u.eb({what:r===void 0?"There is no database file here.":`There are several databases here: ${i.join(", ")}.`,where:e,help:`Say which one production uses: greenlight init --live ${n}`})}async function g(e){return(0,a.access)(e).then(()=>!0,()=>!1)}function p(e,{lines:t},s){return`# Greenlight: how changes to this database go live. Paths are relative to this file.
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
`}})};export{y as id,S as ids,E as modules};
