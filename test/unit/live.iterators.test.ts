import { iteratorsSuite } from '../support/live/iteratorsSuite.js';

iteratorsSuite('embedded');
