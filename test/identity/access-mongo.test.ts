import { createAccess, staffTerm } from '../../api/identity';
import { Keyring } from '../../crypto/keyring';
import type { Identity } from '../../domain/identity';
import { demoOrganTree, demoUsers } from '../../policy/demo';
import { mongoForFile } from '../support/mongo-client';

const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64');
const before = new Keyring({ current: 'k1', keys: { k1: key(1) } });
const after = new Keyring({ current: 'k2', keys: { k1: key(1), k2: key(2) } });
const tree = demoOrganTree();
const people = demoUsers(tree);
const callers = people.map((each, index): Identity => {
  const other = people[(index + 7) % people.length];
  return {
    id: each.id, kind: 'user', name: each.name, organ: each.organ, roles: each.roles, ...(each.staffId === null ? {} : { staffId: each.staffId }),
    // Every third one stands in for another, whose organ and recusal count as well.
    ...(index % 3 !== 0 || other === undefined ? {} : { standsInFor: [{ id: other.id, organ: other.organ, roles: other.roles, ...(other.staffId === null ? {} : { staffId: other.staffId }) }] }),
  };
});

/** Cases spread over organs, participants and persons named by fixed strides, so that every run sees the same ones. */
const cases = Array.from({ length: 240 }, (_, n) => ({
  _id: `TS-2026-${String(n).padStart(6, '0')}`,
  organs: [tree.all[n % tree.all.length], tree.all[(n * 7 + 3) % tree.all.length]].flatMap((organ) => (organ === undefined ? [] : [organ.id])),
  participants: n % 4 === 0 ? [people[(n * 5) % people.length]?.id ?? ''] : [],
  namedStaff: n % 2 === 0 ? [people[(n * 3) % people.length]?.staffId ?? 'none'] : [],
}));

const mongo = mongoForFile();

it('the database keeps exactly the cases that a read allows, though staff ids lie blinded under an older key', async () => {
  const collection = mongo.client.db('access').collection<{ _id: string; organs: string[]; participants: string[]; namedStaff: string[] }>('cases');
  await collection.insertMany(cases.map((each) => ({ ...each, namedStaff: each.namedStaff.map((staffId) => before.blind(staffTerm(staffId))) })));
  const access = createAccess({ definitions: [], tree, keyring: after });
  const seen = new Set<number>();
  for (const caller of callers) {
    const filter = access.readable(caller);
    const listed = filter === null ? [] : (await collection.find(filter).sort({ _id: 1 }).toArray()).map((each) => each._id);
    const readable = cases.filter((each) => access.may(caller, 'case.read', { ...each, caseType: 'any', openSteps: [] }).allowed).map((each) => each._id);
    expect({ caller: caller.id, listed }).toEqual({ caller: caller.id, listed: readable });
    seen.add(listed.length);
  }
  // None, some and nearly all of them: the comparison had something to compare.
  expect(seen.size).toBeGreaterThan(5);
  expect(seen.has(0)).toBe(true);
});
