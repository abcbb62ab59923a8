/** The shortest password the service takes. */
export const MIN_PASSWORD = 8;
