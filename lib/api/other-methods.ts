import { randomUUID } from 'node:crypto';
import { AppError } from '../errors.ts';
import { localeFrom } from '../i18n/locales.ts';
import { problemResponse } from './problem.ts';
import { ROUTES, type RouteName } from './routes.ts';

type NameOf<Method extends string, Path extends string> = `${Method} ${Path}`;
type PathOf<Name> = Name extends NameOf<string, infer Path> ? Path : never;
type MethodOf<Name, Path extends string> = Name extends NameOf<infer Method, Path> ? Method : never;
/** GET answers HEAD too. */
type TakenBy<Path extends string> =
  | MethodOf<RouteName, Path>
  | ('GET' extends MethodOf<RouteName, Path> ? 'HEAD' : never);
type Other<Path extends string> = Exclude<(typeof METHODS)[number], TakenBy<Path>>;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/**
 * Handlers of the methods that an address does not take, to be exported beside those that it does: Next's own answer
 * has neither a body nor the `Allow` that HTTP asks for (RFC 9110, 15.5.6). OPTIONS tells the same without a fault.
 */
export function otherMethods<Path extends PathOf<RouteName>>(
  path: Path,
): Record<Other<Path>, (request: Request) => Response> {
  const taken = METHODS.filter((method) => Object.hasOwn(ROUTES, `${method === 'HEAD' ? 'GET' : method} ${path}`));
  const allow = [...taken, 'OPTIONS'].join(', ');
  const refuse = (request: Request) => {
    const requestId = randomUUID();
    const locale = localeFrom(request.headers.get('accept-language'));
    const fault = new AppError('method_not_allowed', `${request.method} ${path}`);
    return problemResponse(fault, { url: request.url, requestId, locale }, { allow, 'x-request-id': requestId });
  };
  const others = METHODS.filter((method) => !(taken as string[]).includes(method));
  return Object.fromEntries(
    others.map((method) => [
      method,
      method === 'OPTIONS' ? () => new Response(null, { status: 204, headers: { allow } }) : refuse,
    ]),
  ) as Record<Other<Path>, (request: Request) => Response>;
}
