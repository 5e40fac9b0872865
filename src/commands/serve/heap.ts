import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/**
 * holdYoungGeneration keeps V8 from widening the space for new objects, and returns what lets it again. While thousands
 * of objects are read at start, most of what is new lives on, and the wide space that V8 makes for it is never given
 * back: 40 MB of 280 with 50,000 policies (`npm run bench -- --only memory`). A server under load is faster with it.
 * The flag is read at each collection (V8, heap.cc, semi_space_growth_factor; 2 is its default).
 */
export function holdYoungGeneration(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  return () => setFlagsFromString('--semi-space-growth-factor=2');
}

/** heapLimit returns how many bytes V8 lets the heap grow to before it ends the process. */
export function heapLimit(): number {
  return getHeapStatistics().heap_size_limit;
}
