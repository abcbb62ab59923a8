import { useMessages } from 'next-intl';

/** What each action of the audit is called, by its code (`figura.created`). */
export function useAuditActions(): ReadonlyMap<string, string> {
  const { actions } = useMessages().audit;
  return new Map(
    Object.entries(actions).flatMap(([area, verbs]) =>
      Object.entries(verbs).map(([verb, text]): [string, string] => [`${area}.${verb}`, text]),
    ),
  );
}
