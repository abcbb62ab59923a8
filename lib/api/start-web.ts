import { noteClientAddresses } from '../access/client-address.ts';
import { ensureFirstAdministrator } from '../access/first-administrator.ts';
import { EnvError } from '../env.ts';
import { getServices } from '../services.ts';

/** What a web process does before it answers: settings, the first administrator, an ordered end. */
export async function startWeb(): Promise<void> {
  try {
    const { env, prisma, streams, notifications } = getServices();
    // next-auth takes its address from this variable only.
    // biome-ignore lint/style/noProcessEnv: handed on to a library
    process.env.NEXTAUTH_URL = env.PUBLIC_URL;
    noteClientAddresses(env.TRUSTED_PROXIES);
    const administrator = await ensureFirstAdministrator(prisma, env);
    if (administrator) {
      console.log(`first administrator: ${administrator.email}  password: ${administrator.password}`);
    }
    // `next start` waits for open answers: an event stream would keep it waiting for ever.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        streams.abort();
        void notifications.close();
      });
    }
  } catch (error) {
    console.error(error instanceof EnvError ? error.message : error);
    process.exit(1);
  }
}
