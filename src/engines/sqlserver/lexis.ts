import type { Script } from '../engine.ts';
import { type Lexis, standardLexis } from '../lexis.ts';
import { lineBreaksIn, type Statement } from '../script.ts';
import { type Batch, batchesOf } from './batches.ts';
import { contentOf, keywordOf, type Token, tokensOf } from './lexer.ts';

/** T-SQL as people write it: variables of sqlcmd are not filled in. */
export const lexis: Lexis = {
  statementsOf: (script: Script) => batchesOf(script, null).flatMap(statementsIn),
  tokensOf,
  contentOf,
  quoted: (text) => text.replaceAll("'", "''"),
  // INTO, FROM and TABLE may be left out.
  writing: new Set([...standardLexis.writing, 'insert', 'delete', 'merge']),
};

/** Words that begin a statement when they begin a line: semicolons are rarely written between statements. */
const beginning: ReadonlySet<string> = new Set(
  'alter create declare delete drop exec execute if insert merge truncate update while'.split(' '),
);

function statementsIn({ text, line }: Batch): Statement[] {
  const statements: Statement[] = [];
  let own: Token[] = [];
  const finish = () => {
    const [first, last] = [own[0], own.at(-1)];
    own = [];
    if (first === undefined || last === undefined) return;
    const before = text.slice(0, first.at);
    statements.push({
      text: text.slice(first.at, last.at + last.text.length),
      line: line + lineBreaksIn(before),
      column: before.length - Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')),
    });
  };
  let beginsLine = true;
  for (const token of tokensOf(text)) {
    if (token.kind === 'blank') {
      beginsLine ||= lineBreaksIn(token.text) > 0;
      // What is never closed hides nothing.
      if (token.closed) continue;
    }
    const isEnd = token.kind === 'sign' && token.text === ';';
    if (isEnd || (beginsLine && beginning.has(keywordOf(token)))) finish();
    if (!isEnd) own.push(token);
    beginsLine = false;
  }
  finish();
  return statements;
}
