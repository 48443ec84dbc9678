const k=394,S=[394],O={7792:((y,f,o)=>{o.d(f,{I3:()=>g,PX:()=>v,QX:()=>m,Ry:()=>d,Vv:()=>c,Wo:()=>p,sP:()=>a});var a={duckdb:{live:"warehouse.duckdb",ledger:"greenlight.duckdb",methods:{reflink:"shares blocks with live",copy:"copies all bytes"}},postgres:{live:"shop",ledger:"greenlight",methods:{template:"the server copies the files while nobody is on live",dump:"pg_dump and pg_restore while others work"}},snowflake:{live:"shop",ledger:"greenlight",methods:{},auto:"a zero-copy clone"},sqlserver:{live:"shop",ledger:"greenlight",methods:{backup:"COPY_ONLY backup and restore",snapshot:"the same, with a database snapshot as baseline",copy:"in Azure SQL Database"}}},d=Object.keys(a),c="duckdb",u=Object.entries(a),g=[...new Set(["auto",...u.flatMap(([,{methods:n}])=>Object.keys(n))])],v=u.map(([n,{methods:e,auto:s}])=>{const t=Object.entries(e).map(([r,i])=>`${r} (${i})`);return`For ${n}: ${t.length===0?`always auto, ${s}`:t.join(" or ")}.`}).join(" "),p=u.map(([n,{ledger:e}])=>`${e} for ${n}`).join(", ");function m(n){return Object.hasOwn(a,n)}}),8394:((y,f,o)=>{o.r(f),o.d(f,{init:()=>v});var a=o(1455),d=o(6760),c=o(7792),u={duckdb:{files:/\.(duckdb|ddb|db)$/,lines:`# Greenlight's own records: a file of its own, so that nothing is written to live.
ledger: greenlight.duckdb`},postgres:{files:null,lines:`# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Host, user and password come from PGHOST, PGPORT, PGUSER and PGPASSWORD, or stand here, secrets as variables:
# connection: { host: db.example, user: release, password: "\${DB_PASSWORD}", sslmode: verify-full }`},snowflake:{files:null,lines:`# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Account, user, role, warehouse and key come from SNOWFLAKE_ACCOUNT, SNOWFLAKE_USER, SNOWFLAKE_ROLE, SNOWFLAKE_WAREHOUSE
# and SNOWFLAKE_PRIVATE_KEY_PATH, or stand here, secrets as variables. In a CI job its identity is enough:
# connection: { account: my_org-my_account, user: release, role: release_role, warehouse: release_wh, authenticator: WORKLOAD_IDENTITY }`},sqlserver:{files:null,lines:`# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Host, user and password come from SQLCMDSERVER, SQLCMDUSER and SQLCMDPASSWORD, or stand here, secrets as variables:
# connection: { host: db.example, user: release, password: "\${DB_PASSWORD}" }
# In Azure without any secret, after azure/login: connection: { host: name.database.windows.net, auth: entra-default }`}},g=o(5781);async function v(e){const{config:s,engine:t=c.Vv}=e;if(!(0,c.QX)(t))throw new Error(`No engine is called ${t}`);const r=u[t],i=(0,d.dirname)(s);if(await m(s))throw new g.eb({what:"There is a configuration already.",where:s,help:"Edit it, or remove it first."});const b=e.live??await p(i,t,r),h=[s];await(0,a.mkdir)(i,{recursive:!0}),await(0,a.writeFile)(s,n(t,r,b),{flag:"wx"});for(const w of["migrations","logic"]){const l=(0,d.join)(i,w);await m(l)||(await(0,a.mkdir)(l),await(0,a.writeFile)((0,d.join)(l,".gitkeep"),""),h.push(`${l}/`))}return{written:h,live:b}}async function p(e,s,{files:t}){const{live:r,ledger:i}=c.sP[s];if(t===null)throw new g.eb({what:"The database that production uses is not named.",help:`Name it: greenlight init --engine ${s} --live ${r}`});const h=(await(0,a.readdir)(e).catch(()=>[])).filter(l=>t.test(l)&&l!==i),[w]=h;if(w!==void 0&&h.length===1)return w;throw new g.eb({what:w===void 0?"There is no database file here.":`There are several databases here: ${h.join(", ")}.`,where:e,help:`Say which one production uses: greenlight init --live ${r}`})}async function m(e){return(0,a.access)(e).then(()=>!0,()=>!1)}function n(e,{lines:s},t){return`# Greenlight: how changes to this database go live. Paths are relative to this file.
# All keys: docs/configuration.md.
version: 1
engine: ${e}

# The database that production uses now.
live: ${JSON.stringify(t)}

${s}

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
`}})};export{k as id,S as ids,O as modules};
