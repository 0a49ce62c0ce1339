import { expect } from 'vitest';

/** The lines of mermaid's grammar for these diagrams. */
const entityOpens = /^ {2}([A-Za-z_][\w-]*) \{$/;
const entityAlone = /^ {2}([A-Za-z_][\w-]*)$/;
const attribute = /^ {4}[A-Za-z_][\w-]*(?:\[\])? [A-Za-z_][\w-]* (?:PK|FK|UK)(?:, (?:PK|FK|UK))*$/;
const relationship = /^ {2}([A-Za-z_][\w-]*) (?:\|\||\|o|\}o)--o[{|] ([A-Za-z_][\w-]*) : "([^"\n]+)"$/;

/** Checks that a page holds one ER diagram that mermaid can read, and tells what is in it. */
export function expectMermaid(page: string): { entities: string[]; relationships: string[] } {
  const blocks = [...page.matchAll(/^```mermaid\n([^]*?)\n```$/gm)].map((match) => match[1] ?? '');
  expect(blocks).toHaveLength(1);
  const [first, ...lines] = (blocks[0] ?? '').split('\n');
  expect(first).toBe('erDiagram');
  const [entities, relationships]: [string[], string[]] = [[], []];
  let isOpen = false;
  for (const line of lines) {
    const opened = entityOpens.exec(line)?.[1];
    const alone = entityAlone.exec(line)?.[1];
    const related = relationship.exec(line);
    if (isOpen) {
      if (line === '  }') isOpen = false;
      else expect(line).toMatch(attribute);
    } else if (opened !== undefined || alone !== undefined) {
      entities.push(opened ?? alone ?? '');
      isOpen = opened !== undefined;
    } else {
      expect(line).toMatch(relationship);
      relationships.push(`${related?.[2] ?? ''} ${related?.[3] ?? ''} ${related?.[1] ?? ''}`);
      expect(entities).toContain(related?.[1]);
      expect(entities).toContain(related?.[2]);
    }
  }
  expect(isOpen).toBe(false);
  return { entities, relationships };
}
