import { z } from 'zod';

/** The level of government an organ belongs to, highest first. */
export const organLevels = ['province', 'city', 'district', 'town'] as const;
export const OrganLevel = z.enum(organLevels);
export type OrganLevel = z.infer<typeof OrganLevel>;

/**
 * What an organ is in the procedure: 政府 government, 投诉中心 complaints, 监察机关 supervision, 督查机构 inspection,
 * 目标管理机构 targets, 财政 finance, 审计 audit, 法制 legal-affairs, 人事 personnel, 编制 establishment, 发展改革 development,
 * 部门 department, 街道 sub-district (派出机关, no government of its own).
 */
export const organKinds = [
  'government', 'complaints', 'supervision', 'inspection', 'targets', 'finance', 'audit', 'legal-affairs',
  'personnel', 'establishment', 'development', 'department', 'sub-district',
] as const;
export const OrganKind = z.enum(organKinds);
export type OrganKind = z.infer<typeof OrganKind>;

/** `yz-water`: lower-case words joined by hyphens; it stands in file names, search attributes and routes. */
export const OrganId = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'an organ id is lower-case words joined by hyphens').max(60);
export type OrganId = z.infer<typeof OrganId>;

/** An organ of the tree; `functions` are the matters it is competent for (归口管理), by which complaints are routed. */
export const Organ = z.strictObject({
  id: OrganId,
  title: z.strictObject({ zh: z.string().min(1), en: z.string().min(1) }),
  level: OrganLevel,
  superior: OrganId.nullable(),
  kind: OrganKind,
  functions: z.array(z.string().regex(/^[a-z]+(-[a-z]+)*$/, 'a function is lower-case words joined by hyphens')),
});
export type Organ = Readonly<z.infer<typeof Organ>>;

/** A whole tree as it lies in a file: each organ well formed, ids unique, superiors known, no circle. */
export const Organs = z.array(Organ).min(1).superRefine((organs, ctx) => {
  const byId = new Map<string, Organ>();
  organs.forEach((organ, index) => {
    if (byId.has(organ.id)) ctx.addIssue({ code: 'custom', path: [index, 'id'], message: `organ ${organ.id} is listed twice` });
    byId.set(organ.id, organ);
  });
  organs.forEach((organ, index) => {
    if (organ.superior !== null && !byId.has(organ.superior)) {
      ctx.addIssue({ code: 'custom', path: [index, 'superior'], message: `organ ${organ.id} has the unknown superior ${organ.superior}` });
    } else if (circles(organ, byId)) {
      ctx.addIssue({ code: 'custom', path: [index, 'superior'], message: `organ ${organ.id} is its own superior in the end` });
    }
  });
});

function circles(start: Organ, byId: ReadonlyMap<string, Organ>): boolean {
  const seen = new Set<string>();
  for (let at: Organ | undefined = start; at; at = at.superior === null ? undefined : byId.get(at.superior)) {
    if (seen.has(at.id)) return true;
    seen.add(at.id);
  }
  return false;
}

/** Thrown when an id names no organ of the tree. */
export class UnknownOrgan extends Error {
  override readonly name = 'UnknownOrgan';
  constructor(readonly organ: string) {
    super(`no organ "${organ}" in the tree`);
  }
}

/** The organs of a jurisdiction and who stands over whom. Pure and immutable; built once per version of the reference data. */
export class OrganTree {
  private readonly byId: ReadonlyMap<string, Organ>;

  /** @param organs any value of the shape {@link Organs}. @throws ZodError naming the entry and field that is wrong */
  constructor(organs: unknown) {
    this.byId = new Map(Organs.parse(organs).map((organ) => [organ.id, organ]));
  }

  /** Every organ, in the order of the file. */
  get all(): readonly Organ[] {
    return [...this.byId.values()];
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** @throws UnknownOrgan */
  get(id: string): Organ {
    const organ = this.byId.get(id);
    if (!organ) throw new UnknownOrgan(id);
    return organ;
  }

  /** The organ directly above, null at the top of the tree. @throws UnknownOrgan */
  superiorOf(id: string): string | null {
    return this.get(id).superior;
  }

  /** The organ itself and all above it, nearest first. @throws UnknownOrgan */
  lineOf(id: string): readonly string[] {
    const line: string[] = [];
    for (let at: Organ | null = this.get(id); at; at = at.superior === null ? null : this.get(at.superior)) line.push(at.id);
    return line;
  }

  /**
   * The organ that decides between two: 《信访工作条例》第二十四条 涉及两个或者两个以上机关、单位的……由其共同的上一级机关、单位指定.
   * The nearest organ strictly above both; where one stands over the other, the one above that; null when there is none.
   * @throws UnknownOrgan
   */
  commonSuperior(a: string, b: string): string | null {
    const aboveB = new Set(this.lineOf(b).slice(1));
    return this.lineOf(a).slice(1).find((id) => aboveB.has(id)) ?? null;
  }

  /** Whether `id` is `ancestor` or stands under it. @throws UnknownOrgan */
  isWithin(id: string, ancestor: string): boolean {
    return this.lineOf(id).includes(ancestor);
  }

  /** The nearest government, the organ itself when it is one; null for an organ under no government. @throws UnknownOrgan */
  governmentOf(id: string): string | null {
    return this.lineOf(id).find((at) => this.get(at).kind === 'government') ?? null;
  }

  /**
   * The supervisory organ 监察机关 that answers for an organ: that of its own government, else of the next government above
   * that has one. No organ supervises itself: for a supervisory organ it is the one of the government above.
   * Null where none is left. @throws UnknownOrgan
   */
  supervisoryOrganOf(id: string): string | null {
    return this.organOfKindFor(id, 'supervision', (found) => found !== id);
  }

  /** The personnel organ 人事 that keeps an organ's archive: of its own government, else of the next above that has one. @throws UnknownOrgan */
  personnelOrganOf(id: string): string | null {
    return this.organOfKindFor(id, 'personnel');
  }

  /** The organ of a kind that serves an organ's government, or the nearest government above with one; null when there is none. @throws UnknownOrgan */
  organOfKindFor(id: string, kind: OrganKind, accept: (found: string) => boolean = () => true): string | null {
    for (const at of this.lineOf(id)) {
      if (this.get(at).kind !== 'government') continue;
      const found = this.all.find((organ) => organ.superior === at && organ.kind === kind && accept(organ.id));
      if (found) return found.id;
    }
    return null;
  }

  /** The organs directly under one. @throws UnknownOrgan */
  subordinatesOf(id: string): readonly Organ[] {
    this.get(id);
    return this.all.filter((organ) => organ.superior === id);
  }

  /** The organs competent for a matter 归口管理, within `under` when it is given. */
  competentFor(matter: string, under?: string): readonly Organ[] {
    return this.all.filter((organ) => organ.functions.includes(matter) && (under === undefined || this.isWithin(organ.id, under)));
  }
}
