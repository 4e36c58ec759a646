/**
 * `focalnet demo`
 */
import { runDemo } from '../demo/run-demo.ts';
import { type Command, print } from './command.ts';

export const demo: Command = {
  help: `  --once          end after the journey; the last line is one JSON object
  --only A,B      only these steps (send must be among them for answer and represented)

  npm run demo
  npm run demo -- --once`,
  run: async (values) => {
    const stopped = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    const once = values.once === true;
    const only = typeof values.only === 'string' ? { only: values.only.split(',') } : {};
    const result = await runDemo({ once, ...only, stopped, print });
    if (once) print(JSON.stringify(result));
    return result.ok ? 0 : 1;
  },
};
