import { outgoingSuite } from '../support/live/outgoingSuite.js';

outgoingSuite('embedded');
