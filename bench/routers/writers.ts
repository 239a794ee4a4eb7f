import { bare } from './bare';
import { ours } from './ours';
import { plus } from './plus';

/** The same router, written in three ways. */
export const WRITERS = { bare, plus, ours };

/** How the routers are written: cdk8s literals, cdk8s-plus classes, or this library. */
export type Way = keyof typeof WRITERS;
