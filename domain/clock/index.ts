/** The statutory clock 法定期限: events in, dates out, with the law at the versions a case is pinned to. */
export * from './clock';
export * from './deadline';
export * from './events';
export * from './explain';
export * from './explain-days';
export * from './fold';
export * from './ics';
export * from './law';
export * from './recalculate';
export * from './verify';
