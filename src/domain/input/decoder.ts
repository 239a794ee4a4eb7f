import type { Issue } from './issue';
import { nearest } from './nearest';
import { UNKNOWN_KEY } from './unknown-key';
import { valueText } from './value-text';

/** The path of a field in the user's input, by its path in the value that is decoded. */
export type PathOf = (path: string) => string;

/**
 * An untyped value with its path, to be decoded. Readers return `undefined` after adding an issue, so one pass reports
 * every mistake of an input.
 */
export class Field {
  private constructor(
    public readonly value: unknown,
    private readonly parent: Field | undefined,
    private readonly key: string | number,
    private readonly issues: Issue[],
    private readonly pathOf?: PathOf,
  ) {}

  /**
   * The whole input. The paths of its members start with their own names.
   *
   * @param name path of the value itself in issues, if it is not an object
   * @param pathOf where a field is in the user's input, if the value was made from another one
   */
  public static root(value: unknown, issues: Issue[], name = '', pathOf?: PathOf): Field {
    return new Field(value, undefined, name, issues, pathOf);
  }

  /** The same path with another value, such as one without the keys that were read before. */
  public withValue(value: unknown): Field {
    return new Field(value, this.parent, this.key, this.issues, this.pathOf);
  }

  public get isPresent(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** Present and not empty: the reference implementation's templates write an empty string for a default. */
  public get isGiven(): boolean {
    return this.isPresent && this.value !== '';
  }

  /** Path such as `ip.destinations[2]`. Built only for issues: most values have none. */
  public get path(): string {
    const { ownPath } = this;
    return this.root.pathOf?.(ownPath) ?? ownPath;
  }

  private get ownPath(): string {
    if (this.parent === undefined) return typeof this.key === 'string' ? this.key : '';
    const before = this.parent.ownPath;
    if (typeof this.key === 'number') return `${before}[${this.key}]`;
    const key = /^[\w-]+$/.test(this.key) ? this.key : valueText(this.key);
    return before === '' ? key : `${before}.${key}`;
  }

  private get root(): Field {
    return this.parent === undefined ? this : this.parent.root;
  }

  /** Adds an issue. Returns `undefined`, so that a reader can return the result. */
  public refuse(problem: string, accepted: string): undefined {
    this.issues.push({ path: this.path, value: this.value, problem, accepted });
    return undefined;
  }

  /**
   * Adds an issue for a missing value, else the given one. `null`, also YAML's, counts as a value of the wrong type.
   */
  private refuseKind(problem: string, accepted: string): undefined {
    if (isLazy(this.value))
      return this.refuse('is a Lazy value, and values are checked when the construct is made', accepted);
    return this.refuse(this.value === undefined ? 'is missing' : problem, accepted);
  }

  /** A member of this object; absent if this is not an object. */
  public member(key: string): Field {
    const holder = this.value as Record<string, unknown> | undefined | null;
    const own = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key);
    return new Field(own ? holder[key] : undefined, this, key, this.issues);
  }

  /** The elements of this list; an issue if it is not a list. */
  public elements(accepted: string): Field[] {
    if (!Array.isArray(this.value)) {
      this.refuseKind('is not a list', accepted);
      return [];
    }
    // Includes the holes of a sparse array, which map() skips.
    const fields: Field[] = [];
    for (let index = 0; index < this.value.length; index++) {
      fields.push(new Field(this.value[index], this, index, this.issues));
    }
    return fields;
  }

  /** The elements of this list; an issue if it is empty or not a list. */
  public someElements(accepted: string): Field[] {
    const elements = this.elements(accepted);
    if (Array.isArray(this.value) && elements.length === 0) this.refuse('is empty', accepted);
    return elements;
  }

  /**
   * Whether this is an object. Each unknown key gets an issue of its own, with the nearest known key as a hint.
   */
  public isObjectOf(known: readonly string[]): boolean {
    if (!this.isObject()) return false;
    for (const key of this.unknownKeys(known)) this.member(key).refuseKey(nearest(key, known), known);
    return true;
  }

  /**
   * Keys of this object that are not among the known ones. A key with the value undefined says nothing, as everywhere
   * in JavaScript.
   */
  public unknownKeys(known: readonly string[]): string[] {
    const object = this.value as Readonly<Record<string, unknown>>;
    return Object.keys(object).filter((key) => object[key] !== undefined && !known.includes(key));
  }

  /** Adds an issue for an unknown key, with a hint which one was probably meant. */
  public refuseKey(hint: string | undefined, known: readonly string[]): undefined {
    const meant = hint === undefined ? '' : ` (did you mean "${hint}"?)`;
    return this.refuse(`${UNKNOWN_KEY}${meant}`, known.join(', '));
  }

  public isObject(accepted = 'an object'): boolean {
    const isObject = typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
    if (!isObject) this.refuseKind('is not an object', accepted);
    return isObject;
  }

  public text(accepted: string): string | undefined {
    if (typeof this.value === 'string' && this.value !== '') return this.value;
    return this.refuseKind(this.value === '' ? 'is empty' : 'is not a string', accepted);
  }

  public integer(min: number, max: number, meaning: string): number | undefined {
    const accepted = `${meaning}, an integer from ${min} to ${max}`;
    if (typeof this.value !== 'number') {
      return this.refuseKind('is not a number', accepted);
    }
    if (!Number.isInteger(this.value)) return this.refuse('is not an integer', accepted);
    if (this.value < min || this.value > max) return this.refuse('is out of range', accepted);
    // JSON has a -0, which would not be written back as it was read.
    return this.value + 0;
  }

  public flag(): boolean | undefined {
    if (typeof this.value === 'boolean') return this.value;
    return this.refuseKind('is not a boolean', 'true or false');
  }

  /** One of a few words. */
  public word<T extends string>(words: readonly T[], accepted = words.join(', ')): T | undefined {
    const found = words.find((word) => word === this.value);
    if (found !== undefined) return found;
    const meant = typeof this.value === 'string' ? nearest(this.value, words) : undefined;
    return this.refuseKind(meant === undefined ? 'is not known' : `is not known (did you mean "${meant}"?)`, accepted);
  }

  /** One of a few words, compared without regard to case; returns the word as listed. */
  public wordInAnyCase<T extends string>(words: readonly T[]): T | undefined {
    const given = typeof this.value === 'string' ? this.value.toLowerCase() : undefined;
    const found = words.find((word) => word.toLowerCase() === given);
    return found ?? this.word(words);
  }

  /** The reader's result if the field is present and not empty. */
  public given<T>(read: (field: Field) => T | undefined): T | undefined {
    return this.isGiven ? read(this) : undefined;
  }

  /** The reader's result if the field is present; without an issue if it is absent. */
  public optional<T>(read: (field: Field) => T | undefined): T | undefined {
    return this.isPresent ? read(this) : undefined;
  }
}

/** Whether a value is one of cdk8s' `Lazy`, of any copy of cdk8s: it is known at synth only. */
export function isLazy(value: unknown): value is { produce(): unknown } {
  return typeof (value as { readonly produce?: unknown } | null | undefined)?.produce === 'function';
}

/** A decoded value and its field, so that a later check across values can name both. */
export interface Located<T> {
  readonly value: T;
  readonly field: Field;
}
