import fc from 'fast-check';
import { AccessRules, staticActions, type AccessAction, type AccessSubject, type StaticAction } from '../../domain/access';
import { actionNames } from '../../domain/case-definition';
import { Account, type Identity, type StandIn } from '../../domain/identity';
import { roles, type Role } from '../../domain/roles';
import { demoOrganTree, demoUsers } from '../../policy/demo';

/** A toy case type, so that the rules are seen to need nothing of the real ones. Its definition even names roles that never may. */
const toy = {
  startedBy: ['handler', 'department', 'auditor'],
  actions: Object.fromEntries(actionNames.map((name) => [name, { roles: ['handler', 'supervisor', 'complainant', 'administrator', 'auditor'] }])),
} as const;
const tree = demoOrganTree();
const rules = new AccessRules({ tree, definitionOf: (type) => (type === 'toy' ? toy : undefined) });
const people = demoUsers(tree);
const user = (id: string): Identity => {
  const found = people.find((each) => each.id === id);
  if (!found) throw new Error(`no demonstration user ${id}`);
  return { id, kind: 'user', name: found.name, organ: found.organ, roles: found.roles, ...(found.staffId === null ? {} : { staffId: found.staffId }) };
};
const subject = (over: Partial<AccessSubject> = {}): AccessSubject => ({ caseType: 'toy', organs: ['yz-complaints', 'yz-water'], participants: [], namedStaff: [], openSteps: [], ...over });
const verdict = (identity: Identity, action: AccessAction, on?: AccessSubject): string => {
  const given = rules.may(identity, action, on);
  return given.allowed ? 'yes' : given.reason;
};

describe('role × action, for a case the caller is concerned with in every way', () => {
  const at = (role: Role): Identity => ({ id: 'me', kind: 'user', name: '甲', organ: 'yz-water', roles: [role], staffId: 'YZ1' });
  const on = subject({ participants: ['me'], openSteps: [{ id: 's', roles: [...roles], organ: 'yz-water' }], step: 's' });
  // One column per role, in the order of `roles`: handler reviewer approver supervisor referrer department leader personnel auditor administrator complainant.
  const table: Record<string, string> = {
    'case.start':        'x....x.....',
    'case.import':       'x..x.......',
    'case.list':         'xxxxxxxxx.x',
    'case.read':         'xxxxxxxxx.x',
    'clocks.read':       'xxxxxxxxx.x',
    'document.read':     'xxxxxxxxx.x',
    'document.upload':   'xxxxxxxx..x',
    'letter.issue':      'xxxxxxx....',
    'step.answer':       'xxxxxxxx..x',
    'inbox.read':        'xxxxxxxxx.x',
    'stats.read':        'xxxxxxxxx..',
    'reference.read':    'xxxxxxxxxxx',
    'export':            'x..x..x.x..',
    'personal.unmask':   'xxxx...x...',
    'history.unmask':    '..xx.......',
    'audit.read':        '........x..',
    'settings.change':   '.........x.',
    'user.manage':       '.........x.',
    'key.manage':        '.........x.',
    'webhook.manage':    '.........x.',
    'delegation.read':   'xxxxxxxxxx.',
    'delegation.change': 'xxxxxxxx.x.',
    ...Object.fromEntries(actionNames.map((name) => [`action.${name}`, 'x..x......x'])),
  };

  it('has a line for every action and nothing else', () => {
    expect(Object.keys(table).sort()).toEqual([...staticActions, ...actionNames.map((name) => `action.${name}`)].sort());
  });

  it.each(Object.entries(table))('%s', (action, line) => {
    expect(roles.map((role) => (rules.may(at(role), action as AccessAction, on).allowed ? 'x' : '.')).join('')).toBe(line);
  });

  it('an action nobody thought of is nobody’s', () => {
    for (const role of roles) {
      expect(verdict(at(role), 'action.nothing', on)).toBe('role');
      expect(verdict(at(role), 'constructor' as AccessAction, on)).toBe('role');
      expect(verdict(at(role), 'action.constructor', on)).toBe('role');
      expect(verdict(at(role), 'case.burn' as AccessAction, on)).toBe('role');
    }
  });
});

describe('action × case: of another organ entirely, of an organ one only oversees, of none named', () => {
  const head: Identity = { id: 'head', kind: 'user', name: '甲', organ: 'yz-gov', roles: ['leader'] };
  const supervisor = { ...head, organ: 'yz-supervision', roles: ['supervisor' as const] };
  const auditor = { ...head, roles: ['auditor' as const] };
  // A head or a supervisor, for they alone oversee: abroad the case is of the province, overseen of a department of the city.
  const table: Record<string, readonly [Identity, abroad: string, overseen: string, unnamed: string]> = {
    'case.read': [head, 'organ', 'yes', 'no-case'],
    'clocks.read': [head, 'organ', 'yes', 'yes'],
    'document.read': [head, 'organ', 'yes', 'no-case'],
    'document.upload': [head, 'organ', 'yes', 'no-case'],
    'letter.issue': [head, 'organ', 'organ', 'no-case'],
    'step.answer': [head, 'organ', 'yes', 'no-case'],
    export: [head, 'organ', 'yes', 'yes'],
    'personal.unmask': [supervisor, 'organ', 'organ', 'no-case'],
    'history.unmask': [supervisor, 'organ', 'yes', 'yes'],
    'action.note': [supervisor, 'organ', 'yes', 'no-case'],
  };
  const anywhere = ['case.start', 'case.import', 'case.list', 'inbox.read', 'stats.read', 'reference.read', 'audit.read', 'settings.change', 'user.manage', 'key.manage', 'webhook.manage', 'delegation.read', 'delegation.change'];

  it('says of every action whether it asks for a case', () => {
    expect([...Object.keys(table), ...anywhere].filter((action) => action !== 'action.note').sort()).toEqual([...staticActions].sort());
  });

  it.each(Object.entries(table))('%s', (action, [who, ...expected]) => {
    const of = (organ: string): AccessSubject => subject({ organs: [organ], openSteps: [{ id: 's', roles: [...roles], organ: who.organ }], step: 's' });
    expect([verdict(who, action as AccessAction, of('yl-gov')), verdict(who, action as AccessAction, of('yz-health')), action === 'action.note' ? verdictOfUnnamed(who, action) : verdict(who, action as AccessAction)]).toEqual(expected);
    expect(['yes', 'role', 'not-yours']).toContain(verdict(auditor, action as AccessAction, of('yl-gov')));
  });
  /** What a definition allows is known by the case type alone. */
  const verdictOfUnnamed = (who: Identity, action: AccessAction): string => {
    const given = rules.may(who, action, { caseType: 'toy' });
    return given.allowed ? 'yes' : given.reason;
  };
});

describe('organ', () => {
  it.each<[string, Role, string, string]>([
    ['an officer of the government who is not its head', 'handler', 'yz-gov', 'yz-health'],
    ['a supervisor who sits in no supervisory organ', 'supervisor', 'yz-complaints', 'yz-health'],
    ['an officer of an organ that is gone', 'leader', 'yz-abolished', 'yz-health'],
    ['a supervisor of an organ that is gone', 'supervisor', 'yz-abolished', 'yz-health'],
  ])('%s oversees nothing', (_, role, organ, other) => {
    const who: Identity = { id: 'me', kind: 'user', name: '甲', organ, roles: [role] };
    expect(verdict(who, 'case.read', subject({ organs: [other] }))).toBe('organ');
    expect(verdict(who, 'case.read', subject({ organs: [organ] }))).toBe('yes');
  });

  it.each([
    ['handler', 'yes', 'the own organ'],
    ['department', 'yes', 'the organ concerned'],
    ['department.transport', 'organ', 'another department'],
    ['leader.water', 'yes', 'its head'],
    ['leader.transport', 'organ', 'the head of another'],
    ['leader', 'yes', 'the government over it'],
    ['leader.province', 'yes', 'the government over that'],
    ['leader.dx', 'organ', 'a government beside it'],
    ['supervisor', 'yes', 'the supervisory organ of its government'],
    ['supervisor.dx', 'organ', 'the supervisory organ of another'],
    ['reviewer', 'organ', 'a reviewer reads only the own organ’s'],
    ['auditor', 'yes', 'reads all'],
    ['administrator', 'role', 'reads none'],
    ['complainant', 'organ', 'not the own case, though the organ is'],
  ])('%s reads: %s (%s)', (id, expected) => {
    expect(verdict(user(id), 'case.read', subject())).toBe(expected);
  });

  it('a complainant reads and acts on the own case only', () => {
    expect(verdict(user('complainant'), 'case.read', subject({ participants: ['complainant'] }))).toBe('yes');
    expect(verdict(user('complainant'), 'action.withdraw', subject({ participants: ['complainant'] }))).toBe('yes');
    expect(verdict(user('complainant'), 'action.withdraw', subject())).toBe('organ');
  });

  it('who complained stays hidden from the department concerned and from those who only oversee', () => {
    expect(verdict(user('handler'), 'personal.unmask', subject())).toBe('yes');
    expect(verdict(user('department'), 'personal.unmask', subject())).toBe('role');
    expect(verdict(user('supervisor'), 'personal.unmask', subject())).toBe('organ');
    expect(verdict(user('supervisor'), 'personal.unmask', subject({ organs: ['yz-supervision', 'yz-water'] }))).toBe('yes');
    expect(verdict(user('auditor'), 'personal.unmask', subject())).toBe('role');
  });

  it('a right on a case needs a case; a list does not', () => {
    expect(verdict(user('handler'), 'case.read')).toBe('no-case');
    expect(rules.may(user('handler'), 'case.read', { caseType: 'toy' })).toEqual({ allowed: false, reason: 'no-case' });
    expect(verdict(user('handler'), 'case.list')).toBe('yes');
    expect(verdict(user('handler'), 'export')).toBe('yes');
    expect(verdict(user('handler'), 'export', subject({ organs: ['yz-health'] }))).toBe('organ');
    expect(rules.may(user('handler'), 'case.start', { caseType: 'unknown' })).toEqual({ allowed: false, reason: 'role' });
  });
});

describe('step', () => {
  const open = (over: Partial<AccessSubject['openSteps'][number]> = {}): AccessSubject =>
    subject({ openSteps: [{ id: 'explain.yz-water', roles: ['department', 'leader'], organ: 'yz-water', ...over }], step: 'explain.yz-water' });

  it.each([
    ['department', 'yes', open()],
    ['leader.water', 'yes', open()],
    ['handler', 'not-yours', open()],
    ['leader', 'not-yours', open()],
    ['department.transport', 'organ', open()],
    ['auditor', 'role', open()],
    ['department', 'not-yours', open({ user: 'department.water' })],
    ['department.water', 'yes', open({ user: 'department.water' })],
    ['department.transport', 'yes', open({ user: 'department.transport' })],
    ['department', 'not-yours', { ...open(), step: 'decide' }],
  ])('%s: %s (%#)', (id, expected, on) => {
    expect(verdict(user(id), 'step.answer', on)).toBe(expected);
  });

  it('a colleague in the same organ who holds none of its roles does not answer it', () => {
    expect(verdict({ ...user('department'), roles: ['personnel'] }, 'step.answer', open())).toBe('not-yours');
  });

  it('a rating is for the complainant of the case, or its handler', () => {
    const rating = subject({ openSteps: [{ id: 'rate', roles: ['complainant', 'handler'], organ: 'yz-complaints' }], step: 'rate' });
    expect(verdict(user('complainant'), 'step.answer', rating)).toBe('organ');
    expect(verdict(user('complainant'), 'step.answer', { ...rating, participants: ['complainant'] })).toBe('yes');
    expect(verdict(user('handler'), 'step.answer', rating)).toBe('yes');
  });
});

describe('recusal 回避', () => {
  const staffId = (id: string): string => user(id).staffId ?? '';
  it.each(['case.read', 'step.answer', 'action.note', 'personal.unmask', 'document.read', 'clocks.read', 'export', 'case.start'] as const)('an officer named in the case: no %s', (action) => {
    const on = subject({ openSteps: [{ id: 's', roles: ['handler'], organ: 'yz-complaints' }], step: 's' });
    expect(verdict(user('handler'), action, on)).toBe('yes');
    expect(verdict(user('handler'), action, { ...on, namedStaff: [staffId('handler')] })).toBe('recusal');
  });

  it('holds for the auditor, for the head, and for the user a step was given to', () => {
    for (const id of ['auditor', 'leader', 'leader.water']) expect(verdict(user(id), 'case.read', subject({ namedStaff: [staffId(id)] }))).toBe('recusal');
    const given = subject({ openSteps: [{ id: 's', roles: ['handler'], organ: 'yz-complaints', user: 'handler' }], step: 's', namedStaff: [staffId('handler')] });
    expect(verdict(user('handler'), 'step.answer', given)).toBe('recusal');
  });
});

describe('standing in AB角', () => {
  const place = ({ id, organ, roles: held, staffId }: Identity): StandIn => ({ id, organ, roles: held, ...(staffId === undefined ? {} : { staffId }) });
  const deputy = (of: string): Identity => ({ ...user('department.transport'), standsInFor: [place(user(of))] });
  const open = subject({ openSteps: [{ id: 's', roles: ['handler'], organ: 'yz-complaints', user: 'handler' }], step: 's' });

  it('gives the other’s place, and the verdict says whose', () => {
    expect(rules.may(deputy('handler'), 'step.answer', open)).toEqual({ allowed: true, reason: 'role', as: place(user('handler')) });
    expect(rules.may(user('handler'), 'step.answer', open)).toMatchObject({ allowed: true, as: { id: 'handler' } });
    expect(verdict(user('department.transport'), 'step.answer', open)).toBe('organ');
  });

  it('recusal of either one stops it', () => {
    expect(verdict(deputy('handler'), 'step.answer', { ...open, namedStaff: [user('department.transport').staffId ?? ''] })).toBe('recusal');
    expect(verdict(deputy('handler'), 'step.answer', { ...open, namedStaff: [user('handler').staffId ?? ''] })).toBe('recusal');
  });

  it('nobody stands in for an auditor, an administrator or a complainant', () => {
    expect(verdict(deputy('auditor'), 'audit.read')).toBe('role');
    expect(verdict(deputy('administrator'), 'settings.change')).toBe('role');
    expect(verdict(deputy('complainant'), 'case.read', subject({ participants: ['complainant'] }))).toBe('organ');
  });
});

describe('whose delegations AB角', () => {
  it.each([
    ['handler', 'own'], ['department', 'own'], ['leader.water', 'organ'], ['leader', 'organ'], ['personnel', 'own'], ['auditor', 'all'], ['administrator', 'all'], ['complainant', 'own'],
  ])('%s: %s', (id, expected) => {
    expect(rules.delegationReach(user(id))).toBe(expected);
  });

  it('the deputy of a head has the own ones only: appointing is not passed on', () => {
    const { id, organ, roles: held } = user('leader.water');
    const deputy: Identity = { ...user('department'), standsInFor: [{ id, organ, roles: held }] };
    expect(rules.delegationReach(deputy)).toBe('own');
  });
});

describe('systems', () => {
  const system = (scopes: readonly string[], role: Role = 'handler'): Identity => ({ id: 'system:hotline', kind: 'system', name: '12345', organ: 'yz-complaints', roles: [role], scopes });
  it('do what their key was given for, within what its role may', () => {
    expect(rules.may(system(['case.start']), 'case.start', { caseType: 'toy' }).allowed).toBe(true);
    expect(verdict(system(['case.start']), 'case.read', subject())).toBe('scope');
    expect(verdict(system([]), 'case.list')).toBe('scope');
    expect(verdict(system(['case.rea', 'case']), 'case.read', subject())).toBe('scope');
    expect(verdict(system(['action.*']), 'action.note', subject())).toBe('yes');
    expect(verdict(system(['action.*']), 'case.read', subject())).toBe('scope');
    expect(rules.readable(system(['case.start']))).toBeNull();
  });

  it('hold no role that is a person’s alone', () => {
    expect(verdict(system(['reference.read']), 'reference.read')).toBe('yes');
    expect(verdict(system(['reference.read'], 'administrator'), 'reference.read')).toBe('role');
    expect(verdict(system(['case.read'], 'auditor'), 'case.read', subject())).toBe('role');
    expect(rules.readable(system(['case.read'], 'auditor'))).toBeNull();
  });

  // Each asked for by a role that would have it as a person.
  it.each<[StaticAction, Role]>([
    ['history.unmask', 'approver'], ['audit.read', 'auditor'], ['settings.change', 'administrator'], ['user.manage', 'administrator'], ['key.manage', 'administrator'],
    ['webhook.manage', 'administrator'], ['delegation.read', 'leader'], ['delegation.change', 'leader'],
  ])('do not have what is for persons, whatever their key says: %s', (action, role) => {
    expect(rules.may({ ...system([], role), kind: 'user' }, action).allowed).toBe(true);
    for (const scopes of [[action], [`${action.split('.')[0] ?? ''}.*`]]) expect(verdict(system(scopes, role), action)).toBe('scope');
  });
});

describe('a list never shows what a read would refuse', () => {
  interface Row { readonly organs: readonly string[]; readonly participants: readonly string[]; readonly namedStaff: readonly string[] }
  /** What MongoDB makes of the operators the filter uses, on fields that are arrays. */
  const keeps = (filter: unknown, row: Row): boolean => Object.entries(filter as Record<string, unknown>).every(([key, value]) => {
    if (key === '$and') return (value as unknown[]).every((each) => keeps(each, row));
    if (key === '$or') return (value as unknown[]).some((each) => keeps(each, row));
    const held = row[key as keyof Row];
    if (typeof value === 'string') return held.includes(value);
    const [[operator, list]] = Object.entries(value as Record<string, string[]>) as [[string, string[]]];
    if (operator === '$in') return held.some((each) => list.includes(each));
    if (operator === '$nin') return !held.some((each) => list.includes(each));
    throw new Error(`the filter uses ${operator}`);
  });

  it('for any caller and any case', () => {
    const someOf = <T>(all: readonly T[], maxLength: number) => fc.uniqueArray(fc.constantFrom(...all), { maxLength });
    const who = fc.record({ id: fc.constantFrom(...people.map((each) => each.id)), standsIn: someOf(people.map((each) => each.id), 2) });
    const row = fc.record({ organs: someOf(tree.all.map((organ) => organ.id), 3), participants: someOf(people.map((each) => each.id), 3), namedStaff: someOf(people.map((each) => each.staffId ?? 'x'), 3) });
    let [tried, shown] = [0, 0];
    fc.assert(fc.property(who, row, ({ id, standsIn }, data) => {
      const caller: Identity = { ...user(id), standsInFor: standsIn.map(user) };
      const filter = rules.readable(caller);
      const read = rules.may(caller, 'case.read', { ...data, caseType: 'toy', openSteps: [] }).allowed;
      tried += 1;
      if (read) shown += 1;
      expect(filter !== null && keeps(filter, data)).toBe(read);
    }), { numRuns: 5_000 });
    // Of any number of cases: about a quarter are read.
    expect(shown / tried).toBeGreaterThan(0.1);
  });
});

describe('accounts', () => {
  it.each([
    ['auditor with another role', { roles: ['auditor', 'handler'] }],
    ['complainant with another role', { roles: ['complainant', 'department'] }],
    ['a role twice', { roles: ['handler', 'handler'] }],
    ['no role', { roles: [] }],
    ['an id with a capital', { id: 'Handler' }],
  ])('%s is refused', (_, over) => {
    const good = { id: 'handler.x', name: '甲', roles: ['handler', 'reviewer'], organ: 'yz-gov', staffId: null };
    expect(Account.safeParse(good).success).toBe(true);
    expect(Account.safeParse({ ...good, ...over }).success).toBe(false);
  });
});
