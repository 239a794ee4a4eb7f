import { isDeepStrictEqual } from 'node:util';
import { type KubernetesObject, record } from '../input/kubernetes-object';

/** The longest value that a line shows whole. */
const LONGEST_VALUE = 60;

/** Metadata that a cluster adds and manifests do not declare: one side may be a dump. */
const BY_CLUSTER = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'selfLink', 'managedFields'];
const BY_CLUSTER_ANNOTATIONS = /^(kubectl|deployment)\.kubernetes\.io\//;

/** The object without the parts that the cluster adds. */
function declared({ body }: KubernetesObject): Readonly<Record<string, unknown>> {
  const { status: _, ...object } = body;
  const { annotations, ...metadata } = record(body.metadata) ?? {};
  const own = Object.entries(metadata).filter(([key]) => !BY_CLUSTER.includes(key));
  const ownAnnotations = Object.entries(record(annotations) ?? {}).filter(([key]) => !BY_CLUSTER_ANNOTATIONS.test(key));
  if (ownAnnotations.length > 0) own.push(['annotations', Object.fromEntries(ownAnnotations)]);
  return { ...object, metadata: Object.fromEntries(own) };
}

/**
 * The changes between two objects, one line for each smallest part: `~ Deployment spec.replicas: 1 → 0`.
 *
 * @param isElsewhere whether another line covers the change at a path
 */
export function objectChanges(
  kind: string,
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
  isElsewhere: (path: string) => boolean = () => false,
): string[] {
  if (before === undefined || after === undefined) {
    if (before === after) return [];
    return [after === undefined ? `- ${kind} ${before!.metadata.name}` : `+ ${kind} ${after.metadata.name}`];
  }
  return valueChanges('', declared(before), declared(after))
    .filter(({ path }) => !isElsewhere(path))
    .map(({ path, old, now }) => line(kind, path, old, now));
}

interface ValueChange {
  readonly path: string;
  readonly old: unknown;
  readonly now: unknown;
}

function valueChanges(path: string, old: unknown, now: unknown): ValueChange[] {
  if (isDeepStrictEqual(old, now)) return [];
  const [oldRecord, nowRecord] = [record(old), record(now)];
  if (oldRecord !== undefined && nowRecord !== undefined) {
    return [...new Set([...Object.keys(oldRecord), ...Object.keys(nowRecord)])].flatMap((key) =>
      valueChanges(path === '' ? key : `${path}.${keyText(key)}`, own(oldRecord, key), own(nowRecord, key)),
    );
  }
  if (Array.isArray(old) && Array.isArray(now) && old.length === now.length) {
    return old.flatMap((item, index) => valueChanges(`${path}[${index}]`, item, now[index]));
  }
  return [{ path, old, now }];
}

/** Own members only: a key may have the name of an inherited member. */
const own = (holder: Readonly<Record<string, unknown>>, key: string) =>
  Object.hasOwn(holder, key) ? holder[key] : undefined;
const keyText = (key: string) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));

function line(kind: string, path: string, old: unknown, now: unknown): string {
  if (old === undefined) return `+ ${kind} ${path}: ${shown(texts(now)[0]!)}`;
  if (now === undefined) return `- ${kind} ${path}: ${shown(texts(old)[0]!)}`;
  const [before, after] = texts(old, now) as [string, string];
  const start = startOfChange(before, after);
  return `~ ${kind} ${path}: ${shown(before, start)} → ${shown(after, start)}`;
}

/** Each value in one line: all as plain text, or all as JSON. */
function texts(...values: readonly unknown[]): string[] {
  const areWords = values.every((value) => typeof value === 'string' && !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(value));
  return values.map((value) => (areWords ? String(value) : JSON.stringify(value)));
}

/** Where to start showing long texts, so that their change and some text before it are visible. */
function startOfChange(a: string, b: string): number {
  if (a.length <= LONGEST_VALUE && b.length <= LONGEST_VALUE) return 0;
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  return same < LONGEST_VALUE / 2 ? 0 : same - LONGEST_VALUE / 4;
}

function shown(text: string, start = 0): string {
  const part = text.slice(start, start + LONGEST_VALUE);
  return `${start > 0 ? '…' : ''}${part}${start + LONGEST_VALUE < text.length ? '…' : ''}`;
}
