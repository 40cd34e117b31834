import type { Histogram } from 'prom-client';

export interface RequestLabels {
  method: string;
  route: string;
  status: number;
  /** Of the answer's body. */
  code: number;
}

interface Answered {
  labels: RequestLabels;
  count: number;
}

/** Times that wait to be observed: together they take a fifth of what each takes by itself. */
const maxPending = 1000;

/** The requests of one route since the last scrape: counted by a comparison, where all were answered alike. */
export class RouteFigures {
  readonly #route: string;
  readonly #seconds: Histogram.Internal<'route'> | undefined;
  #latest: Answered | undefined;
  #answered: Answered[] = [];
  #pending: number[] = [];

  constructor(route: string, seconds: Histogram.Internal<'route'> | undefined) {
    this.#route = route;
    this.#seconds = seconds;
  }

  add(method: string, status: number, code: number, seconds: number): void {
    const isLike = ({ labels }: Answered) =>
      labels.status === status && labels.code === code && labels.method === method;
    let answered = this.#latest && isLike(this.#latest) ? this.#latest : this.#answered.find(isLike);
    if (!answered) {
      answered = { labels: { method, route: this.#route, status, code }, count: 0 };
      this.#answered.push(answered);
    }
    answered.count++;
    this.#latest = answered;
    if (!this.#seconds) return;
    this.#pending.push(seconds);
    if (this.#pending.length >= maxPending) this.#observe();
  }

  /** How many there were, by labels; they are counted anew from now on, and times are observed. */
  take(): { labels: RequestLabels; count: number }[] {
    this.#observe();
    const answered = this.#answered;
    this.#answered = [];
    this.#latest = undefined;
    return answered;
  }

  #observe(): void {
    for (const seconds of this.#pending) this.#seconds?.observe(seconds);
    this.#pending.length = 0;
  }
}
