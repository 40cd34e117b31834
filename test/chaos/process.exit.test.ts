import { exitSuite } from '../support/live/exitSuite.js';

exitSuite('process');
