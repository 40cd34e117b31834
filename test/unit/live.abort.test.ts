import { abortSuite } from '../support/live/abortSuite.js';

abortSuite('embedded');
