import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** The machine's OpenStack settings. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly currentFolder: string;
  readonly homeFolder: string;
  /** System folders, such as `/etc/openstack`. */
  readonly siteFolders: readonly string[];
}

/** Text, or a table or list of such. */
export type Setting = string | Setting[] | { readonly [key: string]: Setting };

export type Settings = Readonly<Record<string, Setting>>;

export interface CloudsFile {
  /** The clouds by name, merged with those of secure.yaml. */
  readonly clouds: Readonly<Record<string, Settings>>;
  /** The files that were read. */
  readonly files: readonly string[];
}

const EXTENSIONS = ['.yaml', '.yml', '.json'];

/**
 * The search path of clouds.yaml and secure.yaml, first choice first.
 *
 * @see https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
 */
export function searchPath(kind: 'clouds' | 'secure', environment: Environment): string[] {
  const { variables, currentFolder, homeFolder, siteFolders } = environment;
  const named = variables[kind === 'clouds' ? 'OS_CLIENT_CONFIG_FILE' : 'OS_CLIENT_SECURE_FILE'];
  const configFolder = variables.XDG_CONFIG_HOME;
  const folders = [
    currentFolder,
    ...(configFolder ? [join(configFolder, 'openstack')] : []),
    join(homeFolder, '.config', 'openstack'),
    ...siteFolders,
  ];
  const files = folders.flatMap((folder) => EXTENSIONS.map((extension) => join(folder, kind + extension)));
  return named ? [named, ...files] : files;
}

/**
 * The first clouds.yaml of the search path, with the first secure.yaml merged over it.
 *
 * @throws an error that names the file, and the line that is not YAML
 */
export function readCloudsFile(environment: Environment): CloudsFile {
  const clouds = firstFile(searchPath('clouds', environment));
  const secure = firstFile(searchPath('secure', environment));
  const merged = merge(cloudsOf(clouds), cloudsOf(secure)) as CloudsFile['clouds'];
  return { clouds: merged, files: [clouds, secure].flatMap((file) => file?.path ?? []) };
}

interface ParsedFile {
  readonly path: string;
  readonly content: unknown;
}

function firstFile(paths: readonly string[]): ParsedFile | undefined {
  for (const path of paths) {
    const text = textOf(path);
    if (text !== undefined) return { path, content: parse(path, text) };
  }
  return undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Error(`${path}: cannot be read (${code}); accepted: a file that this user may read, or no file`);
  }
}

/** Reads every scalar except null as text: a password of digits, or `yes`, is still a password. */
function parse(path: string, text: string): unknown {
  if (extname(path) === '.json') return parseJson(path, text);
  // Loaded here, because programs with credentials in variables never need it.
  const yaml = require('js-yaml') as typeof import('js-yaml');
  // `types` is missing in the library's own types.
  const { types } = yaml as unknown as { types: Record<'merge' | 'null', import('js-yaml').Type> };
  try {
    return yaml.load(text, { schema: yaml.FAILSAFE_SCHEMA.extend({ implicit: [types.null, types.merge] }) });
  } catch (error) {
    // Not the parser's own message, which quotes lines with secrets.
    const { reason, mark } = error as import('js-yaml').YAMLException;
    throw new Error(
      `${path}: line ${(mark?.line ?? 0) + 1} is not YAML (${withoutQuotation(reason)}); accepted: the format of clouds.yaml`,
    );
  }
}

/** Removes quotations: YAML reads a password that begins with * or ! as an alias or tag, and names it in the reason. */
function withoutQuotation(reason: string): string {
  return reason.replace(/\s*[!"<].*$/s, '');
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path}: is not JSON; accepted: the content of clouds.yaml as JSON`);
  }
}

function cloudsOf(file: ParsedFile | undefined): Settings {
  if (file === undefined) return {};
  const content = file.content ?? {};
  const clouds = isTable(content) ? (content.clouds ?? {}) : undefined;
  if (!isTable(clouds) || !Object.values(clouds).every((cloud) => cloud === null || isTable(cloud))) {
    throw new Error(
      `${file.path}: clouds: is not a table; accepted: a table of settings for each cloud, under its name`,
    );
  }
  return Object.fromEntries(Object.entries(clouds).map(([name, cloud]) => [name, settingOf(cloud) ?? {}]));
}

/** An empty section or setting equals a missing one. */
function settingOf(value: unknown): Setting | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((element) => settingOf(element) ?? '');
  if (!isTable(value)) return String(value);
  const members = Object.entries(value).map(([key, member]) => [key, settingOf(member)] as const);
  return Object.fromEntries(members.filter((entry): entry is [string, Setting] => entry[1] !== undefined));
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Merges tables and replaces other values. */
function merge(base: Setting, over: Setting): Setting {
  if (!isTable(base) || !isTable(over)) return over;
  const merged: Record<string, Setting> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = Object.hasOwn(base, key) ? merge(base[key]!, value) : value;
  }
  return merged;
}
