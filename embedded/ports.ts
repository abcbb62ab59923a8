import net from 'node:net';

function listen(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen({ host, port, exclusive: true }, () => {
      const { port: bound } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(bound));
    });
  });
}

/** Whether a server could listen on this port now. Another program may still take it before one does. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  try {
    await listen(host, port);
    return true;
  } catch {
    return false;
  }
}

/** A port of loopback that nobody listens on now. */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  return listen(host, 0);
}
