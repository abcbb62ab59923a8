import { connect } from 'node:net';

/** Sends bytes that no client library would send; gives what came back until the end, or the time was up. */
export function sendRaw(url: string, bytes: string, seconds = 20): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(end, seconds * 1000);
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', end).on('error', end);
  });
}
