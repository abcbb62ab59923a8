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

/**
 * Why no server could listen there now, as the system's code (EADDRINUSE, EACCES, EADDRNOTAVAIL …); null if one could.
 * Another program may still take the port before one does.
 */
export async function portFault(port: number, host = '127.0.0.1'): Promise<string | null> {
  try {
    await listen(host, port);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

/** A port that nobody listens on now. */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  return listen(host, 0);
}
