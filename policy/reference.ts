import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { OrganTree } from '../domain/organs';
import { demoOrganTree } from './demo';

/** Thrown when a city has not said what its organs are. */
export class NoOrganTree extends Error {
  override readonly name = 'NoOrganTree';
  constructor(policyDir: string | undefined) {
    super(policyDir === undefined
      ? 'no organ tree: set POLICY_DIR to a directory with organs.json (demo mode brings a fictional city)'
      : `no organ tree: ${path.join(policyDir, 'organs.json')} does not exist`);
  }
}

/**
 * The organs of the jurisdiction: `organs.json` of the city's own policy directory, or the fictional city in demo mode.
 * @throws NoOrganTree, ZodError naming the entry that is wrong
 */
export function loadOrganTree(options: { readonly policyDir?: string | undefined; readonly demo: boolean }): OrganTree {
  const file = options.policyDir === undefined ? undefined : path.join(options.policyDir, 'organs.json');
  if (file !== undefined && existsSync(file)) return new OrganTree(JSON.parse(readFileSync(file, 'utf8')));
  if (options.demo) return demoOrganTree();
  throw new NoOrganTree(options.policyDir);
}
