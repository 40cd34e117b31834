import { contractSuite } from '../support/live/contractSuite.js';

contractSuite('embedded');
