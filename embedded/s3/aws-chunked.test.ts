import { describe, expect, it } from 'vitest';
import { decodeAwsChunks } from './aws-chunked.ts';
import { hmac, type VerifiedSignature } from './signature-v4.ts';

// The worked example in AWS's documentation of chunked uploads: 65 KiB of the letter a, its keys, dates, signatures.
const DAY = '20130524';
const signingKey = [DAY, 'us-east-1', 's3', 'aws4_request'].reduce<Buffer>(
  (key, step) => hmac(key, step),
  Buffer.from('AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
);
const common = { signingKey, timestamp: `${DAY}T000000Z`, scope: `${DAY}/us-east-1/s3/aws4_request` };
const a = (count: number) => 'a'.repeat(count);

const PLAIN = {
  signature: {
    ...common,
    payload: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  },
  body: [
    '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n',
    `${a(65536)}\r\n`,
    '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n',
    `${a(1024)}\r\n`,
    '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n',
    '\r\n',
  ].join(''),
};

const TRAILED = {
  signature: {
    ...common,
    payload: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    signature: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
  },
  body: [
    '10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n',
    `${a(65536)}\r\n`,
    '400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n',
    `${a(1024)}\r\n`,
    '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n',
    'x-amz-checksum-crc32c:sOO8/Q==\r\n',
    'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n',
    '\r\n',
  ].join(''),
};

async function decode(body: string, signature: VerifiedSignature, pieceBytes = 10_000) {
  async function* pieces() {
    for (let i = 0; i < body.length; i += pieceBytes) yield Buffer.from(body.slice(i, i + pieceBytes), 'latin1');
  }
  const trailers = new Map<string, string>();
  let text = '';
  for await (const piece of decodeAwsChunks(pieces(), signature, trailers)) text += piece.toString('latin1');
  return { text, trailers: Object.fromEntries(trailers) };
}

const codeOf = (decoding: Promise<unknown>) =>
  decoding.then(
    () => 'accepted',
    (error: { code: string }) => error.code,
  );

describe('signed chunks', () => {
  it.each([1, 7, 65_536, 1_000_000])('are decoded when they come in pieces of %i bytes', async (pieceBytes) => {
    expect(await decode(PLAIN.body, PLAIN.signature, pieceBytes)).toEqual({ text: a(66_560), trailers: {} });
    const trailers = { 'x-amz-checksum-crc32c': 'sOO8/Q==' };
    expect(await decode(TRAILED.body, TRAILED.signature, pieceBytes)).toEqual({ text: a(66_560), trailers });
  });

  it.each([
    ['a byte is changed', `aaaa\r\n400`, `aaab\r\n400`],
    ["a chunk's signature is changed", 'ad80c730', 'ad80c731'],
    ["a later chunk's signature is changed", '0055627c', '0055627d'],
    ["the last chunk's signature is changed", 'b6c6ea8a', 'b6c6ea8b'],
    ['the signature the chain begins with is another', '', ''],
  ])('are refused when %s', async (_, from, to) => {
    const signature = from === '' ? { ...PLAIN.signature, signature: '0'.repeat(64) } : PLAIN.signature;
    expect(await codeOf(decode(PLAIN.body.replace(from, to), signature))).toBe('SignatureDoesNotMatch');
  });

  it('are refused without signatures, cut short, or with something behind them', async () => {
    const attempt = (body: string) => codeOf(decode(body, PLAIN.signature));
    expect(await attempt(PLAIN.body.replace(/;chunk-signature=\w+/, ''))).toBe('InvalidRequest');
    expect(await attempt(PLAIN.body.slice(0, 66_000))).toBe('IncompleteBody');
    expect(await attempt(PLAIN.body.slice(0, PLAIN.body.indexOf('0;chunk')))).toBe('IncompleteBody');
    expect(await attempt(`${PLAIN.body}more`)).toBe('InvalidRequest');
    expect(await attempt(`zz${PLAIN.body}`)).toBe('InvalidRequest');
    expect(await attempt(a(100_000))).toBe('InvalidRequest');
    expect(await attempt('')).toBe('IncompleteBody');
  });

  it('are refused with a trailer that nobody signed', async () => {
    const body = `${PLAIN.body.slice(0, -2)}x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n`;
    expect(await codeOf(decode(body, PLAIN.signature))).toBe('MalformedTrailerError');
  });
});

describe('signed trailers', () => {
  it('are refused when changed, signed otherwise, or not signed at all', async () => {
    const attempt = (from: RegExp, to: string) => codeOf(decode(TRAILED.body.replace(from, to), TRAILED.signature));
    expect(await attempt(/sOO8/, 'sOO9')).toBe('SignatureDoesNotMatch');
    expect(await attempt(/d81f82fc/, 'd81f82fd')).toBe('SignatureDoesNotMatch');
    expect(await attempt(/x-amz-checksum-crc32c:.*\r\n/, '')).toBe('SignatureDoesNotMatch');
    expect(await attempt(/x-amz-trailer-signature:.*\r\n/, '')).toBe('MalformedTrailerError');
    expect(await attempt(/(x-amz-checksum-crc32c:.*\r\n)/, '$1$1')).toBe('MalformedTrailerError');
    expect(await attempt(/x-amz-checksum-crc32c:/, '')).toBe('MalformedTrailerError');
  });
});

describe('unsigned chunks', () => {
  const signature = { ...common, signature: '', payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };

  it('are decoded with their trailer', async () => {
    const body = '5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32: NhCmhg== \r\n\r\n';
    const trailers = { 'x-amz-checksum-crc32': 'NhCmhg==' };
    expect(await decode(body, signature, 3)).toEqual({ text: 'hello', trailers });
    expect(await decode(body.slice(0, -2), signature, 3)).toEqual({ text: 'hello', trailers });
  });

  it('are refused when a length is wrong', async () => {
    expect(await codeOf(decode('4\r\nhello\r\n0\r\n\r\n', signature))).toBe('InvalidRequest');
    expect(await codeOf(decode('6\r\nhello\r\n0\r\n\r\n', signature))).toBe('InvalidRequest');
    expect(await codeOf(decode('-5\r\nhello\r\n0\r\n\r\n', signature))).toBe('InvalidRequest');
  });
});
