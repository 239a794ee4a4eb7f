import type { Field } from '../../../src/domain/input/decoder';
import { readSecret, readUrl, type SettingSource } from './setting-source';

/** The user's authentication method and data. */
export type Identity = KeystoneIdentity | NoIdentity;

/** Neutron without Keystone, as in tests. */
export interface NoIdentity {
  readonly kind: 'none';
  readonly endpoint: string;
}

export interface KeystoneIdentity {
  readonly kind: 'keystone';
  /** Ends in `/v3`. */
  readonly authUrl: string;
  /** Sent to Keystone as `identity`. Contains secrets. */
  readonly method: Table;
  /** The secret in it, which no message may show. */
  readonly secret: string;
  /** Sent to Keystone as `scope`; an application credential has its own. */
  readonly scope?: Table;
  /** Whether it can get a new token when one has expired. */
  readonly isRenewable: boolean;
}

type Table = Readonly<Record<string, unknown>>;

const AUTH_TYPES: Readonly<Record<string, (settings: SettingSource) => Identity | undefined>> = {
  password: (settings) => keystone(settings, passwordMethod(settings), projectScope(settings, true)),
  v3password: (settings) => keystone(settings, passwordMethod(settings), projectScope(settings, true)),
  v3applicationcredential: (settings) => keystone(settings, applicationCredentialMethod(settings), undefined),
  token: (settings) => keystone(settings, tokenMethod(settings), projectScope(settings, false), false),
  v3token: (settings) => keystone(settings, tokenMethod(settings), projectScope(settings, false), false),
  none: readNoIdentity,
  noauth: readNoIdentity,
};

/** Settings that change a token's scope and are not supported. */
const UNSUPPORTED_SCOPES = ['system_scope', 'trust_id'];

/** Without a project they are a scope; beside one, the domain of both project and user. */
const DOMAINS = ['domain_id', 'domain_name'];

const PROJECTS = ['project_id', 'project_name', 'tenant_id', 'tenant_name'];

/** Reads the authentication settings. Adds every issue, without secrets. */
export function readIdentity(settings: SettingSource): Identity | undefined {
  const hasProject = PROJECTS.some((key) => settings.auth(key).isGiven);
  for (const key of hasProject ? UNSUPPORTED_SCOPES : [...UNSUPPORTED_SCOPES, ...DOMAINS]) {
    settings
      .auth(key)
      .given((field) => field.refuse('is not supported', 'a project: project_id, or project_name and its domain'));
  }
  const field = settings.setting('auth_type');
  const type = field.given((given) => given.wordInAnyCase(Object.keys(AUTH_TYPES)));
  if (field.isGiven && type === undefined) return undefined;
  return AUTH_TYPES[type ?? impliedType(settings)]!(settings);
}

/** Guesses the method from the given settings, if `auth_type` is not set. */
function impliedType(settings: SettingSource): string {
  if (settings.auth('application_credential_secret').isGiven) return 'v3applicationcredential';
  return settings.auth('token').isGiven ? 'v3token' : 'password';
}

function readNoIdentity(settings: SettingSource): Identity | undefined {
  const own = settings.auth('endpoint');
  const endpoint = readUrl(own.isGiven ? own : settings.setting('endpoint'));
  return endpoint === undefined ? undefined : { kind: 'none', endpoint };
}

/** How a user proves the identity, and the secret in it. */
interface Proof {
  readonly method: Table;
  readonly secret: string;
}

function keystone(
  settings: SettingSource,
  proof: Proof | undefined,
  scope: Table | undefined,
  isRenewable = true,
): Identity | undefined {
  const field = settings.auth('auth_url');
  const url = readUrl(field);
  if (url === undefined || proof === undefined) return undefined;
  if (/\/v2(\.0)?$/.test(url)) return field.refuse('is version 2 of the Identity API', 'an address that ends in /v3');
  return { kind: 'keystone', authUrl: url.endsWith('/v3') ? url : `${url}/v3`, ...proof, scope, isRenewable };
}

function passwordMethod(settings: SettingSource): Proof | undefined {
  const user = readUser(settings, 'username or user_id');
  const secret = readSecret(settings.auth('password'), 'the password of the user');
  if (user === undefined || secret === undefined) return undefined;
  return { method: { methods: ['password'], password: { user: { ...user, password: secret } } }, secret };
}

function applicationCredentialMethod(settings: SettingSource): Proof | undefined {
  const secret = readSecret(settings.auth('application_credential_secret'), 'the secret of the application credential');
  const proof = (named: Table): Proof | undefined =>
    secret === undefined
      ? undefined
      : { method: { methods: ['application_credential'], application_credential: { ...named, secret } }, secret };
  const id = settings.auth('application_credential_id').given(readText);
  if (id !== undefined) return proof({ id });
  const nameField = settings.auth('application_credential_name');
  const name = nameField.given(readText);
  if (name === undefined) {
    const accepted = 'the id of the application credential, or application_credential_name and the user';
    return settings.auth('application_credential_id').refuse('is missing', accepted);
  }
  const user = readUser(settings, 'username or user_id: a name does not identify an application credential');
  return user && proof({ name, user });
}

function tokenMethod(settings: SettingSource): Proof | undefined {
  const secret = readSecret(settings.auth('token'), 'a token of Keystone');
  return secret === undefined ? undefined : { method: { methods: ['token'], token: { id: secret } }, secret };
}

function readUser(settings: SettingSource, accepted: string): Table | undefined {
  const id = settings.auth('user_id').given(readText);
  if (id !== undefined) return { id };
  const name = settings.auth('username').text(accepted);
  return name === undefined ? undefined : { name, domain: readDomain(settings, 'user_domain') };
}

function projectScope(settings: SettingSource, isRequired: boolean): Table | undefined {
  const id = settings.auth('project_id').given(readText) ?? settings.auth('tenant_id').given(readText);
  if (id !== undefined) return { project: { id } };
  const name = settings.auth('project_name').given(readText) ?? settings.auth('tenant_name').given(readText);
  if (name !== undefined) return { project: { name, domain: readDomain(settings, 'project_domain') } };
  if (!isRequired) return undefined;
  return settings
    .auth('project_name')
    .refuse('is missing', 'the name or id of the project: project_name or project_id');
}

/**
 * The own domain, or the common one of user and project; else the one with the id `default`, which Keystone creates and
 * the command line assumes, too.
 */
function readDomain(settings: SettingSource, key: 'user_domain' | 'project_domain'): Table {
  for (const prefix of [key, 'domain']) {
    const id = settings.auth(`${prefix}_id`).given(readText);
    if (id !== undefined) return { id };
    const name = settings.auth(`${prefix}_name`).given(readText);
    if (name !== undefined) return { name };
  }
  return { id: settings.auth('default_domain').given(readText) ?? 'default' };
}

function readText(field: Field): string | undefined {
  return field.text('text');
}
