import type { Judge } from '../judging.ts';
import { isOfTheMachine, withoutData } from './errors.ts';
import type { Workspace } from './workspace.ts';

export function judgeIn(workspace: Workspace): Judge {
  return {
    ask: (about, statement) => workspace.ask(about, statement),
    isOfTheMachine,
    withoutData,
  };
}
