/**
 * Removes or loosens each rule of domain/access.ts in turn and runs the tests of rights: a change that no test notices is a rule that nothing holds.
 * Takes some minutes, so it is a run of its own: `node test/mutation/access.cjs [parts of names]`. Ends with 1 when a change survives.
 */
const fs = require('node:fs');
const path = require('node:path');
const runMutations = require('./run.cjs');

const source = fs.readFileSync(path.resolve(__dirname, '..', '..', 'domain', 'access.ts'), 'utf8');

/** Changes by hand, each a condition of the rules outside the table. */
const conditions = [
  ['a key without the scope', "if (identity.kind === 'system' && !inScope(identity.scopes ?? [], action)) return { allowed: false, reason: 'scope' };", ''],
  ['recusal of the caller', "if (isNamed(identity.staffId, subject)) return { allowed: false, reason: 'recusal' };", ''],
  ['recusal of the one stood in for', "if (isNamed(place.staffId, subject)) return 'recusal';", ''],
  ['a key without the scope, in lists', "if (identity.kind === 'system' && !inScope(identity.scopes ?? [], 'case.read')) return null;", ''],
  ['recusal of the caller, in lists', '{ $and: [{ $or: places }, ...this.notNamed(identity.staffId)] }', '{ $and: [{ $or: places }] }'],
  ['recusal of the one stood in for, in lists', '[{ $and: [{ $or: ways }, ...this.notNamed(place.staffId)] }]', '[{ $and: [{ $or: ways }] }]'],
  ['roles that read nothing, in lists', 'if (held.length === 0) return [];', ''],
  ['the auditor reads all, in lists', "if (held.includes('auditor')) return [{}];", ''],
  ['the own cases, in lists', 'const ways: Json[] = [{ participants: place.id }];', 'const ways: Json[] = [];'],
  ['a complainant is no officer of the organ, in lists', "if (held.some((role) => role !== 'complainant')) ways.push(", 'ways.push('],
  ['no role, no right', "if (held.length === 0) return 'role';", ''],
  ['a right on a case needs a case', "return rule.where === 'listed' ? undefined : 'no-case';", 'return undefined;'],
  ['a list needs no case', "return rule.where === 'listed' ? undefined : 'no-case';", "return 'no-case';"],
  ['no organ, no right', "if (reaching.length === 0) return 'organ';", ''],
  ['a step is answered by its assignee', "return action === 'step.answer' && !isAssigned(place, reaching, subject) ? 'not-yours' : undefined;", 'return undefined;'],
  ['an auditor or administrator changes no case, whatever a definition says: auditor', "(role) => role !== 'auditor' && role !== 'administrator'", "(role) => role !== 'administrator'"],
  ['an auditor or administrator changes no case, whatever a definition says: administrator', "(role) => role !== 'auditor' && role !== 'administrator'", "(role) => role !== 'auditor'"],
  ['the auditor reaches every case', "if (role === 'auditor') return true;", ''],
  ['who took part reaches the case', 'subject.participants.includes(place.id) || isGiven(place, subject)', 'isGiven(place, subject)'],
  ['who a step was given to reaches the case', 'subject.participants.includes(place.id) || isGiven(place, subject)', 'subject.participants.includes(place.id)'],
  ['a complainant reaches the own case only', "if (role === 'complainant') return false;", ''],
  ['the own organ’s cases', 'if (subject.organs.includes(place.organ)) return true;', ''],
  ['who only oversees is not involved', "where === 'involved' ? [] : this.overseen", 'this.overseen'],
  ['an organ that is gone oversees nothing', 'if (!tree.has(organ)) return [];', ''],
  ['a head oversees what is within', "if (roles.includes('leader')) tops.add(organ);", ''],
  ['only heads oversee what is within', "if (roles.includes('leader')) tops.add(organ);", 'tops.add(organ);'],
  ['only supervisors oversee a government', "roles.includes('supervisor') && tree.get(organ).kind === 'supervision'", "tree.get(organ).kind === 'supervision'"],
  ['only supervisory organs oversee a government', "roles.includes('supervisor') && tree.get(organ).kind === 'supervision'", "roles.includes('supervisor')"],
  ['supervisors oversee their government', 'if (government !== null) tops.add(government);', ''],
  ['nobody stands in for a sole role', 'roles: other.roles.filter((role) => !isSole(role))', 'roles: other.roles'],
  ['a step given to one user is that user’s', 'if (step.user !== undefined) return step.user === place.id;', ''],
  ['a step belongs to its organ', 'return step.organ === place.organ && step.roles', 'return step.roles'],
  ['a step belongs to its roles', 'step.organ === place.organ && step.roles.some((role) => reaching.includes(role))', 'step.organ === place.organ'],
  ['a step that is not open is nobody’s', 'if (step === undefined) return false;', 'if (step === undefined) return true;'],
  ['a key: what is for persons alone', 'if ((personsOnly as readonly string[]).includes(action)) return false;', ''],
  ['a key: no role that is a person’s alone', "kind === 'system' ? identity.roles.filter((role) => !isSole(role)) : identity.roles", 'identity.roles'],
  ['a scope is the whole action', "scope === action || (scope.endsWith('.*')", "action.startsWith(scope) || (scope.endsWith('.*')"],
  ['a scope with a star is of one kind', 'action.startsWith(scope.slice(0, -1))', 'true'],
  ['the administrator has every delegation', "if (roles.includes('administrator') || roles.includes('auditor')) return 'all';", "if (roles.includes('auditor')) return 'all';"],
  ['the auditor reads every delegation', "if (roles.includes('administrator') || roles.includes('auditor')) return 'all';", "if (roles.includes('administrator')) return 'all';"],
  ['nobody else has every delegation', "if (roles.includes('administrator') || roles.includes('auditor')) return 'all';", "return 'all';"],
  ['a head has the delegations of the organ', "return roles.includes('leader') ? 'organ' : 'own';", "return 'own';"],
  ['only heads have the delegations of the organ', "return roles.includes('leader') ? 'organ' : 'own';", "return 'organ';"],
  ['what nobody thought of is nobody’s', 'const nobody: Rule = { who: [],', 'const nobody: Rule = { who: everyone,'],
];

function mutations() {
  const found = conditions.map(([name, from, to]) => ({ name, from, to, at: source.indexOf(from) }));
  const begin = source.indexOf('const rules = {');
  const end = source.indexOf('} as const satisfies Record<StaticAction, Rule>;');
  for (const match of source.slice(begin, end).matchAll(/^ {2}(?:'([\w.]+)'|(\w+)): (\{ who: (.+), where: '(\w+)' \}),$/gm)) {
    const [, quoted, plain, rule, who, where] = match;
    const action = quoted ?? plain;
    const at = begin + match.index + match[0].indexOf(rule);
    found.push({ name: `${action}: removed`, from: rule, to: `{ who: [], where: '${where}' }`, at });
    if (who !== 'everyone') found.push({ name: `${action}: for everyone`, from: rule, to: `{ who: everyone, where: '${where}' }`, at });
    if (where !== 'any') found.push({ name: `${action}: on any case`, from: rule, to: `{ who: ${who}, where: 'any' }`, at });
    if (where === 'involved') found.push({ name: `${action}: for who only oversees`, from: rule, to: `{ who: ${who}, where: 'concerned' }`, at });
    if (where === 'concerned') found.push({ name: `${action}: without naming a case`, from: rule, to: `{ who: ${who}, where: 'listed' }`, at });
  }
  const onAction = "const onAction: Rule = { who: 'actors', where: 'concerned' };";
  found.push({ name: 'actions: for everyone', from: onAction, to: "const onAction: Rule = { who: everyone, where: 'concerned' };", at: source.indexOf(onAction) });
  found.push({ name: 'actions: on any case', from: onAction, to: "const onAction: Rule = { who: 'actors', where: 'any' };", at: source.indexOf(onAction) });
  for (const [line] of source.matchAll(/^ {2}'history\.unmask', 'audit\.read',.*$/gm)) {
    for (const [item] of line.matchAll(/'[\w.]+',? ?/g)) found.push({ name: `a key: ${item.trim()}`, from: item, to: '', at: source.indexOf(line) + line.indexOf(item) });
  }
  for (const list of ['officers', 'readers', 'everyone']) {
    const line = new RegExp(`^const ${list} = \\[.*$`, 'm').exec(source);
    for (const role of line?.[0].matchAll(/'\w+',? ?/g) ?? []) found.push({ name: `${list}: without ${role[0].trim()}`, from: role[0], to: '', at: line.index + role.index });
  }
  return found;
}

runMutations(mutations().map((mutation) => ({ file: 'domain/access.ts', ...mutation })), { testMatch: '<rootDir>/test/identity/access.test.ts', script: 'test/mutation/access.cjs' });
