import { describe, expect, it } from 'vitest';
import { EventStreamParser, isNewerEventId, readEventStream } from './event-stream.ts';
import { collect } from './test-server.ts';

const STREAM =
  '\uFEFF: a comment\r\nretry: 1500\r\n\r\nid: 7\r\nevent: status\r\ndata: {"nome":\r\ndata: "São João"}\r\n\r\n' +
  'data:no space\n\nid\ndata\n\nevent: ignored without data\n\rid: 8\rdata: carriage returns only\r\rdata: never ended';

const EVENTS = [
  { event: 'status', data: '{"nome":\n"São João"}', id: '7' },
  { event: 'message', data: 'no space', id: '7' },
  { event: 'message', data: '', id: '' },
  { event: 'message', data: 'carriage returns only', id: '8' },
];

describe('EventStreamParser', () => {
  it('reads the same events wherever the text is cut in two', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const parser = new EventStreamParser();
      const events = [...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))];
      expect(events, `cut at ${cut}`).toEqual(EVENTS);
      expect(parser.retryMs).toBe(1500);
    }
  });

  it('reads the same events character by character', () => {
    const parser = new EventStreamParser();
    expect([...STREAM].flatMap((character) => parser.push(character))).toEqual(EVENTS);
  });

  it('ignores an id that holds a NUL and a retry that is no number', () => {
    const parser = new EventStreamParser();
    expect(parser.push('id: 1\nretry: soon\nid: 2\0\ndata: x\n\n')).toEqual([{ event: 'message', data: 'x', id: '1' }]);
    expect(parser.retryMs).toBeNull();
  });
});

describe('readEventStream', () => {
  it('puts characters together that the network cut', async () => {
    const bytes = new TextEncoder().encode(STREAM);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await collect(readEventStream(body, new EventStreamParser(), 1000))).toEqual(EVENTS);
  });

  it('ends a connection on which nothing comes any more, and closes it', async () => {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      cancel: () => {
        isCancelled = true;
      },
    });
    await expect(collect(readEventStream(body, new EventStreamParser(), 20))).rejects.toThrow('nothing came');
    expect(isCancelled).toBe(true);
  });
});

describe('isNewerEventId', () => {
  it('compares as numbers of any size, not as text', () => {
    expect(isNewerEventId('10', '9')).toBe(true);
    expect(isNewerEventId('9', '10')).toBe(false);
    expect(isNewerEventId('9', '9')).toBe(false);
    expect(isNewerEventId('90071992547409931', '90071992547409930')).toBe(true);
    expect(isNewerEventId('', '9')).toBe(true);
    expect(isNewerEventId('1', null)).toBe(true);
  });
});
