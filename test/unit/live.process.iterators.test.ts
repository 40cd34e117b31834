import { iteratorsSuite } from '../support/live/iteratorsSuite.js';

iteratorsSuite({ name: 'process', engine: 'embedded' });
