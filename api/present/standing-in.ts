import { roleTitles } from '../../domain/roles';
import { text, type Text } from '../../domain/text';
import type { Ahead } from '../identity/delegations';

/** A delegation AB角 as one of its two officers is told of it. @param today the civil date in the jurisdiction */
export function toldTo(user: string, { otherName, roles, ...each }: Ahead, today: string) {
  return { ...each, roles: roles === null ? null : [...roles], state: each.from <= today ? 'active' as const : 'upcoming' as const, text: sentence(user, { otherName, roles, ...each }) };
}

function sentence(user: string, { principal, deputy, otherName, roles, from, until }: Ahead): Text {
  const as = roles === null ? text('', '') : text(`(限于${roles.map((role) => roleTitles[role].zh).join('、')})`, ` (only as ${roles.map((role) => roleTitles[role].en).join(', ')})`);
  return user === deputy
    ? text(`${from}至${until},您代行${otherName}(${principal})的职责${as.zh}`, `from ${from} to ${until} you stand in for ${otherName} (${principal})${as.en}`)
    : text(`${from}至${until},由${otherName}(${deputy})代行您的职责${as.zh}`, `from ${from} to ${until} ${otherName} (${deputy}) stands in for you${as.en}`);
}
