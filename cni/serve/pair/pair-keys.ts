import { randomBytes } from 'node:crypto';
import type { ApiClient } from '../../kubernetes/api-client';
import { FollowedObject } from '../../kubernetes/followed-object';

/** Hears the keys of the pair. */
export interface KeyListener {
  /** The key that signs, and before it any that is still accepted. */
  found(keys: readonly Uint8Array[]): void;
  /** Why they are not known, as a sentence. */
  failed(problem: string): void;
}

/** Members of the Secret: the key that signs, and the one before it. */
const [KEY, PREVIOUS] = ['key', 'previous'] as const;

/** Bytes of a key that the pair makes: as many as HMAC-SHA256 uses. */
const KEY_BYTES = 32;
/** Bytes of a key that a user gives: a shorter one could be guessed. */
const FEWEST_KEY_BYTES = 16;

/**
 * The keys of a pair's beats, in a Secret that the pods make themselves: manifests must be the same at each synth, and
 * a key in Git is not one. Another key takes its place without a restart.
 */
export class PairKeys implements Disposable {
  private readonly secret: FollowedObject;

  /** @param pod of this process, whose key counts only if it made the Secret */
  public constructor(
    api: ApiClient,
    place: { readonly namespace: string; readonly name: string },
    pod: string,
    listener: KeyListener,
  ) {
    const { namespace, name } = place;
    const folder = `/api/v1/namespaces/${namespace}/secrets`;
    const initial = () => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      data: { [KEY]: randomBytes(KEY_BYTES).toString('base64') },
    });
    this.secret = new FollowedObject(api, { folder, name }, initial, makerOf(pod), {
      found: (object) => {
        const keys = readKeys(object);
        if (keys === undefined) listener.failed(problemOf(name));
        else listener.found(keys);
      },
      failed: (problem) => listener.failed(problem),
    });
  }

  public [Symbol.dispose](): void {
    this.secret[Symbol.dispose]();
  }

  /** Reads the keys, and whatever becomes of them. */
  public follow(): Promise<void> {
    return this.secret.follow();
  }
}

/** Of one pod, so that the second one does not overwrite the first one's key. At most 128 characters. */
function makerOf(pod: string): string {
  return `cdk8s-egress-router-${pod.slice(-100)}`;
}

function readKeys(object: unknown): Uint8Array[] | undefined {
  const { data } = object as { data?: Readonly<Record<string, unknown>> | null };
  const [key, previous] = [KEY, PREVIOUS].map((member) => {
    const text = data?.[member];
    return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
  });
  if (key === undefined || key.length < FEWEST_KEY_BYTES) return undefined;
  return previous === undefined || previous.length < FEWEST_KEY_BYTES ? [key] : [key, previous];
}

function problemOf(name: string): string {
  return `Secret ${name} has no key for this pair; accepted: data.${KEY}, ${FEWEST_KEY_BYTES} bytes or more`;
}
