import type { CaseClock, CaseView } from '../../domain/case-file';
import { civilDate } from '../../domain/civil-date';
import { lawFromVersions, PolicyLimit, type Law } from '../../domain/clock/law';

/** A law of one limit, as it would stand in the policy. */
export const law: Law = lawFromVersions({
  policies: [{ version: 'p1', limits: [PolicyLimit.parse({
    id: 'complaint.handle', title: { zh: '办理期限', en: 'handling' }, limit: { amount: 60, unit: 'calendar-day' }, trigger: { zh: '受理', en: 'acceptance' },
    article: { zh: '信访事项应当自受理之日起60日内办结；情况复杂的，经本机关负责人批准，可以适当延长办理期限，但延长期限不得超过30日，并告知信访人延期理由。', en: 'within 60 days', source: '《信访工作条例》第三十四条' },
    validFrom: civilDate('2022-05-01'),
  })] }],
  calendars: [],
}, { policyVersion: 'p1', calendarVersion: 'c1' });

/** 25 September 2026, ten in the morning in Shanghai. */
export const at = Date.UTC(2026, 8, 25, 2);

export function clock(over: Partial<CaseClock> = {}): CaseClock {
  return {
    id: 'handle', rules: null, organ: 'yz-water', fired: [],
    spec: { clockId: 'handle', limitId: 'complaint.handle', policyVersion: 'p1', calendarVersion: 'c1', jurisdiction: 'CN', events: [{ kind: 'start', at, trigger: 'acceptance' }] },
    reading: {
      limitId: 'complaint.handle', due: civilDate('2026-11-24'), dueAt: Date.UTC(2026, 10, 24, 16), dueSoonAt: null, remaining: null, provisional: false,
      capped: false, paused: false, stopped: false, inTime: null, rungs: [], policyVersion: 'p1', calendarVersion: 'c1',
    },
    ...over,
  };
}

/** A complaint in hand; every name in it is invented. */
export function view(over: Partial<CaseView> = {}): CaseView {
  return {
    caseNumber: 'TS-2026-000123', type: 'complaint', revision: 3, status: 'open', stage: 'investigation', openedAt: at,
    startedBy: { kind: 'user', id: 'handler', roles: ['handler'], organ: 'yz-complaints' }, leadOrgan: 'yz-water', organs: ['yz-complaints', 'yz-water'],
    openSteps: [], clocks: [clock()], links: [], waiting: [], escalationLevel: 0, overdue: false, due: civilDate('2026-11-24'), dueAt: null, nextRungAt: null,
    actions: ['evidence'], participants: ['handler'], law: null, subject: '办理用水证拖延', intake: { complainant: { name: '赵钱孙', anonymous: false } },
    persons: [], evidence: [], findings: [], ...over,
  };
}
