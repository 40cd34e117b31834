import { listenersSuite } from '../support/live/listenersSuite.js';

listenersSuite({ name: 'process', engine: 'embedded' });
