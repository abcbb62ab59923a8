import { readProjectFile } from './stack-client.ts';

/** The code blocks of a guide in one language, in order. */
export async function guideBlocks(guide: string, language: string): Promise<string[]> {
  const text = (await readProjectFile(`docs/${guide}.md`)).toString('utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, name]) => name === language)
    .map(([, , code]) => code as string);
}
