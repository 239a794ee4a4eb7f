import { ApiObject, type ApiObjectMetadata, Lazy } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { sliceNames } from '../../domain/router/slice-names';
import { objectMetadata, type RouterNames } from '../router-names';

/** What the pods of a router with a standby may do at the API server. */
export interface PairAccess {
  readonly serviceAccount: kplus.ServiceAccount;
  readonly role: ApiObject;
  readonly roleBinding: ApiObject;
}

export interface PairAccessOptions {
  readonly names: RouterNames;
  readonly metadata: ApiObjectMetadata;
  /** Names of the Services whose slices the pods write; asked for when all hosts are there. */
  readonly services: () => readonly string[];
  /** The Secret of the user's that has the key; absent: the pods make one. */
  readonly keySecret?: kplus.ISecret;
}

const RBAC = { apiGroup: 'rbac.authorization.k8s.io', apiVersion: 'rbac.authorization.k8s.io/v1' };

/**
 * The account of the pods, with rights to the objects of this pair by their names alone. Server-side apply has a name
 * at the creation of an object, so that `create` is limited by it as well.
 */
export function pairAccess(scope: Construct, { names, metadata, services, keySecret }: PairAccessOptions): PairAccess {
  const own = objectMetadata(names, names.standby, metadata);
  // The pods ask for their token themselves, as a volume; other pods with the account get none unasked.
  const serviceAccount = new kplus.ServiceAccount(scope, 'ServiceAccount', { metadata: own, automountToken: false });
  const role = new ApiObject(scope, 'Role', {
    apiVersion: RBAC.apiVersion,
    kind: 'Role',
    metadata: own,
    rules: Lazy.any({ produce: () => [...sliceRules(services().flatMap(sliceNames)), keyRule(names, keySecret)] }),
  });
  const roleBinding = new ApiObject(scope, 'RoleBinding', {
    apiVersion: RBAC.apiVersion,
    kind: 'RoleBinding',
    metadata: own,
    roleRef: { apiGroup: RBAC.apiGroup, kind: 'Role', name: names.standby },
    subjects: [{ kind: 'ServiceAccount', name: names.standby, namespace: names.namespace }],
  });
  return { serviceAccount, role, roleBinding };
}

/**
 * The second one is OKD's: without it, slices with addresses of pods are refused there.
 *
 * @see https://docs.redhat.com/en/documentation/openshift_container_platform/4.20/html/authentication_and_authorization/using-rbac
 */
function sliceRules(slices: readonly string[]): object[] {
  const apiGroups = ['discovery.k8s.io'];
  return [
    {
      apiGroups,
      resources: ['endpointslices'],
      resourceNames: slices,
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'update'],
    },
    { apiGroups, resources: ['endpointslices/restricted'], resourceNames: slices, verbs: ['create'] },
  ];
}

/** A Secret of the user's is read, never written. */
function keyRule({ pairSecret }: RouterNames, keySecret: kplus.ISecret | undefined): object {
  const verbs = ['get', 'list', 'watch', ...(keySecret === undefined ? ['create', 'patch'] : [])];
  return { apiGroups: [''], resources: ['secrets'], resourceNames: [keySecret?.name ?? pairSecret], verbs };
}
