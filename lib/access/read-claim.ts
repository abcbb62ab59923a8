/** A claim by its name, or by the names on the way to it: `realm_access.roles`. */
export function readClaim(claims: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split('.').reduce<unknown>((level, step) => {
    const isInside = typeof level === 'object' && level !== null && Object.hasOwn(level, step);
    return isInside ? (level as Record<string, unknown>)[step] : undefined;
  }, claims);
}
