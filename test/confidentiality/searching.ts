import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Every way a text may lie in a file that nobody meant to hold it. */
export function formsOf(secret: string): ReadonlyMap<string, Buffer> {
  const utf8 = Buffer.from(secret, 'utf8');
  const utf16 = Buffer.from(secret, 'utf16le');
  const forms = new Map<string, Buffer>([['UTF-8', utf8], ['UTF-16LE', utf16], ['UTF-16BE', Buffer.from(utf16).swap16()]]);
  const add = (name: string, text: string): void => { forms.set(name, Buffer.from(text, 'latin1')); };
  for (const [name, bytes] of [['', utf8], [' of UTF-16', utf16]] as const) {
    for (const before of [0, 1, 2]) {
      // Of characters that neighbours share bits with nothing can be known: they are left out.
      const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
      add(`base64+${before}${name}`, whole);
      if (/[+/]/.test(whole)) add(`base64url+${before}${name}`, whole.replaceAll('+', '-').replaceAll('/', '_'));
    }
    add(`hex${name}`, bytes.toString('hex'));
    add(`HEX${name}`, bytes.toString('hex').toUpperCase());
  }
  if (/[^\x20-\x7e]/.test(secret)) {
    add('URL', encodeURIComponent(secret));
    add('url', encodeURIComponent(secret).toLowerCase());
    const escaped = [...secret].map((character) => [...Buffer.from(character, 'utf16le').swap16().toString('hex').matchAll(/.{4}/g)].map((unit) => `\\u${unit[0]}`).join('')).join('');
    add('\\u', escaped);
    add('\\U', escaped.replaceAll(/\\u(.{4})/g, (_whole, unit: string) => `\\u${unit.toUpperCase()}`));
  }
  return forms;
}

/** Bytes that lie somewhere, under the name of the place. */
export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Where each text was found, as `place: form of text`. */
export function findAll(texts: Readonly<Record<string, string>>, places: readonly Place[]): string[] {
  return Object.entries(texts).flatMap(([label, text]) => [...formsOf(text)].flatMap(([form, needle]) => places.filter(({ bytes }) => bytes.includes(needle)).map((place) => `${place.name}: ${form} of ${label}`)));
}

/** Every file below a folder, raw. */
export function filesBelow(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return { name: path.relative(folder, file), bytes: readFileSync(file) };
  });
}

/** Makes texts that occur nowhere by chance, and remembers each under what it is. */
export class Secrets {
  readonly texts: Record<string, string> = {};

  /** Words inside a free text. */
  words(label: string): string {
    return `经查${this.plant(label, hanzi(6))}属实`;
  }

  /** A person's name. */
  name(label: string): string { return this.plant(label, hanzi(4)); }

  /** Digits that begin like those of a kind: a telephone, an identity card, a staff number. */
  digits(label: string, beginning: string, length: number): string {
    return this.plant(label, beginning + Array.from({ length: length - beginning.length }, () => randomInt(10)).join(''));
  }

  /** Letters of a mailbox. */
  letters(label: string): string { return this.plant(label, Array.from({ length: 12 }, () => String.fromCharCode(97 + randomInt(26))).join('')); }

  /** A text that somebody else made: the key of a system. */
  given(label: string, text: string): string { return this.plant(label, text); }

  private plant(label: string, text: string): string {
    if (label in this.texts) throw new Error(`two secrets are called ${label}`);
    this.texts[label] = text;
    return text;
  }
}

const hanzi = (length: number): string => Array.from({ length }, () => String.fromCharCode(0x4e00 + randomInt(0x51a0))).join('');
