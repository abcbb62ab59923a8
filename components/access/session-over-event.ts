import { ApiError } from '#lib/api-client/api-error.ts';

/** Sent to the window when a call was refused because nobody is signed in any more. */
export const SESSION_OVER_EVENT = 'carga-session-over';

/** Looks at a failed call; tells the window when the session has ended. */
export function noticeSessionOver(error: unknown): void {
  if (error instanceof ApiError && error.code === 'unauthenticated') {
    window.dispatchEvent(new Event(SESSION_OVER_EVENT));
  }
}
