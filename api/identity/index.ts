/** Who calls and what they may do: the door of the API. */
export { createAccess, staffTerm } from './access';
export { ExpiryPassed, KeyRequest, Scope, type KeyView } from './api-keys';
export { DelegationRefused, DelegationRequest, delegationStates, type Delegation } from './delegations';
export { DemoRefused, seedDemoUsers } from './demo';
export { IdentityProviderAway, InsecureIssuer, type OidcOptions } from './oidc';
export { demoPassword } from './passwords';
export { IdentityService, type IdentityEvent, type IdentityOptions } from './service';
export { UserExists, type UserDocument } from './users';
