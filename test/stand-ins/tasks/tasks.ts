import { randomUUID } from "node:crypto";
import { postWithToken, type HttpTarget } from "./dispatch.ts";
import { backOff, bodyOf, checkTask, lastPart, queueOf, retriesOf, viewOf } from "./task.ts";
import type { Delivery, Task, TaskView } from "./task.ts";
import { Failure } from "../platform/faults.ts";
import { secondsOf, timestamp, type GrpcService, type Message } from "../platform/grpc.ts";
import type { World } from "../platform/world.ts";

/** Production remembers a task's name for about an hour after its end. */
const NAME_KEPT_SECONDS = 3600;
/**
 * Cloud Tasks: queues that really deliver, over HTTP with a token, and repeat until they get a 2xx.
 */
export class Tasks {
  /** Every attempt so far, with those that tests delivered by hand. */
  readonly deliveries: Delivery[] = [];
  readonly #world: World & { speed: number };
  readonly #queues = new Map<string, Message>();
  readonly #tasks = new Map<string, Task>();
  readonly #targets = new Map<string, HttpTarget>();
  readonly #gone = new Map<string, number>();
  readonly #stop = new AbortController();
  #inFlight = 0;
  #paused = false;
  #waiting: (() => void)[] = [];

  constructor(world: World & { speed: number }) {
    this.#world = world;
  }

  /** Makes a queue of that id, and returns its full name. */
  addQueue(id: string, settings: Message = {}): string {
    const name = `projects/${this.#world.project}/locations/${this.#world.region}/queues/${id}`;
    this.#queues.set(name, { ...settings, name, state: "RUNNING", retryConfig: retriesOf(settings) });
    return name;
  }

  /** The queued tasks, earliest first. */
  list(): TaskView[] {
    return [...this.#tasks.values()].map(viewOf).sort((a, b) => a.due.getTime() - b.due.getTime());
  }

  /** From now on due tasks stay in the queue; `deliver` brings them. */
  pause(): void {
    this.#paused = true;
    for (const task of this.#tasks.values()) task.unschedule?.();
  }

  resume(): void {
    this.#paused = false;
    for (const task of this.#tasks.values()) this.#schedule(task);
  }

  /** Delivers a task (default: the first) once, now, even if it is not due. */
  async deliver(name = this.list()[0]?.name): Promise<Delivery> {
    const task = this.#tasks.get(name ?? "");
    if (!task) throw new Error(`There is no task ${name ?? ""}`);
    task.unschedule?.();
    return this.#attempt(task);
  }

  /**
   * Delivers a task once more, beside the queue: a waiting one, a current one, or one long done.
   */
  async duplicate(name: string): Promise<Delivery> {
    const target = this.#targets.get(name);
    if (!target) throw new Error(`There was no task ${name}`);
    return this.#post(name, target, {});
  }

  /** Loses a task (default: all of them), as no queue should. */
  drop(name?: string): void {
    for (const task of name ? [this.#tasks.get(name)!] : [...this.#tasks.values()]) this.#remove(task);
  }

  /** Resolves when nothing is queued or under way. */
  async idle(): Promise<void> {
    while (this.#inFlight > 0 || this.#tasks.size > 0)
      await new Promise<void>((done) => this.#waiting.push(done));
  }

  close(): void {
    this.#stop.abort();
    this.drop();
  }

  services(): GrpcService[] {
    const methods = {
      GetQueue: ({ name }: Message) => this.#queue(name),
      CreateQueue: ({ parent, queue }: Message) => this.#createQueue(parent, queue),
      UpdateQueue: ({ queue }: Message) => this.#queues.get(this.addQueue(lastPart(queue.name), queue)),
      CreateTask: ({ parent, task }: Message) => this.#create(parent, task),
      GetTask: ({ name }: Message) => this.#task(name).message,
      ListTasks: ({ parent }: Message) => ({
        tasks: [...this.#tasks.values()]
          .map(({ message }) => message)
          .filter(({ name }) => name.startsWith(`${parent}/`)),
      }),
      DeleteTask: ({ name }: Message) => this.#remove(this.#task(name)),
    };
    const stats = { GetQueue: ({ name, readMask }: Message) => this.#queueWith(name, readMask?.paths ?? []) };
    return [
      { client: "tasks", name: "google.cloud.tasks.v2.CloudTasks", called: "Tasks", methods },
      { client: "tasks", name: "google.cloud.tasks.v2beta3.CloudTasks", called: "TasksBeta", methods: stats },
    ];
  }

  /** Production's numbers are estimates, and come only to those who name them. */
  #queueWith(name: string, fields: string[]): Message {
    const { name: known, state } = this.#queue(name);
    if (!fields.includes("stats")) return { name: known, state };
    const tasks = [...this.#tasks.values()].filter(({ message }) => queueOf(message.name) === name);
    const oldest = tasks.map(({ message }) => message.createTime as { seconds: string })[0];
    return {
      name: known,
      state,
      stats: { tasksCount: tasks.length, ...(oldest && { oldestEstimatedArrivalTime: oldest }) },
    };
  }

  #queue(name: string): Message {
    const queue = this.#queues.get(name);
    if (queue) return queue;
    throw new Failure("NOT_FOUND", `Queue does not exist: ${name}. If you just created it, wait a minute.`);
  }

  #createQueue(parent: string, queue: Message): Message {
    const name = queue.name || `${parent}/queues/unnamed`;
    if (this.#queues.has(name)) throw new Failure("ALREADY_EXISTS", `Queue already exists: ${name}`);
    return this.#queues.get(this.addQueue(lastPart(name), queue));
  }

  #task(name: string): Task {
    const task = this.#tasks.get(name);
    if (task) return task;
    throw new Failure(
      "NOT_FOUND",
      "The task no longer exists, though a task with this name existed recently, or never did.",
    );
  }

  #create(parent: string, asked: Message): Message {
    this.#queue(parent);
    const { clock, speed } = this.#world;
    const name: string = asked.name || `${parent}/tasks/${randomUUID()}`;
    checkTask(parent, name, asked);
    const forgotten = (this.#gone.get(name) ?? -Infinity) + NAME_KEPT_SECONDS * 1000 < clock.now();
    if (this.#tasks.has(name) || !forgotten) {
      throw new Failure(
        "ALREADY_EXISTS",
        "The task cannot be created because a task with this name existed too recently.",
      );
    }
    const now = clock.now();
    // The creator of a task uses the real time, even if tests have advanced this clock.
    const delay = asked.scheduleTime ? Math.max(0, secondsOf(asked.scheduleTime) * 1000 - Date.now()) : 0;
    const message = {
      ...asked,
      name,
      createTime: timestamp(now),
      scheduleTime: asked.scheduleTime ?? timestamp(now),
      view: "BASIC",
    };
    const target = { ...asked.httpRequest, deadline: secondsOf(asked.dispatchDeadline) || 600 };
    const task = { message, target, due: now + delay / speed, attempts: 0, answered: 0 };
    this.#tasks.set(name, task);
    this.#targets.set(name, target);
    this.#schedule(task);
    return message;
  }

  #schedule(task: Task): void {
    task.unschedule?.();
    if (this.#paused) return;
    task.unschedule = this.#world.clock.at(task.due, () => void this.#attempt(task));
  }

  async #attempt(task: Task): Promise<Delivery> {
    task.attempts++;
    const { name } = task.message;
    const retries = this.#queue(queueOf(name)).retryConfig;
    const delivery = await this.#post(name, task.target, task);
    if (delivery.status > 0) task.answered++;
    if (this.#tasks.get(name) !== task) return delivery;
    const isOver = delivery.status >= 200 && delivery.status < 300;
    if (isOver || (retries.maxAttempts > 0 && task.attempts >= retries.maxAttempts)) {
      this.#remove(task);
    } else {
      task.due = this.#world.clock.now() + (backOff(retries, task.attempts) * 1000) / this.#world.speed;
      this.#schedule(task);
    }
    return delivery;
  }

  async #post(
    name: string,
    target: HttpTarget,
    { attempts = 1, answered = 0 }: Partial<Task>,
  ): Promise<Delivery> {
    const { faults, identity } = this.#world;
    const headers = {
      "user-agent": "Google-Cloud-Tasks",
      "x-cloudtasks-queuename": lastPart(queueOf(name)),
      "x-cloudtasks-taskname": lastPart(name),
      "x-cloudtasks-taskretrycount": String(attempts - 1),
      "x-cloudtasks-taskexecutioncount": String(answered),
    };
    const request = { name, url: target.url, body: bodyOf(target) };
    this.#inFlight++;
    try {
      const post = () => postWithToken(identity, target, headers, this.#stop.signal);
      const status = await faults.around("Tasks.deliver", request, post, this.#stop.signal).catch(() => 0);
      const delivery = { task: name, url: target.url, body: request.body, status };
      this.deliveries.push(delivery);
      return delivery;
    } finally {
      this.#inFlight--;
      // Only after the caller has decided if the task stays.
      setImmediate(() => this.#wake());
    }
  }

  #remove(task: Task): void {
    task.unschedule?.();
    this.#tasks.delete(task.message.name);
    this.#gone.set(task.message.name, this.#world.clock.now());
    this.#wake();
  }

  #wake(): void {
    for (const done of this.#waiting.splice(0)) done();
  }
}
