import { formatsSuite } from '../support/live/formatsSuite.js';

formatsSuite({ name: 'process', engine: 'embedded' });
