import { encodedSuite } from '../support/live/encodedSuite.js';

encodedSuite({ name: 'process', engine: 'embedded' });
