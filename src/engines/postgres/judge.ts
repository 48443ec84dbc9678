import type { Judge } from '../judging.ts';
import { isOfTheMachine, withoutData } from './errors.ts';
import type { Lane } from './workspace.ts';

export function judgeIn(lane: Lane): Judge {
  return {
    ask: (about, statement) => lane.ask(about, statement),
    isOfTheMachine,
    withoutData,
  };
}
