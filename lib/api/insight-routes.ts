// The routes of what pages show about jobs besides the jobs themselves; lib/api/routes.ts has them in its list.
import * as schemas from './insight-schemas.ts';
import * as queries from './query-schemas.ts';
import { json, type RouteSpec } from './route-spec.ts';

/** One job's history, and the overview of all. */
export const INSIGHT_ROUTES = {
  'GET /api/{figura}/_bulk/status/{id}/history': {
    id: 'getJobHistory',
    tag: 'jobs',
    summary: 'What happened to a job: events of its attempts, rows over time, faults counted, jobs that mend it',
    permission: 'job:read',
    answers: { 200: json(schemas.jobHistorySchema, 'The history.') },
    problems: ['job_not_found'],
  },
  'GET /api/jobs/authors': {
    id: 'listJobAuthors',
    tag: 'jobs',
    summary: 'Who asked for jobs: the names that `createdBy` narrows a list by',
    description: 'Of the jobs that the caller may see, in alphabetical order; the first 200.',
    permission: 'job:read',
    answers: { 200: json(schemas.jobAuthorsSchema, 'The names.') },
  },
  'GET /api/overview': {
    id: 'getOverview',
    tag: 'jobs',
    summary: 'How the loads of a period went, what waits, and who works',
    description: 'Of the figuras the caller was given; the last 30 days unless told. `system` is for administrators.',
    permission: 'job:read',
    query: queries.overviewQuery,
    answers: { 200: json(schemas.overviewSchema, 'The overview.') },
  },
} as const satisfies Record<string, RouteSpec>;
