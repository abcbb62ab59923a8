import { createHash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { DbPool } from '../db/pool.ts';
import { AppError } from '../errors.ts';

const WINDOW_SECONDS = 60;
const QUARTER_HOUR = 15 * 60;
const HOUR = 60 * 60;
// Ten wrong passwords in a quarter of an hour are more than anybody mistypes, and 40 guesses an hour at one account.
const TRIES_PER_PERSON_AND_ADDRESS = 10;
// An office behind one address mistypes more often; a list of stolen passwords is far longer.
const TRIES_PER_ADDRESS = 100;

/** What the limits count with. */
export interface Limits {
  callsPerKey: RateLimiterMemory;
  /** By e-mail and address together: whoever fails elsewhere locks nobody out here. */
  triesPerPerson: RateLimiterPostgres;
  triesPerAddress: RateLimiterPostgres;
}

/**
 * Makes the counters of a web process. Calls of keys are counted in its memory, since a round trip to the database would
 * cost more than most calls; tries to log in are counted in PostgreSQL, for all processes and across restarts.
 */
export function createLimits(pool: DbPool, callsPerMinute: number): Limits {
  const inDatabase = (keyPrefix: string, points: number, duration: number) =>
    new RateLimiterPostgres({
      storeClient: pool,
      storeType: 'pool',
      schemaName: 'carga',
      tableName: 'login_tries',
      tableCreated: true,
      keyPrefix,
      points,
      duration,
    });
  return {
    callsPerKey: new RateLimiterMemory({ keyPrefix: 'key', points: callsPerMinute, duration: WINDOW_SECONDS }),
    triesPerPerson: inDatabase('person', TRIES_PER_PERSON_AND_ADDRESS, QUARTER_HOUR),
    triesPerAddress: inDatabase('address', TRIES_PER_ADDRESS, HOUR),
  };
}

const secondsOf = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1000));

function tooMany(code: 'too_many_requests' | 'too_many_attempts', seconds: number): AppError {
  return new AppError(code, `over the limit for ${seconds} s`, { details: { seconds } });
}

/** Counts one call of a key and says in `headers` what is left. @throws AppError `too_many_requests` */
export async function countCall({ callsPerKey }: Limits, keyId: string, headers: Headers): Promise<void> {
  const now = await callsPerKey.penalty(keyId);
  const seconds = secondsOf(now);
  // draft-ietf-httpapi-ratelimit-headers: r is what is left, t the seconds until all of it is there again.
  headers.set('ratelimit-policy', `"key";q=${callsPerKey.points};w=${WINDOW_SECONDS}`);
  headers.set('ratelimit', `"key";r=${now.remainingPoints};t=${seconds}`);
  if (now.consumedPoints > callsPerKey.points) throw tooMany('too_many_requests', seconds);
}

/** A try to log in that was counted beforehand, so that a thousand at once are counted too. */
export interface CountedTry {
  /** The password was right: the person's count begins anew, the address's is given back its one. */
  succeed(): Promise<void>;
}

/** Counts a try to log in before the password is looked at. @throws AppError `too_many_attempts` */
export async function countTry(limits: Limits, email: string, address: string | null): Promise<CountedTry> {
  const place = address ?? 'unknown';
  // Hashed: the table need not tell who tried to log in from where.
  const person = createHash('sha256').update(`${email}\n${place}`).digest('hex');
  const { triesPerPerson, triesPerAddress } = limits;
  try {
    await triesPerPerson.consume(person);
    await triesPerAddress.consume(place);
  } catch (error) {
    if (error instanceof RateLimiterRes) throw tooMany('too_many_attempts', secondsOf(error));
    throw error;
  }
  return {
    async succeed() {
      await triesPerPerson.delete(person);
      await triesPerAddress.reward(place);
    },
  };
}
