import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { Field } from '../../../src/domain/input/decoder';
import { ConfigError, type Issue } from '../../../src/domain/input/issue';
import { nearest } from '../../../src/domain/input/nearest';
import { type CloudsFile, type Environment, readCloudsFile, searchPath } from './clouds-yaml';
import { type Identity, readIdentity } from './identity';
import { chooseRegion } from './region';
import { checkSection, readUrl, type SettingSource, withoutMembers } from './setting-source';

/** The credentials and settings of a session with a cloud. */
export interface Credentials {
  /** Names their origin, for messages, which never contain the credentials. */
  readonly source: string;
  readonly identity: Identity;
  readonly region?: string;
  readonly interface: 'public' | 'internal' | 'admin';
  /** Endpoints that override the catalog. */
  readonly endpoints: { readonly network?: string; readonly compute?: string };
  /** Certificates in PEM. */
  readonly ca?: string;
}

/** The value of `cloud` and `OS_CLOUD` that selects the variables. */
const VARIABLES = 'envvars';

const INTERFACES = ['public', 'internal', 'admin'] as const;

/** Settings that change requests or credentials, and are not supported. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  cert: "credentials without a client's certificate",
  key: "credentials without a client's certificate",
};

const UNSUPPORTED_IN_FILES: Readonly<Record<string, string>> = {
  ...UNSUPPORTED,
  profile: "auth_url and the profile's other settings, in this cloud",
  cloud: "auth_url and the profile's other settings, in this cloud",
};

const YES = /^(1|true|yes|on)$/i;

/** The settings that turn off the verification of certificates, and their values. */
const UNVERIFIED = [
  ['verify', /^(0|false|no|off)$/i],
  ['insecure', YES],
] as const;

/** This machine. */
export function thisMachine(): Environment {
  return {
    variables: process.env,
    currentFolder: process.cwd(),
    homeFolder: homedir(),
    siteFolders: ['/etc/xdg/openstack', '/etc/openstack'],
  };
}

/**
 * Finds and reads the credentials of a cloud as every OpenStack tool does: clouds.yaml and secure.yaml in their search
 * order, `OS_CLOUD`, the `OS_*` variables.
 *
 * @throws an error that names the searched files, the known clouds or the invalid setting, but never a secret
 * @see https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
 */
export function findCredentials(connection: Connection, environment: Environment = thisMachine()): Credentials {
  const { variables } = environment;
  const asked = connection.cloud || variables.OS_CLOUD;
  const hasVariables = Boolean(variables.OS_AUTH_URL || variables.OS_ENDPOINT);
  if (asked === VARIABLES || (!asked && hasVariables)) return ofVariables(connection, variables);
  const file = readCloudsFile(environment);
  const name = chooseCloud(asked, file, environment);
  return ofCloud(connection, name, file, variables);
}

function chooseCloud(asked: string | undefined, { clouds, files }: CloudsFile, environment: Environment): string {
  const names = Object.keys(clouds);
  if (names.length === 0) {
    const looked = searchPath('clouds', environment).join(', ');
    const found = files.length === 0 ? '' : ` (there is no cloud in ${files.join(', ')})`;
    throw new Error(
      `no credentials for OpenStack${found}: OS_AUTH_URL is not set, and no clouds.yaml was found at ${looked}`,
    );
  }
  if (asked === undefined || asked === '') {
    if (names.length === 1) return names[0]!;
    const problem = `is missing, and there is more than one in ${files[0]}`;
    throw new ConfigError([{ path: 'cloud', value: undefined, problem, accepted: `${names.join(', ')}; or OS_CLOUD` }]);
  }
  if (names.includes(asked)) return asked;
  const hint = nearest(asked, names);
  const problem = `is not in ${files.join(', ')}${hint === undefined ? '' : ` (did you mean "${hint}"?)`}`;
  throw new ConfigError([{ path: 'cloud', value: asked, problem, accepted: names.join(', ') }]);
}

function ofVariables({ region }: Connection, variables: Environment['variables']): Credentials {
  const issues: Issue[] = [];
  const root = Field.root(variables, issues);
  const variable = (key: string) => root.member(`OS_${key.toUpperCase()}`);
  const source = { setting: variable, auth: variable };
  refuseUnsupported(source, UNSUPPORTED);
  if (YES.test(variables.OS_INSECURE ?? '')) refuseUnverified(root.member('OS_INSECURE'));
  return read('the OS_* variables', source, region || variables.OS_REGION_NAME || undefined, issues);
}

/** Variables may override the file's session settings, but credentials come from one source only. */
const BESIDE: Readonly<Record<string, string>> = {
  interface: 'OS_INTERFACE',
  cacert: 'OS_CACERT',
  cert: 'OS_CERT',
  key: 'OS_KEY',
};

function ofCloud(
  connection: Connection,
  name: string,
  { clouds, files }: CloudsFile,
  variables: Environment['variables'],
): Credentials {
  const issues: Issue[] = [];
  const cloud = Field.root({ clouds }, issues).member('clouds').member(name);
  const environment = Field.root(variables, issues);
  const region = chooseRegion(cloud, connection.region, environment.member('OS_REGION_NAME'), issues);
  const own = (key: string) => firstGiven([region.values?.member(key), cloud.member(key)]);
  const beside = (key: string) => (BESIDE[key] === undefined ? undefined : environment.member(BESIDE[key]));
  for (const place of [region.values, cloud]) if (place !== undefined) checkSection(place.member('auth'));
  const source = {
    setting: (key: string) => firstGiven([own(key), beside(key)]),
    // openstacksdk also accepts it beside `auth`.
    auth: (key: string) =>
      firstGiven([region.values?.member('auth').member(key), cloud.member('auth').member(key), own(key)]),
  };
  refuseUnsupported(source, UNSUPPORTED_IN_FILES);
  for (const [key, unverified] of UNVERIFIED) {
    own(key).given((field) => (unverified.test(String(field.value)) ? refuseUnverified(field) : undefined));
  }
  return read(`cloud "${name}" of ${files.join(', ')}`, source, region.name, issues);
}

/** The first setting with a value, else the first one, to be named as missing. */
function firstGiven(places: readonly (Field | undefined)[]): Field {
  const fields = places.filter((place) => place !== undefined);
  return withoutMembers(fields.find(({ isGiven }) => isGiven) ?? fields[0]!);
}

function refuseUnsupported(settings: SettingSource, unsupported: Readonly<Record<string, string>>): void {
  for (const [key, accepted] of Object.entries(unsupported)) {
    settings.setting(key).given((field) => field.refuse('is not supported', accepted));
  }
}

function refuseUnverified(field: Field): undefined {
  return field.refuse(
    'would send credentials to an unverified server, and is not supported',
    "cacert (OS_CACERT): the file of the certificate authority that signed the server's certificate",
  );
}

function read(source: string, settings: SettingSource, region: string | undefined, issues: Issue[]): Credentials {
  const version = settings.setting('identity_api_version');
  version.given((field) =>
    /^v?3(\.\d+)?$/.test(String(field.value)) ? undefined : field.refuse('is not supported', '3'),
  );
  const identity = readIdentity(settings);
  const wanted =
    settings.setting('interface').given(readInterface) ?? settings.setting('endpoint_type').given(readInterface);
  const ca = settings.setting('cacert').given(readCertificates);
  const credentials = {
    source,
    identity: identity!,
    region,
    interface: wanted ?? 'public',
    endpoints: {
      network: settings.setting('network_endpoint_override').given(readUrl),
      compute: settings.setting('compute_endpoint_override').given(readUrl),
    },
    ca,
  };
  if (issues.length > 0) throw new ConfigError(issues, source);
  return credentials;
}

function readInterface(field: Field): Credentials['interface'] | undefined {
  const word = typeof field.value === 'string' ? field.value.replace(/URL$/, '') : field.value;
  return field.withValue(word).word(INTERFACES);
}

function readCertificates(field: Field): string | undefined {
  const accepted = 'the path of a file with certificates in PEM';
  const path = field.text(accepted);
  if (path === undefined) return undefined;
  try {
    const text = readFileSync(path.replace(/^~(?=\/)/, homedir()), 'utf8');
    return text.includes('-----BEGIN CERTIFICATE-----') ? text : field.refuse('contains no certificate', accepted);
  } catch (error) {
    return field.refuse(`cannot be read (${(error as NodeJS.ErrnoException).code})`, accepted);
  }
}

/** Selects the cloud. Credentials are read from the environment and clouds.yaml for each request. */
export interface Connection {
  /**
   * Name of the cloud in clouds.yaml.
   *
   * @default - `OS_CLOUD`, else the `OS_*` variables, else the only cloud in clouds.yaml
   */
  readonly cloud?: string;

  /**
   * Region whose endpoints are used.
   *
   * @default - `OS_REGION_NAME` or `region_name` in clouds.yaml, else the first in the catalog
   */
  readonly region?: string;
}
