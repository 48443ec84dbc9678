import type { Judge } from '../judging.ts';
import type { Syntax } from '../syntax.ts';
import { isOfTheMachine, withoutData } from './errors.ts';
import type { Lane } from './workspace.ts';

/** A condition is no value, and a bit is no condition. */
export const syntax: Syntax = {
  always: '1 = 1',
  never: '1 = 0',
  yes: '1',
  no: '0',
  isSet: (value) => `${value} = 1`,
};

export function judgeIn(lane: Lane): Judge {
  return {
    syntax,
    ask: (about, statement) => lane.ask(about, statement),
    isOfTheMachine,
    withoutData,
  };
}
