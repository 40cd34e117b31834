/**
 * A thread of the child that does nothing but notice the parent's end: its end of the child's stdin is then closed, by
 * the system if need be. The main thread ends the process in order; where the engine blocks it, this one ends it.
 */
import { Socket } from 'node:net';

/** More than child.ts takes to end in order. */
const graceMs = 3000;

const stdin = new Socket({ fd: 0, readable: true, writable: false });
stdin.on('error', () => {});
stdin.on('close', () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs));
stdin.resume();
