import { framesSuite } from '../support/live/framesSuite.js';

framesSuite({ name: 'process', engine: 'embedded' });
