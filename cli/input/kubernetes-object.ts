import { DEFAULT_SCHEMA, loadAll, Type, YAMLException } from 'js-yaml';
import { valueText } from '../../src/domain/input/value-text';
import { InputError } from './input-error';
import { checkKind, checkName, readNamespace, shownName } from './object-name';
import { refuseBoundless } from './refuse-boundless';
import type { Source } from './source';

/** An object of a manifest. Only the members named here have been checked. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** The whole object. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The file and document, for messages. */
  readonly place: string;
}

/** A CNI plugin configuration without a Kubernetes object around it. */
export interface BareConfiguration {
  readonly body: Readonly<Record<string, unknown>>;
  readonly place: string;
}

export interface Documents {
  readonly objects: readonly KubernetesObject[];
  readonly configurations: readonly BareConfiguration[];
}

/** Parsed documents by text: most files are the same on both sides of a change. */
export type ReadTexts = Map<string, readonly unknown[]>;

/** Dates stay text, as they do in Kubernetes. */
const SCHEMA = DEFAULT_SCHEMA.extend({
  implicit: [new Type('tag:yaml.org,2002:timestamp', { kind: 'scalar', resolve: () => false })],
});

/**
 * Reads the documents of a source: Kubernetes objects, lists of them, and CNI plugin configurations.
 *
 * @throws InputError for text that is not YAML, with its line, and for any other document
 */
export function readDocuments(source: Source, known: ReadTexts): Documents {
  const objects: KubernetesObject[] = [];
  const configurations: BareConfiguration[] = [];
  const documents = known.get(source.text) ?? readText(source, known);
  const read = (document: unknown, at: string): void => {
    // An empty document stands between two separators.
    if (document === null || document === undefined) return;
    const body = record(document);
    if (body !== undefined && isList(body)) {
      for (const [index, item] of itemsOf(body.items, at).entries()) read(item, `${at} items[${index}]`);
    } else if (body !== undefined && body.kind === undefined && typeof body.type === 'string') {
      configurations.push({ body, place: at });
    } else {
      objects.push(readObject(body, at));
    }
  };
  for (const [index, document] of documents.entries()) read(document, place(source, index, documents.length));
  return { objects, configurations };
}

function readText(source: Source, known: ReadTexts): readonly unknown[] {
  const documents = parse(source);
  refuseBoundless(documents, source);
  known.set(source.text, documents);
  return documents;
}

function parse({ name, text }: Source): unknown[] {
  try {
    return jsonDocument(text) ?? loadAll(text, null, { schema: SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark === undefined ? '' : `:${error.mark.line + 1}`;
    throw new InputError(`${name}${line}: is not YAML (${error.reason}); is the file complete?`);
  }
}

/** JSON is also YAML, but parsing a dump of a whole cluster as JSON is many times faster. */
function jsonDocument(text: string): [unknown] | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return [JSON.parse(text)];
  } catch {
    // Several documents, YAML in braces, or a truncated file: the YAML parser reports the line.
    return undefined;
  }
}

function place({ name }: Source, index: number, count: number): string {
  return count === 1 ? name : `${name} document ${index + 1}`;
}

function isList(body: Readonly<Record<string, unknown>>): boolean {
  return typeof body.kind === 'string' && body.kind.endsWith('List') && Object.hasOwn(body, 'items');
}

function itemsOf(items: unknown, at: string): readonly unknown[] {
  // Go programs write an empty list as null.
  if (items === null) return [];
  if (Array.isArray(items)) return items;
  throw new InputError(`${at}: items: ${valueText(items)} is not a list; accepted: a list of Kubernetes objects`);
}

function readObject(body: Readonly<Record<string, unknown>> | undefined, at: string): KubernetesObject {
  const { apiVersion, kind } = body ?? {};
  const metadata = record(body?.metadata);
  const name = metadata?.name ?? metadata?.generateName;
  if (body === undefined || !isText(apiVersion) || !isText(kind) || !isText(name)) {
    const parts = { apiVersion, kind, 'metadata.name': name };
    throw noObject(at, body && Object.entries(parts).flatMap(([part, value]) => (isText(value) ? [] : [part])));
  }
  checkKind(apiVersion, kind, at);
  checkName(kind, name, metadata?.name === undefined, at);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...readNamespace(metadata?.namespace, `${at}: ${kind} ${shownName(kind, name)}`),
      labels: texts(metadata?.labels),
      annotations: texts(metadata?.annotations),
    },
    body,
    place: at,
  };
}

function noObject(at: string, missing: readonly string[] | undefined): InputError {
  const lacks = missing === undefined ? '' : `; missing: ${missing.join(', ')}`;
  return new InputError(
    `${at}: is neither a Kubernetes object (apiVersion, kind and metadata.name) nor a CNI plugin configuration (type)${lacks}`,
  );
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** The value as an object, if it is one. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : undefined;
}

/** The items of a list; an item that is not an object becomes an empty one. */
export function records(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map((item) => record(item) ?? {}) : [];
}

/** The members with string values, as of labels and annotations; strings may be empty. */
export function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record(value) ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The member at a path of names. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => record(found)?.[name], value);
}
