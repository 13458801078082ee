import fc from 'fast-check';
import { leafHash, merkleProof, merkleRoot, provesLeaf } from '../../evidence/merkle';

// Literal values of RFC 6962 2.1 (the test vectors of Certificate Transparency's reference tree, leaf "" and empty tree).
test('the tree of RFC 6962: nothing, and one empty leaf', () => {
  expect(merkleRoot([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(leafHash('')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  expect(merkleRoot([''])).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
});

test('every leaf has a way to the root, and no other leaf goes it', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 40 }), fc.nat(), fc.nat(), (leaves, a, b) => {
    const [index, other] = [a % leaves.length, b % leaves.length];
    const proof = merkleProof(leaves, index);
    const root = merkleRoot(leaves);
    expect(provesLeaf(leaves[index] ?? '', proof, root)).toBe(true);
    if (other !== index) {
      expect(provesLeaf(leaves[other] ?? '', proof, root)).toBe(false);
      expect(provesLeaf(leaves[index] ?? '', { ...proof, index: other }, root)).toBe(false);
    }
    expect(provesLeaf(`${leaves[index] ?? ''}x`, proof, root)).toBe(false);
    expect(provesLeaf(leaves[index] ?? '', { ...proof, path: [...proof.path, root] }, root)).toBe(false);
  }));
});

test('a leaf that is not there has no way', () => {
  expect(() => merkleProof(['a'], 1)).toThrow(RangeError);
});
