import { parentPort } from 'node:worker_threads';
import { BadRequest, UnreadableReview } from '../../admission/review/bad-request.ts';
import { readLargeReview } from '../../admission/review/read-review.ts';
import type { Told } from './reading-thread.ts';

/** The program of the thread: any other error is a bug, and ends the thread. */
parentPort?.on('message', (body: Uint8Array) => parentPort?.postMessage(told(body), []));

function told(body: Uint8Array): Told {
  try {
    return { read: readLargeReview(body) };
  } catch (error) {
    if (error instanceof BadRequest) return { problem: error.message, isUnreadable: error instanceof UnreadableReview };
    throw error;
  }
}
