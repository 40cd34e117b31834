import { formatsSuite } from '../support/live/formatsSuite.js';

formatsSuite('embedded');
