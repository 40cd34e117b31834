import { encodedSuite } from '../support/live/encodedSuite.js';

encodedSuite('embedded');
