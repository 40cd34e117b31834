import { tlsSuite } from '../support/tlsSuite.js';

tlsSuite({ versions: ['TLSv1.3', 'TLSv1.2'], tellsRtt: true });
