/** iCalendar as a program that is not ours reads it. */

export interface CalendarEvent {
  readonly uid: string;
  readonly summary: string;
  readonly description: string;
  readonly start: string;
  readonly end: string;
  readonly allDay: boolean;
  readonly status: unknown;
  readonly sequence: unknown;
  readonly stamp: string;
}

/** The properties of a calendar and its events. Throws where the text is no iCalendar. */
export async function readCalendar(text: string): Promise<{ readonly properties: Readonly<Record<string, unknown>>; readonly events: readonly CalendarEvent[] }> {
  const { default: ICAL } = await import('ical.js');
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
  return {
    properties: Object.fromEntries(calendar.getAllProperties().map((each) => [each.name, String(each.getFirstValue())])),
    events: calendar.getAllSubcomponents('vevent').map((each) => {
      const event = new ICAL.Event(each);
      return {
        uid: event.uid, summary: event.summary, description: event.description, start: event.startDate.toString(), end: event.endDate.toString(),
        allDay: event.startDate.isDate, status: each.getFirstPropertyValue('status'), sequence: event.sequence, stamp: String(each.getFirstPropertyValue('dtstamp')),
      };
    }),
  };
}
