import type { Caller } from '../access/caller.ts';

/** The caller's kind as the database spells it. */
export function actorKind(caller: Pick<Caller, 'kind'>): 'user' | 'api_key' {
  return caller.kind === 'apiKey' ? 'api_key' : 'user';
}
