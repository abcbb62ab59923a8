import { expect, test } from 'vitest';
import { readIdentity } from './identity.ts';

const env = {
  OIDC_ISSUER: 'https://sso.example',
  OIDC_TRUST_EMAIL: false,
  OIDC_ROLE_CLAIM: 'realm.roles',
  OIDC_ROLES: [
    { name: 'equipe', role: 'operator' as const },
    { name: 'chefia', role: 'admin' as const },
  ],
  OIDC_FIGURAS_CLAIM: 'https://carga.example/figuras',
};
const rightsOf = (claims: object) => readIdentity({ sub: 's', ...claims }, env).rights;

test('the highest role that the claim stands for counts, whether it is a list or one value', () => {
  expect(rightsOf({ realm: { roles: ['equipe', 'chefia', 'outra'] } }).role).toBe('admin');
  expect(rightsOf({ realm: { roles: 'equipe' } }).role).toBe('operator');
  expect(rightsOf({ 'realm.roles': ['chefia'], realm: { roles: ['equipe'] } }).role).toBe('admin');
});

test('a claim that is missing or not understood gives nothing', () => {
  for (const realm of [undefined, null, 'equipe', [], { roles: null }, { roles: [{ name: 'chefia' }] }, { roles: 7 }]) {
    expect(rightsOf({ realm })).toEqual({ role: 'viewer', figuras: [] });
  }
  expect(rightsOf({ realm: { roles: ['Chefia'] } }).role).toBe('viewer');
});

test('only names of figuras are taken for figuras', () => {
  const figuras = ['municipios', '*', 'A', "x'; drop", 'municipios', 7, 'fornecedores'];
  expect(rightsOf({ 'https://carga.example/figuras': figuras }).figuras).toEqual(['*', 'fornecedores', 'municipios']);
});

test('nothing is decided where the settings do not ask', () => {
  const own = { ...env, OIDC_ROLE_CLAIM: undefined, OIDC_FIGURAS_CLAIM: undefined, OIDC_ROLES: [] };
  expect(readIdentity({ sub: 's', realm: { roles: ['chefia'] } }, own).rights).toEqual({});
});
