import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';

type TypesRoute = typeof contract.listCaseTypes;
type OrgansRoute = typeof contract.listOrgans;

/** GET /v1/case-types */
export const listCaseTypes = (service: Service) => (call: Call<TypesRoute>): Reply<TypesRoute> => ({
  status: 200,
  body: {
    items: service.definitions.all.map((definition) =>
      service.definitions.describe(definition, service.access.may(call.caller, 'case.start', { caseType: definition.type }).allowed)),
  },
});

/** GET /v1/organs */
export const listOrgans = (service: Service) => (call: Call<OrgansRoute>): Reply<OrgansRoute> => {
  const { under, function: matter } = call.query;
  const { organs } = service;
  const items = organs.all
    .filter((organ) => under === undefined || (organs.has(under) && organs.isWithin(organ.id, under)))
    .filter((organ) => matter === undefined || organ.functions.includes(matter))
    .map((organ) => ({ id: organ.id, title: { ...organ.title }, level: organ.level, superior: organ.superior, kind: organ.kind, functions: [...organ.functions] }));
  return { status: 200, body: { items } };
};
