import { ApiObject, type ApiObjectMetadata, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { RouterDeclaration } from '../router-declaration';
import { objectMetadata } from '../router-names';
import { EGRESS_ROUTER_TYPE, resourceSpec } from './egress-router-resource';

/** The objects that only a router in operator mode has. */
export class OperatorObjects {
  /** @internal */
  public static _make(router: Construct, declaration: RouterDeclaration, metadata: ApiObjectMetadata): OperatorObjects {
    return new OperatorObjects(router, declaration, metadata);
  }

  /** The custom resource that the Cluster Network Operator reads. */
  public readonly customResource: ApiObject;

  private constructor(router: Construct, declaration: RouterDeclaration, metadata: ApiObjectMetadata) {
    const { names } = declaration;
    this.customResource = new ApiObject(router, 'Resource', {
      ...EGRESS_ROUTER_TYPE,
      metadata: objectMetadata(names, names.router, metadata),
      spec: Lazy.any({ produce: () => resourceSpec(declaration.spec) }),
    });
  }
}
