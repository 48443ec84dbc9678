import { UsageError } from '../errors.ts';
import type { Evidence, Gate, Reason } from './gate.ts';
import type { LedgerWriter } from './ledger.ts';
import type { Override } from './records.ts';

/** In an emergency, a person opens the gate against its reasons: who, and why. */
export interface OverrideRequest {
  readonly by: string;
  readonly because: string;
}

/** @throws UsageError when only one of the two is given. */
export function requireOverride(options: {
  readonly override?: string;
  readonly by?: string;
}): OverrideRequest | null {
  const [because, by] = [options.override?.trim(), options.by?.trim()];
  if (because === undefined && by === undefined) return null;
  if (because !== undefined && because !== '' && by !== undefined && by !== '')
    return { by, because };
  throw new UsageError({
    what: 'To override the gate takes a reason and a person; both are recorded for good.',
    help: 'greenlight swap --release ID --override "why it cannot wait" --by NAME',
  });
}

/** An override opens the gate where only people's judgement keeps it closed, for all of the reasons or for none. */
export function isOpenedBy(request: OverrideRequest | null, { reasons }: Gate): boolean {
  return request !== null && reasons.every(({ overridable }) => overridable);
}

/** Written together with the intent of the swap: neither is there without the other. */
export async function recordOverride(
  writer: LedgerWriter,
  swap: number,
  { release, comparison }: Evidence,
  { by, because }: OverrideRequest,
  { reasons, place }: { readonly reasons: readonly Reason[]; readonly place: string },
): Promise<void> {
  await writer.addOverride({
    release: release.id,
    swap,
    digest: comparison?.digest ?? '',
    overridden_by: by,
    because,
    place,
    reasons: reasons.map(({ condition, found }) => ({ condition, found })),
  });
}

/** An override as results show it. */
export interface ShownOverride {
  readonly by: string;
  readonly because: string;
  readonly at: string;
  readonly place: string;
  readonly digest: string;
  /** Why the gate was closed. */
  readonly reasons: Override['reasons'];
}

export function showOverride(override: Override): ShownOverride {
  const { overridden_by, overridden_at, because, place, digest, reasons } = override;
  return { by: overridden_by, because, at: overridden_at, place, digest, reasons };
}
