/** Places: where databases are. */

/** A file for an embedded engine, a database or schema for a server. Means something to its engine only. */
export type Location = string;

export interface Places {
  readonly live: Location;
  candidate(release: string): Location;
  baseline(release: string): Location;
  control(release: string): Location;
  /** Where the copy of the candidate is made whose parked rows are published. */
  published(release: string): Location;
  /** Where the old live is kept after the swap of this release. */
  previous(release: string): Location;
  /** Where the released database is kept after the rollback of this release. */
  rolledBack(release: string): Location;
  /** Databases of other servers, which stand there already and are only read. Only of engines that reach others. */
  readonly given?: GivenPlaces;
  /** Three places beside each other in which the swap of this release is rehearsed. */
  rehearsal(release: string): RehearsalPlaces;
  /** How a stored definition could name the database at `at`. */
  names(at: Location): string[];
  /** For people: short, relative where that is clear. */
  describe(at: Location): string;
}

export interface GivenPlaces {
  /** As a person wrote it in the configuration. Throws UsageError for what is none. */
  locate(written: string): Location;
  has(at: Location): boolean;
}

/** They stand to each other as live, candidate and previous do, so that the same exchange works on them. */
export interface RehearsalPlaces {
  readonly live: Location;
  readonly candidate: Location;
  readonly previous: Location;
}
