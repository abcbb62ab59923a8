/** What a list of jobs can be sorted by. */
export const JOB_SORTS = [
  'createdAt',
  'status',
  'fileName',
  'figura',
  'author',
  'rows',
  'rejected',
  'duration',
] as const;
export type JobSort = (typeof JOB_SORTS)[number];
