import type { Engine, Location } from '../engine.ts';
import type { Synonyms } from './synonyms.ts';

/**
 * The same engine where synonyms say which database stands for which location: each part is told the database that does
 * now. Only the exchange is another one.
 */
export function throughSynonyms(engine: Engine, synonyms: Synonyms): Engine {
  const { databases, catalog, scripts, comparison, bitemporal, swap, replay, places } = engine;
  const at = (location: Location) => synonyms.databaseAt(location);
  return {
    ...engine,
    places: {
      ...places,
      // By its own name, and by that of the database that stands for it.
      names: (location) => [
        ...new Set([...places.names(location), ...places.names(synonyms.lastKnown(location))]),
      ],
    },
    databases: {
      identify: async (location) => databases.identify(await at(location)),
      glance: async (location) => databases.glance(await at(location)),
      clone: async (from, to, how) => databases.clone(await at(from), await at(to), how),
      drop: async (location) => databases.drop(await at(location)),
      size: async (location) => databases.size(await at(location)),
      watch: async (location, since) => databases.watch(await at(location), since),
      trail: databases.trail,
      dropTrail: databases.dropTrail,
    },
    catalog: { read: async (location) => catalog.read(await at(location)) },
    scripts: {
      ...scripts,
      open: async (location, options) => {
        const forbidden = await Promise.all(options.forbidden.map(at));
        return scripts.open(await at(location), {
          ...options,
          forbidden: [...new Set([...options.forbidden, ...forbidden])],
        });
      },
    },
    comparison: {
      ...comparison,
      open: async (options) =>
        comparison.open({ ...options, old: await at(options.old), new: await at(options.new) }),
    },
    bitemporal: {
      find: async (location, ...rest) => bitemporal.find(await at(location), ...rest),
      inspect: async (location, ...rest) => bitemporal.inspect(await at(location), ...rest),
      parkedElsewhere: async (location, ...rest) =>
        bitemporal.parkedElsewhere(await at(location), ...rest),
      publish: async (location, ...rest) => bitemporal.publish(await at(location), ...rest),
      withdraw: async (location, ...rest) => bitemporal.withdraw(await at(location), ...rest),
    },
    swap: {
      settle: async () => false,
      warm: async (incoming) => swap.warm(await at(incoming)),
      fence: async (location) => swap.fence(await at(location)),
      exchange: (live, incoming, kept) => synonyms.exchange(live, incoming, kept),
      carryOn: async (kept, live) => swap.carryOn(await at(kept), await at(live)),
    },
    replay: {
      bringOver: async (from, to, ...rest) =>
        replay.bringOver(await at(from), await at(to), ...rest),
    },
    commandEnvironment: (location) => engine.commandEnvironment(synonyms.lastKnown(location)),
  };
}
