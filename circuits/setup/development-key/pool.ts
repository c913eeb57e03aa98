import { Worker } from "node:worker_threads";
import type { CurveProgram } from "./curve-program.ts";
import type { KeyScalars } from "./qap.ts";
import type { Answer, Task } from "./worker.ts";

type Waiting = {
  readonly task: Task;
  readonly resolve: (result: KeyScalars | undefined) => void;
  readonly reject: (error: unknown) => void;
};

/** Threads that take tasks from one queue, first come first served. */
export class Pool {
  readonly #idle: Worker[] = [];
  readonly #workers: Worker[] = [];
  readonly #queue: Waiting[] = [];
  readonly #running = new Map<Worker, Waiting>();
  #failure: unknown;

  constructor(threads: number, program: CurveProgram) {
    for (let index = 0; index < threads; index++) {
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: program });
      worker.on("message", (answer: Answer) => this.#finish(worker, answer));
      worker.on("error", (error) => this.#fail(error));
      this.#workers.push(worker);
      this.#idle.push(worker);
    }
  }

  get threads(): number {
    return this.#workers.length;
  }

  run(task: Task): Promise<KeyScalars | undefined> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #next(): void {
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      const worker = this.#idle.pop() as Worker;
      const waiting = this.#queue.shift() as Waiting;
      this.#running.set(worker, waiting);
      worker.postMessage(waiting.task);
    }
  }

  #finish(worker: Worker, { result, error }: Answer): void {
    const waiting = this.#running.get(worker);
    this.#running.delete(worker);
    this.#idle.push(worker);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(error);
    this.#next();
  }

  /** A thread died: nothing that waits can finish. */
  #fail(error: unknown): void {
    this.#failure = error;
    for (const waiting of [...this.#running.values(), ...this.#queue.splice(0)]) waiting.reject(error);
  }
}
