/** Why an upload was stopped: its parts stay, and it may go on. */
export const PAUSED = new DOMException('paused', 'AbortError');
/** Why an upload was stopped: what was sent of it is removed. */
export const CANCELLED = new DOMException('cancelled', 'AbortError');
