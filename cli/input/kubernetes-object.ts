import { DEFAULT_SCHEMA, loadAll, Type, YAMLException } from 'js-yaml';
import { valueText } from '../../src/domain/input/value-text';
import { InputError } from './input-error';
import { checkKind, checkName, readNamespace, shownName } from './object-name';
import { refuseBoundless } from './refuse-boundless';
import type { Source } from './source';

/** An object as manifests have it. Nothing in it has been checked but what is named here. */
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
  /** Where it stands, for messages. */
  readonly place: string;
}

/** A configuration of a CNI plugin, given without an object around it. */
export interface BareConfiguration {
  readonly body: Readonly<Record<string, unknown>>;
  readonly place: string;
}

export interface Documents {
  readonly objects: readonly KubernetesObject[];
  readonly configurations: readonly BareConfiguration[];
}

/** What a text holds, for texts that are read more than once: most files are the same on both sides of a change. */
export type ReadTexts = Map<string, readonly unknown[]>;

/** Dates stay text, as they do in Kubernetes. */
const SCHEMA = DEFAULT_SCHEMA.extend({
  implicit: [new Type('tag:yaml.org,2002:timestamp', { kind: 'scalar', resolve: () => false })],
});

/**
 * The documents of a source: Kubernetes objects, lists of them, and configurations of CNI plugins.
 *
 * @throws InputError for text that is no YAML, with its line, and for a document that is none of these
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
    throw new InputError(`${name}${line}: is no YAML (${error.reason}): is the file complete?`);
  }
}

/** JSON is YAML too; a dump of a whole cluster is read many times faster as what it is. */
function jsonDocument(text: string): [unknown] | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return [JSON.parse(text)];
  } catch {
    // Several documents, YAML in braces, or half a file, of which YAML's reader knows the line.
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
  // Programs in Go write an empty list so.
  if (items === null) return [];
  if (Array.isArray(items)) return items;
  throw new InputError(`${at}: items: ${valueText(items)} is no list; accepted: a list of Kubernetes objects`);
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
  const lacks = missing === undefined ? '' : `; it has no ${missing.join(' and no ')}`;
  return new InputError(
    `${at}: is no Kubernetes object (apiVersion, kind and metadata.name), and no configuration of a CNI plugin (type)${lacks}`,
  );
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** The value as an object, if it is one. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : undefined;
}

/** The items of a list; what is no object has no members. */
export function records(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map((item) => record(item) ?? {}) : [];
}

/** The values that are text, as labels and annotations are; text may be empty. */
export function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record(value) ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The member that a path of names leads to. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => record(found)?.[name], value);
}
