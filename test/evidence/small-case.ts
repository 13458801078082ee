import { chain } from '../../evidence/chain';
import type { CaseEvent, CaseView } from '../../domain/case-file';
import { lawFromVersions, PolicyLimit, readClock, type ClockEvent } from '../../domain/clock';
import { CalendarData } from '../../domain/calendar/data';
import type { CaseFile } from '../../evidence/build';
import { makeRoot, leafText, type Leaf } from '../../evidence/daily-root';
import { merkleProof } from '../../evidence/merkle';
import { openViewHash, sealHash, wholeViewHash, type Seal } from '../../evidence/seal';
import { firstPrevious } from '../../evidence/daily-root';
import { calendarSet, policySet } from '../../policy/version';
import { sha256 } from '../../crypto/hash';
import { documentId } from '../../evidence/document-id';
import type { CivilDate } from '../../domain/civil-date';

const words = { zh: '字', en: 'words' };
const policy = policySet([PolicyLimit.parse({
  id: 'toy.answer', title: words, limit: { amount: 5, unit: 'working-day' }, trigger: words, article: { ...words, source: '默认' }, validFrom: '2020-01-01',
  ladder: [{ key: 'overdue', offset: 'due', effect: 'overdue', notify: ['assignee'], title: words }],
})]);
const calendar = calendarSet([CalendarData.parse({
  jurisdiction: 'cn', title: words, zone: { name: 'Asia/Shanghai', offsetMinutes: 480 }, weekend: [0, 6], officeHours: [{ from: '09:00', to: '17:00' }], names: {},
  fixed: { source: words, days: [] }, years: [{ year: 2026, notices: [{ number: '1', issued: '2025-11-01', source: 's' }], holidays: [] }],
})]);

const law = lawFromVersions({ policies: [policy], calendars: [calendar] }, { policyVersion: policy.version, calendarVersion: calendar.version });

/** Friday 25 September 2026, 10:00 in Shanghai. */
const begin = Date.parse('2026-09-25T10:00:00+08:00');
const by = { kind: 'user', id: 'handler', organ: 'yz-complaints', roles: ['handler'] } as const;
const caseNumber = 'TS-2026-000001';
export const photo = Buffer.from('照片');
const photoHash = sha256(photo);

function event(seq: number, kind: CaseEvent['kind'], more: Partial<CaseEvent> = {}): CaseEvent {
  return { caseNumber, seq, at: begin + seq * 60_000, kind, by, facts: {}, salt: `salt-${seq}`, ...more };
}

/** A closed case as small as one can be and still have everything: a clock, a document, a seal, two daily roots. */
export function smallCase(): CaseFile {
  const start: ClockEvent = { kind: 'start', at: begin + 120_000, trigger: 'receipt' };
  const stop: ClockEvent = { kind: 'stop', at: begin + 240_000 };
  const events = [
    event(1, 'case-opened', { detail: { complainant: '张三' } }),
    event(2, 'clock-started', { clock: 'answer', facts: { limit: 'toy.answer', trigger: 'receipt', since: null } }),
    event(3, 'evidence', { detail: { title: '照片', sha256: photoHash } }),
    event(4, 'clock-stopped', { clock: 'answer', facts: { ...stop } }),
    event(5, 'case-closed', { facts: { outcome: 'done' } }),
  ];
  const chained = chain('', events);
  const pin = { policyVersion: policy.version, calendarVersion: calendar.version, jurisdiction: 'cn' };
  const spec = { clockId: 'answer', limitId: 'toy.answer', ...pin, events: [start, stop] };
  const view: CaseView = {
    caseNumber, type: 'toy', revision: 5, status: 'closed', stage: 'closed', outcome: 'done', openedAt: begin, closedAt: begin + 300_000, startedBy: by, leadOrgan: 'yz-complaints',
    organs: ['yz-complaints'], openSteps: [], links: [], waiting: [], escalationLevel: 0, overdue: false, due: null, dueAt: null, nextRungAt: null, actions: [], participants: ['handler'],
    clocks: [{ id: 'answer', spec, reading: readClock(spec, law), rules: null, organ: 'yz-complaints', fired: [] }], law: pin,
    subject: '垃圾无人清运', intake: { complainant: '张三' }, persons: [], evidence: [{ title: '照片', sha256: photoHash, documentId: documentId(caseNumber, photoHash) }], findings: [],
  };
  const head = { seq: 5, hash: chained[4]?.hash ?? '' };
  const salt = 'seal-salt';
  const seal: Seal = {
    caseNumber, head: head.hash, seq: 5, closedAt: begin + 300_000, sealedAt: begin + 300_500, view: { open: openViewHash(view), whole: wholeViewHash(view, salt) },
  };
  const other: Leaf = { caseNumber: 'TS-2026-000002', seq: 3, head: sha256('other'), seal: null };
  const own: Leaf = { caseNumber, seq: 5, head: head.hash, seal: sealHash(seal) };
  const root = makeRoot('2026-09-25' as CivilDate, firstPrevious, [own, other], { entries: 0, head: sha256('none') });
  return {
    view, head, seal, salt, law: law.archive, destruction: null, documents: [{ sha256: photoHash, content: photo }],
    events: chained.map(({ event: { detail, salt: hidden, ...open }, ...link }) => ({ event: open, ...link, shown: { salt: hidden, detail: detail ?? null } })),
    anchors: [{ root, leaf: own, proof: { ...merkleProof([leafText(own), leafText(other)], 0), path: [...merkleProof([leafText(own), leafText(other)], 0).path] } }],
  };
}
