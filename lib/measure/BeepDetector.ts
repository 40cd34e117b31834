/** PCM as the player hands it out: 16-bit, interleaved. */
export interface PcmFrame {
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples of one channel. */
  readonly samples: number;
  /** Of the first sample, ms of the stream. */
  readonly timestampMs: number;
  readonly data: Int16Array;
}

export interface BeepDetectorOptions {
  /** Default 1000, that of the synthetic source. */
  frequencyHz?: number;
  /** Amplitude (1 = full scale) above which a tone counts as a beep. Default 0.1; the synthetic source's is 0.5. */
  minAmplitude?: number;
}

/** Correlation window: ten periods at 1 kHz, so that other tones and noise average out. */
const windowMs = 10;
/** Half of the 60 ms beep: by then the window has seen the plateau. */
const plateauMs = 30;
/** Frames whose timestamps differ by more than this from the samples counted begin a new stretch. RTMP rounds to 1 ms. */
const gapMs = 5;

/**
 * Finds where beeps begin in decoded sound. The amplitude of the tone in a sliding window rises linearly over the window
 * at an onset, so the onset is half a window before the half-amplitude point; both are interpolated between samples.
 * AAC smears an onset both ways about its true place, which moves that point little: within 1 ms on plain PCM, within
 * 5 ms after AAC at 64 kbit/s.
 */
export class BeepDetector {
  readonly #frequencyHz: number;
  readonly #minAmplitude: number;
  #sampleRate = 0;
  #size = 0;
  #cosines = new Float64Array(0);
  #sines = new Float64Array(0);
  #inPhase = new Float64Array(0);
  #quadrature = new Float64Array(0);
  #sumInPhase = 0;
  #sumQuadrature = 0;
  #position = 0;
  #filled = 0;
  #nextMs = Number.NaN;
  /** Amplitudes before and during the rise; its length bounds what is kept. */
  #history: number[] = [];
  #sinceRise = -1;
  #armed = true;

  constructor(options: BeepDetectorOptions = {}) {
    this.#frequencyHz = options.frequencyHz ?? 1000;
    this.#minAmplitude = options.minAmplitude ?? 0.1;
  }

  /** Takes the next frame; gives the onsets found, in ms of the stream. An onset is reported about 30 ms after it. */
  push(frame: PcmFrame): number[] {
    if (frame.sampleRate !== this.#sampleRate) this.#configure(frame.sampleRate);
    if (!(Math.abs(frame.timestampMs - this.#nextMs) <= gapMs)) this.#reset();
    const onsets: number[] = [];
    const msPerSample = 1000 / frame.sampleRate;
    for (let index = 0; index < frame.samples; index++) {
      const back = this.#step(this.#mono(frame, index));
      if (back !== undefined) onsets.push(frame.timestampMs + (index + 1 - back) * msPerSample - windowMs / 2);
    }
    this.#nextMs = frame.timestampMs + frame.samples * msPerSample;
    return onsets;
  }

  #mono(frame: PcmFrame, index: number): number {
    let sum = 0;
    for (let channel = 0; channel < frame.channels; channel++) sum += frame.data[index * frame.channels + channel] ?? 0;
    return sum / frame.channels / 32768;
  }

  /** One sample in; samples since the half-amplitude point out, when an onset is settled. */
  #step(sample: number): number | undefined {
    const amplitude = this.#amplitude(sample);
    if (this.#filled < this.#size) return undefined;
    if (!this.#armed) {
      if (amplitude < this.#minAmplitude / 2) this.#armed = true;
      return undefined;
    }
    this.#history.push(amplitude);
    const kept = 2 * this.#size + Math.round((plateauMs * this.#sampleRate) / 1000);
    if (this.#history.length > kept) this.#history.splice(0, this.#history.length - kept);
    if (this.#sinceRise < 0) {
      if (amplitude >= this.#minAmplitude) this.#sinceRise = 0;
      return undefined;
    }
    this.#sinceRise++;
    if (this.#sinceRise * 1000 < plateauMs * this.#sampleRate) return undefined;
    const back = this.#samplesSinceHalf();
    this.#history = [];
    this.#sinceRise = -1;
    this.#armed = false;
    return back;
  }

  #samplesSinceHalf(): number | undefined {
    const tail = this.#history.slice(-Math.round(this.#size / 2));
    const half = tail.reduce((sum, value) => sum + value, 0) / tail.length / 2;
    // A click is over by now: what is left of it is no plateau.
    if (half < this.#minAmplitude / 2) return undefined;
    for (let index = 1; index < this.#history.length; index++) {
      const before = this.#history[index - 1] ?? 0;
      const after = this.#history[index] ?? 0;
      if (before < half && after >= half) {
        return this.#history.length - (index + (half - before) / (after - before));
      }
    }
    return undefined;
  }

  #amplitude(sample: number): number {
    const at = this.#position;
    const inPhase = sample * (this.#cosines[at] ?? 0);
    const quadrature = sample * (this.#sines[at] ?? 0);
    this.#sumInPhase += inPhase - (this.#inPhase[at] ?? 0);
    this.#sumQuadrature += quadrature - (this.#quadrature[at] ?? 0);
    this.#inPhase[at] = inPhase;
    this.#quadrature[at] = quadrature;
    this.#position = (at + 1) % this.#size;
    if (this.#filled < this.#size) this.#filled++;
    return (2 * Math.hypot(this.#sumInPhase, this.#sumQuadrature)) / this.#size;
  }

  #configure(sampleRate: number): void {
    this.#sampleRate = sampleRate;
    // Whole periods, so that the reference runs on through the ring.
    const period = sampleRate / this.#frequencyHz;
    this.#size = Math.max(1, Math.round(Math.round((windowMs / 1000) * this.#frequencyHz) * period));
    const angle = (2 * Math.PI * this.#frequencyHz) / sampleRate;
    this.#cosines = Float64Array.from({ length: this.#size }, (_, index) => Math.cos(angle * index));
    this.#sines = Float64Array.from({ length: this.#size }, (_, index) => Math.sin(angle * index));
    this.#reset();
  }

  #reset(): void {
    this.#inPhase = new Float64Array(this.#size);
    this.#quadrature = new Float64Array(this.#size);
    this.#sumInPhase = 0;
    this.#sumQuadrature = 0;
    this.#position = 0;
    this.#filled = 0;
    this.#history = [];
    this.#sinceRise = -1;
    // A tone that is under way began before this stretch.
    this.#armed = false;
  }
}
