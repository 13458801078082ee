import { civilDateAt } from '../../domain/civil-date';

/** Intakes that tests start cases with; every name in them is invented. The incident is of today: its month to explain has just begun. */
export const incident = {
  category: 'work-safety', subject: '水厂氯气泄漏', facts: '二号加氯间阀门失修,氯气泄漏。', occurredOn: civilDateAt(Date.now()), organs: ['yz-water'],
};

export const complaint = {
  channel: 'web', subject: '办理用水证拖延', facts: '材料齐全,三个月未办结。',
  complainant: { name: '赵钱孙', phone: '13900001234', idNumber: '110101199001011234', address: '云州市云溪路1号' },
  accused: { organ: 'yz-water' },
} as const;

export const referral = {
  source: 'audit', referringOrgan: 'yz-audit', subject: '挪用工程款', facts: '审计发现挪用。', ownMeasures: '已责令归还。',
  evidence: [{ title: '审计报告' }], persons: [{ name: '周吴', staffId: 'YZ1021', organ: 'yz-water', postLevel: 'civil-servant' }],
  supervisoryOrgan: 'yz-supervision',
} as const;

export const explanation = {
  managementSystem: { missing: false, statement: '制度健全。' },
  measures: { appropriate: false, statement: '巡检不到位。' },
  responsibility: { sound: true, statement: '责任明确。' },
} as const;

/** Levels of an incident at which nobody acted. */
export const notInvolved = (...levels: readonly string[]) => levels.map((level) => ({ level, reasons: '无此环节' }));
