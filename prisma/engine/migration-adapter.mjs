import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';

// PostgreSQL's one-byte "char", in which its catalogue keeps kinds of relations and constraints.
const CHAR_OID = 18;
const TEXT_OID = 25;
/** The adapter's own number for a column of characters. */
const CHARACTER_COLUMN = 6;

/** An address as single settings, so that one of them can be replaced. */
export function connectionSettings(connectionString) {
  const { host, port, user, password, database, ssl } = new pg.Client({ connectionString });
  return { host, port, user, password, database, ssl };
}

// One session, kept: the engine's advisory lock lives in it.
const ONE_SESSION = { max: 1, idleTimeoutMillis: 0 };

/** Makes @prisma/adapter-pg fit for the schema engine. What each part works around is told where it stands. */
export class MigrationAdapterFactory extends PrismaPg {
  #settings;
  #shadowUrl;

  constructor(url, shadowUrl) {
    const settings = connectionSettings(url);
    super({ ...settings, ...ONE_SESSION });
    this.#settings = settings;
    this.#shadowUrl = shadowUrl;
  }

  async connect() {
    return repairAdapter(await super.connect());
  }

  /**
   * adapter: the stock one overrides `database` beside a `connectionString`, and pg lets the string win, which would run
   * the shadow migrations against the real database. It also drops the shadow database while its own pool is still
   * open, which PostgreSQL refuses.
   */
  async connectToShadowDb() {
    if (this.#shadowUrl) return openAdapter(connectionSettings(this.#shadowUrl));
    const database = `prisma_migrate_shadow_db_${randomUUID()}`;
    const admin = await super.connect();
    await admin.executeScript(`CREATE DATABASE "${database}"`);
    const shadow = await openAdapter({ ...this.#settings, database });
    const dispose = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await dispose();
      await admin.executeScript(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
      await admin.dispose();
    };
    return shadow;
  }
}

async function openAdapter(settings) {
  return repairAdapter(await new PrismaPg({ ...settings, ...ONE_SESSION }).connect());
}

function repairAdapter(adapter) {
  readCatalogueCharacters(adapter);
  // adapter: the stock one splits a script at every ';', in functions, texts and comments too, and runs it statement by
  // statement. Sent whole, PostgreSQL splits it and makes one transaction of it.
  adapter.executeScript = async (script) => {
    try {
      await adapter.underlyingDriver().query(script);
    } catch (error) {
      adapter.onError(error);
    }
  };
  const startTransaction = adapter.startTransaction;
  if (startTransaction) {
    adapter.startTransaction = async (...options) => repairAdapter(await startTransaction.apply(adapter, options));
  }
  return adapter;
}

/** adapter: it does not know the catalogue's "char" and fails on it; such columns are read as text and handed on so. */
function readCatalogueCharacters(adapter) {
  const { performIO, queryRaw } = adapter;
  adapter.queryRaw = async (query) => {
    const characterColumns = [];
    const readsThem = async (statement) => {
      const result = await performIO.call(adapter, statement);
      for (const [index, field] of result.fields.entries()) {
        if (field.dataTypeID !== CHAR_OID) continue;
        characterColumns.push(index);
        field.dataTypeID = TEXT_OID;
      }
      return result;
    };
    const result = await queryRaw.call(Object.create(adapter, { performIO: { value: readsThem } }), query);
    for (const index of characterColumns) result.columnTypes[index] = CHARACTER_COLUMN;
    return result;
  };
}
