/** One server-sent event, its data parsed. */
export interface StreamEvent {
  event: string;
  data: unknown;
}

/** Reads a stream of server-sent events as a browser's EventSource does: named events, one at a time. */
export class EventStream {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #heard: StreamEvent[] = [];
  #text = "";

  private constructor(response: Response) {
    this.response = response;
    if (response.body === null) throw new Error(`The answer ${response.status} has no body.`);
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async open(url: string, headers: Record<string, string>): Promise<EventStream> {
    return new EventStream(await fetch(url, { headers: { accept: "text/event-stream", ...headers } }));
  }

  /** The next event; null once the stream has ended. */
  async next(): Promise<StreamEvent | null> {
    while (this.#heard.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += value;
      const blocks = this.#text.split("\n\n");
      this.#text = blocks.pop() as string;
      this.#heard.push(...blocks.map(parsed));
    }
    return this.#heard.shift() ?? null;
  }

  /** The next event of that name; those before it are passed over. Throws where the stream ends before it. */
  async nextOf(event: string): Promise<unknown> {
    for (;;) {
      const next = await this.next();
      if (next === null) throw new Error(`The stream has ended; there was no "${event}".`);
      if (next.event === event) return next.data;
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}

function parsed(block: string): StreamEvent {
  const lines = block.split("\n");
  const field = (name: string): string =>
    lines.flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : [])).join("\n");
  return { event: field("event"), data: JSON.parse(field("data")) };
}
