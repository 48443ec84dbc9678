import type { Engine, Location } from '../engines/engine.ts';
import { GreenlightError } from '../errors.ts';
import type { Progress } from '../hosts/host.ts';
import { requireBaseline } from './candidate.ts';
import { copyBaseline } from './given.ts';
import type { Ledger } from './ledger.ts';
import type { ClonedRelease } from './records.ts';

interface Parts {
  readonly engine: Engine;
  readonly ledger: Ledger;
}

/** In place of a mark while the old logic runs: whatever is there is half of it. */
const beingMade = 'being made';

/** Makes the control: a copy of the baseline, in which the old logic is to run. One that was there is replaced. */
export async function makeControl(
  { engine, ledger }: Parts,
  release: ClonedRelease,
  method: string,
  progress: Progress,
): Promise<Location> {
  await requireBaseline({ engine, ledger }, release);
  await ledger.write(`control of ${release.id}`, (writer) => writer.forgetControl(release.id));
  const control = engine.places.control(release.id);
  await copyBaseline(
    { engine, progress },
    'Cloning the control',
    release,
    { to: control, method },
    ({ clone }) =>
      ledger.write(`control of ${release.id}`, (writer) =>
        writer.updateRelease(release.id, {
          control,
          control_id: clone.id,
          control_mark: beingMade,
        }),
      ),
  );
  return control;
}

/** Records how the old logic leaves the control. */
export async function leaveControl(
  { engine, ledger }: Parts,
  release: ClonedRelease,
  commit: string | null,
): Promise<void> {
  const found = await engine.databases.identify(engine.places.control(release.id));
  await ledger.write(`control of ${release.id}`, (writer) =>
    writer.updateRelease(release.id, {
      control_mark: found?.mark ?? null,
      control_commit: commit,
    }),
  );
}

/** No control belongs to this release any more. */
export async function dropControl(
  { engine, ledger }: Parts,
  release: { readonly id: string },
): Promise<void> {
  await engine.databases.drop(engine.places.control(release.id));
  await ledger.write(`control of ${release.id}`, (writer) => writer.forgetControl(release.id));
}

/** @throws GreenlightError unless the control is as the old logic left it. */
export async function requireControl(
  { engine }: Pick<Parts, 'engine'>,
  { id, control, control_id, control_mark }: ClonedRelease,
): Promise<Location> {
  const at = control ?? engine.places.control(id);
  const found = control === null ? null : await engine.databases.identify(at);
  if (control !== null && found?.id === control_id && found?.mark === control_mark) return control;
  throw new GreenlightError({
    what: whatIsWrong(),
    where: engine.places.describe(at),
    help: `Run the old logic again: greenlight simulate --release ${id}`,
  });

  function whatIsWrong(): string {
    if (control === null) return 'There is no control: the old logic has not run for this release.';
    if (control_mark === beingMade) return 'The old logic did not come to its end in the control.';
    if (found === null) return 'The control is gone: somebody dropped it.';
    return found.id === control_id
      ? 'The control was changed since the old logic ran.'
      : 'Another database took the place of the control.';
  }
}
