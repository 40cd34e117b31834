import { contractSuite } from '../support/live/contractSuite.js';

contractSuite({ name: 'process', engine: 'embedded' });
