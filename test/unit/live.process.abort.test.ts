import { abortSuite } from '../support/live/abortSuite.js';

abortSuite({ name: 'process', engine: 'embedded' });
