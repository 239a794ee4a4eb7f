import type { ApiObjectMetadata } from 'cdk8s';
import { withoutNullish, withoutUndefined } from '../../domain/input/collections';
import { Field } from '../../domain/input/decoder';
import { ConfigError, type Issue } from '../../domain/input/issue';
import { ROUTER_LABELS } from '../../domain/router/object-names';
import { proxyModeProblem } from '../effective-mode';
import type { EgressRouterProps } from '../egress-router-props';
import { CustomResourceFields, rememberFields } from './custom-resource-fields';
import { importedMode } from './custom-resource-mode';
import { CUSTOM_RESOURCE_OPTION_KEYS, type CustomResourceOptions } from './custom-resource-options';
import { EGRESS_ROUTER_TYPE } from './egress-router-resource';

type Json = Readonly<Record<string, unknown>>;

/**
 * The props of a router that a custom resource declares. The router reports what is wrong with the resource, by the
 * paths of the resource's fields, together with everything else.
 *
 * @param path of the router's construct
 * @throws ConfigError when the object is not an EgressRouter resource
 */
export function customResourceProps(
  resource: unknown,
  given: CustomResourceOptions | null,
  path: string,
): EgressRouterProps {
  const { metadata, spec } = readResource(resource, path);
  const issues: Issue[] = [];
  const options: CustomResourceOptions = membersOf(Field.root(given, issues, 'options'), CUSTOM_RESOURCE_OPTION_KEYS);
  const field = Field.root({ spec }, issues).member('spec');
  membersOf(field, ['mode', 'networkInterface', 'addresses', 'redirect']);
  field.member('mode').optional(readRedirectMode);
  const networkInterface = field.member('networkInterface');
  membersOf(networkInterface, ['macvlan']);
  const macvlan = networkInterface.member('macvlan');
  const { mode, places } = importedMode(
    macvlan.isPresent ? membersOf(macvlan, ['mode', 'master']) : undefined,
    options,
  );
  const redirect = field.member('redirect');
  const { redirectRules, fallbackIP } = membersOf(redirect, ['redirectRules', 'fallbackIP']);
  const props = {
    ...options,
    metadata: importedMetadata(metadata),
    mode,
    addresses: importedList(field.member('addresses'), (address) => membersOf(address, ['ip', 'gateway'])),
    redirectRules: importedList(redirect.member('redirectRules').withValue(redirectRules), importedRule),
    fallbackIp: fallbackIP,
  };
  const allPlaces = new Map([...PLACES, ...places]);
  const hasRedirect = !redirect.isPresent || isObject(redirect.value);
  const fields = new CustomResourceFields(allPlaces, issues, hasRedirect);
  return rememberFields(withoutUndefined(props) as unknown as EgressRouterProps, fields);
}

/** The fields by their props, beside those of the network interface. */
const PLACES = [
  ['addresses', 'spec.addresses'],
  ['redirectRules', 'spec.redirect.redirectRules'],
  ['fallbackIp', 'spec.redirect.fallbackIP'],
] as const;

function readResource(resource: unknown, path: string): { readonly metadata: Json; readonly spec: Json } {
  const issues: Issue[] = [];
  if (Field.root(resource, issues, 'customResource').isObject('an EgressRouter custom resource')) {
    const root = Field.root(resource, issues);
    const { apiVersion, kind } = EGRESS_ROUTER_TYPE;
    root.member('kind').word([kind]);
    root.member('apiVersion').word([apiVersion]);
    root.member('metadata').isObject();
    root.member('spec').isObject();
  }
  if (issues.length > 0) throw new ConfigError(issues, path);
  return resource as { readonly metadata: Json; readonly spec: Json };
}

/** The modes of OpenShift's SDN router were others; that of the resource says nothing that a router has to know. */
function readRedirectMode(field: Field): void {
  if (typeof field.value === 'string' && field.value.toLowerCase() === 'redirect') return;
  const problem = proxyModeProblem(field.value);
  if (problem === undefined) field.word(['Redirect']);
  else field.refuse(problem, 'Redirect');
}

/** The known members of an object, without those that say nothing; an issue for each that is not known. */
function membersOf(field: Field, known: readonly string[]): Json {
  if (!field.isPresent || !field.isObjectOf(known)) return {};
  return withoutNullish(Object.fromEntries(known.map((key) => [key, field.member(key).value])));
}

/** What a user said, without what the API server and kubectl added, and without labels that every router has. */
function importedMetadata({ name, namespace, labels, annotations }: Json): ApiObjectMetadata {
  return withoutUndefined({
    name,
    namespace,
    labels: without(labels, [...ROUTER_LABELS, 'app']),
    annotations: without(annotations, ['kubectl.kubernetes.io/last-applied-configuration']),
  }) as ApiObjectMetadata;
}

function without(map: unknown, keys: readonly string[]): unknown {
  if (typeof map !== 'object' || map === null) return map ?? undefined;
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

/** A list with each object in it imported. What is neither is refused by the router itself. */
function importedList(list: Field, imported: (element: Field) => unknown): unknown {
  if (!Array.isArray(list.value)) return list.value;
  return list.elements('').map((element) => (isObject(element.value) ? imported(element) : element.value));
}

function importedRule(rule: Field): unknown {
  const { destinationIP, ...others } = membersOf(rule, ['port', 'protocol', 'destinationIP', 'targetPort']);
  // Refused under the name that it has in props, and not missing as well.
  return withoutUndefined({ ...others, destinationIp: destinationIP ?? rule.member('destinationIp').value });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
