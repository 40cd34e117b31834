import { liteavSuite } from './support/liteavSuite.js';

liteavSuite('v2-r3');
