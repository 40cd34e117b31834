import { listenersSuite } from '../support/live/listenersSuite.js';

listenersSuite('embedded');
