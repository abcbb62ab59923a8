import { json, route } from '#lib/api/handler.ts';
import { openApiDocument } from '#lib/api/openapi.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** The contract as OpenAPI 3.1. */
export const GET = route('GET /api/openapi.json', async ({ env }) => json(openApiDocument(env.PUBLIC_URL)));

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/openapi.json');
