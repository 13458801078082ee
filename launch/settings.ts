import path from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from './provision/paths';

const portForm = 'must be a port, a whole number from 1 to 65535';

/**
 * What whoever types `npm start` may set. Ports are wishes: a taken one is moved aside with a message. TEMPORAL_ADDRESS and MONGODB_URI name servers that
 * run already; then none is started.
 */
const port = z.string().regex(/^\d{1,5}$/, portForm).transform(Number).refine((value) => value >= 1 && value <= 65_535, portForm);

export const LaunchSettings = z.object({
  PORT: port.default(3000),
  SYSTEMS_PORT: port.default(3001),
  TEMPORAL_PORT: port.default(7233),
  TEMPORAL_UI_PORT: port.default(8233),
  TEMPORAL_METRICS_PORT: port.default(9233),
  WORKER_METRICS_PORT: port.default(9234),
  MONGODB_PORT: port.default(27_017),
  TEMPORAL_ADDRESS: z.string().regex(/^[^\s/]+:\d+$/, 'must be host:port').optional(),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_TASK_QUEUE: z.string().min(1).default('wenze'),
  /** Where the Temporal UI asks for payloads to be decoded; absent: our API, which shows them to whoever has logged in there and may see them. */
  TEMPORAL_UI_CODEC_ENDPOINT: z.url().optional(),
  MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://').optional(),
  MONGODB_DB: z.string().min(1).default('wenze'),
  /** The folder of all state: databases, logs, generated secrets. */
  WENZE_DATA: z.string().min(1).default('.data').transform((folder) => path.resolve(repositoryRoot(), folder)),
  NODE_ENV: z.string().optional().refine((value) => value !== 'production', 'npm start runs a demo with known passwords and is refused when NODE_ENV=production; see docker-compose.yml'),
});
export type LaunchSettings = z.infer<typeof LaunchSettings>;

/** The settings from an environment, empty values counting as absent. Throws one error that names every bad variable, without its value. */
export function readSettings(source: Readonly<Record<string, string | undefined>>): LaunchSettings {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = LaunchSettings.safeParse(given);
  if (result.success) return result.data;
  throw new Error(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
}
