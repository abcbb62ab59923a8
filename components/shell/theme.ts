/** What a person may choose; without a choice the system's theme holds. */
export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Cookie that keeps the choice, so that the server sends the right theme with the first byte. */
export const THEME_COOKIE = 'carga_theme';

/** Whether a text from outside names a theme. */
export function isTheme(value: unknown): value is Theme {
  return THEMES.includes(value as Theme);
}
