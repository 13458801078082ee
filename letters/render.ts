import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Docxtemplater from 'docxtemplater';
import PizZip from 'pizzip';
import type { LetterContent } from './content';
import type { LetterKind } from './kinds';

/** Every entry of a letter carries this time, so that the same letter is the same bytes. */
export const entryDate = new Date(2000, 0, 1);

/** Thrown when a template asks for something the letter does not have, or is no template at all. */
export class BadTemplate extends Error {
  override readonly name = 'BadTemplate';
  constructor(readonly kind: string, message: string, options?: ErrorOptions) {
    super(`the template of ${kind}: ${message}`, options);
  }
}

/** Where the product's templates lie: beside this file in the sources, and not copied beside the compiled one. */
function productTemplates(): string {
  const beside = path.join(__dirname, 'templates');
  return existsSync(path.join(beside, 'acceptance.docx')) ? beside : path.join(__dirname, '../../letters/templates');
}

/** Fills templates. A city's own `letters/<kind>.docx` in its policy directory goes before the product's. */
export class LetterRenderer {
  private readonly known = new Map<LetterKind, Buffer>();

  constructor(private readonly policyDir?: string) {}

  /** A letter as .docx; the same content gives the same bytes. @throws BadTemplate */
  render(kind: LetterKind, content: LetterContent): Buffer {
    try {
      const document = new Docxtemplater(new PizZip(this.template(kind)), {
        paragraphLoop: true, linebreaks: true, errorLogging: false,
        nullGetter: (part: { readonly value?: string; readonly module?: string }) => {
          throw new BadTemplate(kind, `asks for "${part.value ?? part.module ?? ''}", which the letter does not have`);
        },
      });
      document.render(content);
      const zip = document.getZip();
      for (const entry of Object.values(zip.files)) entry.date = entryDate;
      return zip.generate({ type: 'nodebuffer', compression: 'DEFLATE' });
    } catch (error) {
      if (error instanceof BadTemplate) throw error;
      throw new BadTemplate(kind, error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  private template(kind: LetterKind): Buffer {
    const known = this.known.get(kind);
    if (known !== undefined) return known;
    const own = this.policyDir === undefined ? undefined : path.join(this.policyDir, 'letters', `${kind}.docx`);
    const read = readFileSync(own !== undefined && existsSync(own) ? own : path.join(productTemplates(), `${kind}.docx`));
    this.known.set(kind, read);
    return read;
  }
}
