import { createHash } from 'node:crypto';

/**
 * A Merkle tree over texts, as RFC 6962 builds it (2.1): leaves and nodes are hashed apart so that no node passes for a leaf.
 * Hashes are SHA-256 in lower-case hexadecimal.
 */

/** Hash of one leaf. */
export const leafHash = (leaf: string): string => createHash('sha256').update(Buffer.from([0])).update(leaf, 'utf8').digest('hex');

const nodeHash = (left: string, right: string): string =>
  createHash('sha256').update(Buffer.from([1])).update(Buffer.from(left, 'hex')).update(Buffer.from(right, 'hex')).digest('hex');

const EMPTY = createHash('sha256').digest('hex');

/** The way from one leaf to the root: its place, the number of leaves, and the hashes beside the way from the bottom up. */
export interface MerkleProof {
  readonly index: number;
  readonly count: number;
  readonly path: readonly string[];
}

/** Every level of the tree, leaves first. A last one without a neighbour goes up unchanged, which gives the tree of RFC 6962. */
function levelsOf(leaves: readonly string[]): string[][] {
  const levels = [leaves.map(leafHash)];
  for (let level = levels[0] ?? []; level.length > 1; level = levels.at(-1) ?? []) {
    const next: string[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const [left, right] = [level[index], level[index + 1]];
      next.push(left !== undefined && right !== undefined ? nodeHash(left, right) : left ?? '');
    }
    levels.push(next);
  }
  return levels;
}

/** The root over leaves in order; of none, the hash of nothing. */
export const merkleRoot = (leaves: readonly string[]): string => levelsOf(leaves).at(-1)?.[0] ?? EMPTY;

/** The way of leaf number `index` to the root. @throws RangeError when there is no such leaf */
export function merkleProof(leaves: readonly string[], index: number): MerkleProof {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) throw new RangeError(`no leaf ${index} among ${leaves.length}`);
  const path: string[] = [];
  let place = index;
  for (const level of levelsOf(leaves).slice(0, -1)) {
    const beside = level[place ^ 1];
    if (beside !== undefined) path.push(beside);
    place >>= 1;
  }
  return { index, count: leaves.length, path };
}

/** Whether a leaf lies under a root by this way. */
export function provesLeaf(leaf: string, proof: MerkleProof, root: string): boolean {
  const { count } = proof;
  let place = proof.index;
  if (place < 0 || place >= count) return false;
  let hash = leafHash(leaf);
  let used = 0;
  for (let width = count; width > 1; width = Math.ceil(width / 2)) {
    if ((place ^ 1) < width) {
      const beside = proof.path[used++];
      if (beside === undefined) return false;
      hash = place % 2 === 0 ? nodeHash(hash, beside) : nodeHash(beside, hash);
    }
    place >>= 1;
  }
  return used === proof.path.length && hash === root;
}
