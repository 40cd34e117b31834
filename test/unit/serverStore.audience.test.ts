import { SqliteRoomStore } from '#lib/server/store/SqliteRoomStore';
import { audienceSuite } from '../support/server/audienceSuite.js';

audienceSuite('SQLite', () => new SqliteRoomStore());
