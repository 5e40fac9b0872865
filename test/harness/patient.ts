import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, ApiClient } from './api-client.ts';

/** As client-go (rest/request.go, maxRetries). */
const MOST_RETRIES = 10;

/** patiently asks again where it is told when to, as client-go does: after a 429 or a 5xx with `Retry-After`. */
export async function patiently(ask: () => ReturnType<ApiClient['request']>): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    const answer = await ask();
    const isRetried = answer.status === 429 || answer.status >= 500;
    if (!isRetried || answer.retryAfter === undefined || tries === MOST_RETRIES) return answer;
    await pause(answer.retryAfter * 1000);
  }
}
