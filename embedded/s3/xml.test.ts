import { expect, it } from 'vitest';
import { childText, escapeXml, parseXml, writeXml } from './xml.ts';

it('reads back what it writes, whatever the text', () => {
  const text = `<&>"' ]]> \u0001 ü 😀 &amp; `;
  const root = parseXml(writeXml('Root', { A: { B: text }, C: ['1', '2'], D: undefined }));
  expect(root.name).toBe('Root');
  expect(childText(root.children[0]!, 'B')).toBe(text);
  expect(root.children.map((child) => child.name)).toEqual(['A', 'C', 'C']);
});

it('overlooks namespaces, attributes, comments and the declaration', () => {
  const root = parseXml(
    '<?xml version="1.0"?><!-- c --><s:A xmlns:s="urn:x" b=\'>\'><s:B/><C >x<![CDATA[<y>]]></C ></s:A>\n',
  );
  expect(root).toEqual({
    name: 'A',
    text: '',
    children: [
      { name: 'B', text: '', children: [] },
      { name: 'C', text: 'x<y>', children: [] },
    ],
  });
});

it.each([
  '',
  'text',
  '<A>',
  '<A></B>',
  '</A>',
  '<A/><B/>',
  '<A>&unknown;</A>',
  '<A>& </A>',
  '<A>&#xD800;</A>',
  '<A>&#x110000;</A>',
  '<!DOCTYPE A [<!ENTITY e "x">]><A>&e;</A>',
  '<A b="<">',
  `${'<A>'.repeat(9)}${'</A>'.repeat(9)}`,
])('refuses %j', (source) => {
  expect(() => parseXml(source)).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
});

it('refuses a child that comes twice where one is expected', () => {
  expect(() => childText(parseXml('<A><Key>1</Key><Key>2</Key></A>'), 'Key')).toThrow();
});

it('takes no more than linear time over hostile documents', () => {
  const started = process.cpuUsage();
  for (const piece of ['<', '<a', '<a ', '<a b="', '&', '<!--', '<![CDATA[', '</', 'a']) {
    expect(() => parseXml(piece.repeat(500_000))).toThrow();
  }
  expect(() => parseXml(`<${'a'.repeat(2_000_000)}`)).toThrow();
  expect(() => parseXml(`<a ${'/ '.repeat(1_000_000)}`)).toThrow();
  // Quadratic time would take minutes. Of this process alone: a busy machine takes no more of it.
  expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
});

it('writes control characters as references', () => {
  expect(escapeXml('\u0000\n<')).toBe('&#x0;&#xa;&#x3c;');
});
