/** The statutory clock 法定期限: events in, dates out, with the law at the versions a case is pinned to. */
export * from './clock';
export * from './events';
export * from './fold';
export * from './law';
