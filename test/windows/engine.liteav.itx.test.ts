import { liteavSuite } from './support/liteavSuite.js';

liteavSuite('itx');
