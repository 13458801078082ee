/** A text in the two languages of the product; zh-CN comes first for officers and citizens. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

/** Shorthand used where titles are written by hand. */
export const text = (zh: string, en: string): Text => ({ zh, en });
