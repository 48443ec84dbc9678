import type { Catalog, CatalogReader } from '../engine.ts';
import { readDefinitions } from './catalog-definitions.ts';
import { readObjects } from './catalog-objects.ts';
import { readRelations } from './catalog-relations.ts';
import { Session } from './connection.ts';
import { readSettings } from './container.ts';
import { databaseOf } from './names.ts';
import type { SqlserverOptions } from './options.ts';

export function sqlserverCatalog(options: SqlserverOptions): CatalogReader {
  return {
    read: async (at) => {
      const purpose = `read the catalog of ${at}`;
      return Session.use(databaseOf(at), options, { purpose }, readCatalog);
    },
  };
}

async function readCatalog(session: Session): Promise<Catalog> {
  const relations = await readRelations(session);
  const objects = await readObjects(session);
  const definitions = await readDefinitions(session, { relations, objects });
  const settings = await readSettings(session, session.database);
  return { relations, objects: [...objects, ...settings], definitions };
}
