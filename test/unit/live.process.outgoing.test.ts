import { outgoingSuite } from '../support/live/outgoingSuite.js';

outgoingSuite({ name: 'process', engine: 'embedded' });
