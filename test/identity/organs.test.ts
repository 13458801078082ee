import { OrganTree, UnknownOrgan } from '../../domain/organs';
import { roles, roleTitles, isRole } from '../../domain/roles';
import { demoOrganTree, demoUsers } from '../../policy/demo';

const tree = demoOrganTree();

describe('organ tree of the demonstration city', () => {
  it('knows who stands over whom', () => {
    expect(tree.superiorOf('yz-water')).toBe('yz-gov');
    expect(tree.superiorOf('yz-dx-qs')).toBe('yz-dx-gov');
    expect(tree.superiorOf('yl-gov')).toBeNull();
    expect(tree.lineOf('yz-dx-qs')).toEqual(['yz-dx-qs', 'yz-dx-gov', 'yz-gov', 'yl-gov']);
    expect(tree.isWithin('yz-dx-qs', 'yz-gov')).toBe(true);
    expect(tree.isWithin('yz-gov', 'yz-gov')).toBe(true);
    expect(tree.isWithin('yz-gov', 'yz-dx-gov')).toBe(false);
  });

  it.each([
    ['two bureaus of the city', 'yz-water', 'yz-transport', 'yz-gov'],
    ['a sub-district and a city bureau', 'yz-dx-qs', 'yz-water', 'yz-gov'],
    ['sub-districts of two districts', 'yz-dx-qs', 'yz-xs-gl', 'yz-gov'],
    ['sub-districts of one district', 'yz-dx-qs', 'yz-dx-hp', 'yz-dx-gov'],
    ['one stands over the other', 'yz-dx-gov', 'yz-dx-qs', 'yz-gov'],
    ['the top and anything', 'yl-gov', 'yz-water', null],
  ])('the common superior of %s decides between them', (_, a, b, superior) => {
    expect(tree.commonSuperior(a, b)).toBe(superior);
    expect(tree.commonSuperior(b, a)).toBe(superior);
  });

  it.each([
    ['yz-water', 'yz-supervision', 'yz-personnel', 'yz-gov'],
    ['yz-gov', 'yz-supervision', 'yz-personnel', 'yz-gov'],
    ['yz-dx-urban', 'yz-dx-supervision', 'yz-personnel', 'yz-dx-gov'],
    ['yz-dx-qs', 'yz-dx-supervision', 'yz-personnel', 'yz-dx-gov'],
    ['yz-dx-ml', 'yz-dx-supervision', 'yz-personnel', 'yz-dx-ml'],
    ['yz-dx-supervision', 'yz-supervision', 'yz-personnel', 'yz-dx-gov'],
    ['yz-supervision', 'yl-supervision', 'yz-personnel', 'yz-gov'],
    ['yl-supervision', null, null, 'yl-gov'],
  ])('%s: supervised by %s, archive with %s, government %s', (organ, supervision, personnel, government) => {
    expect(tree.supervisoryOrganOf(organ)).toBe(supervision);
    expect(tree.personnelOrganOf(organ)).toBe(personnel);
    expect(tree.governmentOf(organ)).toBe(government);
  });

  it('routes by function', () => {
    expect(tree.competentFor('water-supply').map((organ) => organ.id)).toEqual(['yz-water']);
    expect(tree.competentFor('urban-management', 'yz-xs-gov').map((organ) => organ.id)).toEqual(['yz-xs-urban']);
  });

  it('refuses an unknown organ by name', () => {
    expect(() => tree.superiorOf('yz-nowhere')).toThrow(new UnknownOrgan('yz-nowhere'));
  });
});

describe('loading a tree', () => {
  const organ = (id: string, superior: string | null) => ({ id, superior, title: { zh: '机关', en: 'Organ' }, level: 'city', kind: 'department', functions: [] });
  it.each([
    ['an unknown superior', [organ('a', 'b')], /unknown superior b/],
    ['a doubled id', [organ('a', null), organ('a', null)], /a is listed twice/],
    ['a circle', [organ('a', 'b'), organ('b', 'a')], /own superior/],
    ['a stray field', [{ ...organ('a', null), note: 1 }], /note/],
    ['an id with capitals', [organ('A', null)], /lower-case/],
    ['nothing', [], /Too small/],
  ])('refuses %s', (_, organs, message) => {
    expect(() => new OrganTree(organs)).toThrow(message);
  });
});

describe('roles and demonstration accounts', () => {
  it('has one account per role, named like the role and holding it', () => {
    const users = new Map(demoUsers(tree).map((user) => [user.id, user]));
    for (const role of roles) expect(users.get(role)?.roles).toContain(role);
  });

  it('puts the main accounts where the procedure expects them', () => {
    const organOf = new Map(demoUsers(tree).map((user) => [user.id, user.organ]));
    expect(Object.fromEntries(['handler', 'supervisor', 'reviewer', 'approver', 'referrer', 'department', 'leader', 'leader.water', 'personnel'].map((id) => [id, organOf.get(id)]))).toEqual({
      handler: 'yz-complaints', supervisor: 'yz-supervision', reviewer: 'yz-supervision', approver: 'yz-supervision', referrer: 'yz-audit',
      department: 'yz-water', leader: 'yz-gov', 'leader.water': 'yz-water', personnel: 'yz-personnel',
    });
  });

  it('gives ids and staff numbers once', () => {
    const users = demoUsers(tree);
    const staff = users.flatMap((user) => (user.staffId === null ? [] : [user.staffId]));
    expect(new Set(users.map((user) => user.id)).size).toBe(users.length);
    expect(new Set(staff).size).toBe(staff.length);
  });

  it('titles every role in both languages', () => {
    expect(Object.keys(roleTitles).sort()).toEqual([...roles].sort());
    expect(isRole('handler')).toBe(true);
    expect(isRole('toString')).toBe(false);
  });
});
